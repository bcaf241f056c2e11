"""The verbs of a transaction on SQLite: coroutines that never suspend.

They run in the writer's thread, where no event loop is; a body goes to its end in one step.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from windmill_lite.base.errors import Bug, Refusal
from windmill_lite.store.db.port import (
    FOREIGN_AWAIT,
    Body,
    Ordered,
    Params,
    Query,
    Row,
    Rows,
    Scalar,
    Value,
)
from windmill_lite.store.db.sqlite_file import translated

T = TypeVar("T")


class SqliteTx:
    """One run of one body. After a statement has failed, every further verb fails the same way."""

    def __init__(
        self, connection: sqlite3.Connection, path: Path, said: set[str] | None = None
    ) -> None:
        self.topics: dict[str, object] = {}
        self.said = set[str]() if said is None else said  # where its statements are noted
        self.failure: Exception | None = None
        self._connection = connection
        self._path = path

    def speaks(self, query: Query) -> bool:
        return query.speaks("sqlite")

    async def one(self, query: Query, **params: Value) -> Row | None:
        cursor = self._execute(query, params)
        row: Row | None = cursor.fetchone()
        cursor.close()  # a statement that is not at its end would hold back the commit
        return row

    async def all(self, query: Query, **params: Value) -> list[Row]:
        return self._execute(query, params).fetchall()

    async def run(self, query: Query, *ordered: Scalar, **params: Value) -> int:
        cursor = self._execute(query, ordered or params)
        if cursor.description is not None:
            return len(cursor.fetchall())
        if cursor.rowcount >= 0:
            return cursor.rowcount
        # A statement that begins with `with`: the module does not count its rows.
        row: Row = self._connection.execute("select changes() as changed").fetchone()
        return int(row["changed"])

    async def run_many(self, query: Query, rows: Sequence[Params]) -> None:
        self._require_health()
        rendered = [query.render("sqlite", row) for row in rows]
        if not rendered:
            return
        sql = rendered[0][0]
        if any(other != sql for other, _ in rendered):
            raise Bug(f"query {query.name} is not the same statement for every row")
        self.said.add(sql)
        try:
            self._connection.executemany(sql, [values for _, values in rendered])
        except sqlite3.Error as error:
            raise self._failed(error) from error

    async def alone(self, query: Query, **params: Value) -> list[Row] | None:
        """Here a statement more costs next to nothing, and a commit is shared anyway."""
        return await self.all(query, **params) if query.speaks("sqlite") else None

    def ring(self, topic: str, said: object = None) -> None:
        self.topics[topic] = said

    def script(self, statement: str) -> None:
        """A statement without parameters, for migrations."""
        self._require_health()
        try:
            self._connection.execute(statement)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _execute(self, query: Query, params: Params | Ordered) -> sqlite3.Cursor:
        if self.failure is not None:
            raise self.failure
        sql, values = query.render("sqlite", params)
        self.said.add(sql)
        try:
            return self._connection.execute(sql, values)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _require_health(self) -> None:
        if self.failure is not None:
            raise self.failure

    def _failed(self, error: sqlite3.Error) -> Exception:
        self.failure = translated(error, self._path)
        return self.failure


def drive(body: Body[T], tx: SqliteTx) -> T:
    """Runs a body to its end, without a loop.

    Fails: with what the body raised; with the failure of a statement even if the body caught it;
    with `Bug` when the body waits for anything.
    """
    steps = body(tx).__await__()
    try:
        next(steps)
    except StopIteration as end:
        if tx.failure is not None:
            raise tx.failure from None
        result: T = end.value
        return result
    close = getattr(steps, "close", None)
    if close is not None:
        close()
    raise Bug(FOREIGN_AWAIT)


def add_all(connection: sqlite3.Connection, bodies: Sequence[Rows], said: set[str]) -> bool:
    """What these would do one after the other. False: a row was not added, and each has to go by
    itself.
    """
    added: dict[str, list[Any]] = {}
    try:
        for query, row in chain.from_iterable(body.rows for body in bodies):
            sql, values = query.render("sqlite", row)
            added.setdefault(sql, []).append(values)
        said |= added.keys()
        for sql, many in added.items():
            if connection.executemany(sql, many).rowcount != len(many):
                return False
    except (sqlite3.Error, Refusal, Bug):
        return False
    return True


@dataclass(slots=True)
class Request:
    """A body in the queue, and what became of it."""

    body: Body[Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None
    topics: Iterable[tuple[str, object]] = ()

    def run(self, connection: sqlite3.Connection, path: Path, said: set[str]) -> None:
        """Fills in the result or the error; leaves the transaction to the caller."""
        tx = SqliteTx(connection, path, said)
        self.result, self.error, self.topics = None, None, ()
        try:
            self.result = drive(self.body, tx)
            self.topics = tx.topics.items()
        except BaseException as error:  # noqa: BLE001  (belongs to the caller, whatever it is)
            self.error = error
