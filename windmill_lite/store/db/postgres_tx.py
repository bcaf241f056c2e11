"""The verbs of a view and of a transaction on Postgres, on a connection somebody else cares for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from enum import Enum
from typing import Any, TypeVar

from windmill_lite.base.errors import Bug, Unavailable
from windmill_lite.store.db.port import FOREIGN_AWAIT, Body, Params, Query, Row, Scalar, Value
from windmill_lite.store.db.postgres_errors import (
    DRIVER_ERRORS,
    is_read_only,
    lost,
    translated,
    worth_repeating,
)
from windmill_lite.store.db.postgres_link import Connection

T = TypeVar("T")


class PostgresView:
    """Reads. After a statement has failed, every further verb fails the same way."""

    def __init__(self, connection: Connection, statement_s: float | None) -> None:
        self.failure: Exception | None = None
        self.repeatable = False  # the failure is one that another run may not meet
        self.busy = False  # inside a verb
        self._connection = connection
        self._statement_s = statement_s  # None: as long as it takes

    async def one(self, query: Query, **params: Value) -> Row | None:
        sql, values = query.render("postgres", params)
        record = await self._guarded(lambda: self._connection.fetchrow(sql, *values))
        return None if record is None else dict(record)

    async def all(self, query: Query, **params: Value) -> list[Row]:
        sql, values = query.render("postgres", params)
        records = await self._guarded(lambda: self._connection.fetch(sql, *values))
        return [dict(record) for record in records]

    async def control(self, statement: str) -> str:
        """A statement without parameters and rows; what the server calls what it did."""
        return await self._guarded(lambda: self._connection.execute(statement))

    async def _guarded(self, statement: Callable[[], Awaitable[T]]) -> T:
        """Runs a statement under its deadline; a connection that ran into it is spent."""
        if self.failure is not None:
            raise self.failure
        self.busy = True
        try:
            async with asyncio.timeout(self._statement_s):
                return await statement()
        except TimeoutError:
            self._connection.spent = True
            self.failure = Unavailable(f"Postgres did not answer within {self._statement_s:g} s")
            raise self.failure from None
        except DRIVER_ERRORS as error:
            if lost(error):
                self._connection.terminate()
            self.failure, self.repeatable = self._meaning(error), worth_repeating(error)
            raise self.failure from error
        except asyncio.CancelledError:
            self._connection.spent = True  # else the next borrower would wait for it
            raise
        finally:
            self.busy = False

    def _meaning(self, error: BaseException) -> Exception:
        return Bug("a view cannot write") if is_read_only(error) else translated(error)


class Stage(Enum):
    """What a transaction has come to."""

    NEW = "nothing was sent"
    BEGUN = "a commit is owed"
    ALONE = "its only statement was sent, and commits by itself"


class PostgresTx(PostgresView):
    """Reads, writes, rings. Begins with its first verb: a body that asks for nothing sends nothing.

    Made as `BEGUN` it leaves both ends of the transaction to its maker.
    """

    def __init__(
        self, connection: Connection, statement_s: float | None, stage: Stage = Stage.NEW
    ) -> None:
        super().__init__(connection, statement_s)
        self.topics: dict[str, object] = {}
        self.stage = stage

    def _meaning(self, error: BaseException) -> Exception:
        return translated(error)

    def speaks(self, query: Query) -> bool:
        return query.speaks("postgres")

    async def _begin(self) -> None:
        if self.stage is Stage.ALONE:
            raise Bug("a body asked for more after its only statement")
        if self.stage is Stage.NEW:
            self.stage = Stage.BEGUN
            await self.control("begin")

    async def one(self, query: Query, **params: Value) -> Row | None:
        await self._begin()
        return await super().one(query, **params)

    async def all(self, query: Query, **params: Value) -> list[Row]:
        await self._begin()
        return await super().all(query, **params)

    async def alone(self, query: Query, **params: Value) -> list[Row] | None:
        if self.stage is not Stage.NEW:
            raise Bug(f"{query.name} is not the only statement of its body")
        sql, values = query.render("postgres", params)
        self.stage = Stage.ALONE
        records = await self._guarded(lambda: self._connection.fetch(sql, *values))
        return [dict(record) for record in records]

    async def run(self, query: Query, *ordered: Scalar, **params: Value) -> int:
        await self._begin()
        sql, values = query.render("postgres", ordered or params)
        done = await self._guarded(lambda: self._connection.execute(sql, *values))
        count = done.rpartition(" ")[2]  # `UPDATE 3`, `INSERT 0 3`, `CREATE TABLE`
        return int(count) if count.isdigit() else 0

    async def run_many(self, query: Query, rows: Sequence[Params]) -> None:
        await self._begin()
        rendered = [query.render("postgres", row) for row in rows]
        if not rendered:
            return
        sql = rendered[0][0]
        if any(other != sql for other, _ in rendered):
            raise Bug(f"query {query.name} is not the same statement for every row")
        arguments = [values for _, values in rendered]
        await self._guarded(lambda: self._connection.executemany(sql, arguments))

    def ring(self, topic: str, said: object = None) -> None:
        self.topics[topic] = said


async def drive(body: Body[T], tx: PostgresTx) -> T:
    """Runs a body to its end in this task.

    Fails: with what the body raised; with the failure of a statement even if the body caught it;
    with `Bug` when the body waits for anything but `tx`, as on SQLite, where it could not.
    """
    result = await _Steps(body(tx), tx)
    if tx.failure is not None:
        raise tx.failure
    return result


class _Steps(Generator[Any, Any, T]):
    """Hands on what a body waits for and what it is answered, after a look at who asks."""

    def __init__(self, body: Awaitable[T], tx: PostgresView) -> None:
        self._steps: Generator[Any, Any, T] = body.__await__()
        self._tx = tx

    def __await__(self) -> Generator[Any, Any, T]:
        return self

    def send(self, value: Any) -> Any:
        return self._from_the_tx(self._steps.send(value))

    def throw(self, *error: Any) -> Any:
        return self._from_the_tx(self._steps.throw(*error))

    def _from_the_tx(self, wanted: object) -> object:
        if not self._tx.busy:
            self._steps.close()
            raise Bug(FOREIGN_AWAIT)
        return wanted
