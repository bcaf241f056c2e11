"""The database server of a simulated cluster: one transaction after the other, each at one moment.

SQLite in memory by default, a quarter of a millisecond for a whole new server; Postgres for the
same seeds, in a thread with an event loop of its own.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from tests.sim.facts import PARTS, Facts, Q, facts_of, read_facts
from windmill_lite.store.db import migrate
from windmill_lite.store.db.port import Body, Db, Params, Query, Row, Tx, Value
from windmill_lite.store.db.sqlite_tx import SqliteTx, drive
from windmill_lite.store.db.values import row_by_name
from windmill_lite.store.machine import leases

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Committed(Generic[T]):
    """What a transaction returned, and whom it wants to wake."""

    result: T
    topics: tuple[str, ...]


class Clock(Protocol):
    """The server's own: when many nodes share it, it is the one that counts."""

    def __call__(self) -> int:
        """µs"""
        ...


class Server(Protocol):
    """Everything here happens at once; whoever asks has no loop to wait in. `clock` is set before
    the first question.
    """

    clock: Clock | None  # None: there is one node, and its clock is as good

    def transact(self, body: Body[T]) -> Committed[T]:
        """Runs and commits; raises what the body raises, and then nothing has changed."""
        ...

    def read(self, query: Query, params: Params) -> list[Row]:
        """One statement outside a transaction."""
        ...

    def touched(self) -> Sequence[UUID]:
        """The jobs of which anything was written since this was asked last; to be asked after each
        transaction. What is not touched is as it was.
        """
        ...

    def facts(self) -> Facts:
        """As of the last question about what was touched."""
        ...

    def close(self) -> None: ...


def _trigger(table: str, key: str, event: str, row: str) -> str:
    """Notes which job a row belongs to; nothing the product sees is changed by it."""
    note = f"insert or ignore into touched values ({row}.{key})"  # noqa: S608  (names of ours)
    return f"create temp trigger {table}_{event} after {event} on main.{table} begin {note}; end"


_TOUCHED = (
    "create temp table touched(id blob primary key)",
    *(
        _trigger(table, key, event, row)
        for table, key in (
            ("job", "id"),
            ("job_queue", "id"),
            ("job_done", "id"),
            ("job_log", "job_id"),
            ("job_stream", "job_id"),
            ("job_progress", "job_id"),
            ("job_attempt", "job_id"),
        )
        for event, row in (("insert", "new"), ("update", "new"), ("delete", "old"))
    ),
)


class SqliteServer:
    """In memory, with the schema from an image that is made once."""

    def __init__(self) -> None:
        self.clock: Clock | None = None
        self._raw = sqlite3.connect(":memory:", isolation_level=None, cached_statements=512)
        self._raw.deserialize(_image())
        self._raw.execute("pragma foreign_keys = on")
        self._raw.execute("pragma case_sensitive_like = on")
        for statement in _TOUCHED:
            self._raw.execute(statement)
        self._known = Facts({}, {}, {}, {}, {})

    def transact(self, body: Body[T]) -> Committed[T]:
        self._raw.row_factory = row_by_name
        self._raw.execute("begin immediate")
        tx = _ClockedTx(self._raw, self.clock)
        try:
            result = drive(body, tx)
        except BaseException:
            self._raw.execute("rollback")
            raise
        self._raw.execute("commit")
        return Committed(result, tuple(dict.fromkeys(tx.topics)))

    def read(self, query: Query, params: Params) -> list[Row]:
        if self.clock is not None and query is leases.Q.now:
            return [{"now": self.clock()}]
        self._raw.row_factory = row_by_name
        sql, values = query.render("sqlite", params)
        return self._raw.execute(sql, values).fetchall()

    def touched(self) -> Sequence[UUID]:
        self._raw.row_factory = _row_as_tuple
        touched = [row[0] for row in self._raw.execute("select id from touched").fetchall()]
        if touched:
            self._raw.execute("delete from touched")
        for job_id in touched:
            self._known.forget(job_id)
            self._known.learn(facts_of(*(self._rows(name, job_id) for name in PARTS)))
        return touched

    def facts(self) -> Facts:
        return self._known

    def _rows(self, name: str, job_id: UUID) -> list[tuple[Any, ...]]:
        sql, values = Q[name].render("sqlite", {"id": job_id})
        return self._raw.execute(sql, values).fetchall()

    def close(self) -> None:
        self._raw.close()


class _ClockedTx(SqliteTx):
    """Asked for the time, it answers as Postgres would."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock | None) -> None:
        super().__init__(connection, Path("memory"))
        self._clock = clock

    async def one(self, query: Query, **params: Value) -> Row | None:
        if self._clock is not None and query is leases.Q.now:
            return {"now": self._clock()}
        return await super().one(query, **params)


@cache
def _uuid(raw: bytes) -> UUID:
    return UUID(bytes=raw)


def _row_as_tuple(_cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(_uuid(value) if type(value) is bytes else value for value in row)


@cache
def _image() -> bytes:
    """An empty database with the whole schema."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for each in migrate.available():
        for statement in each.statements("sqlite"):
            connection.execute(statement)
    image = connection.serialize()
    connection.close()
    return image


class PostgresServer:
    """A real server behind `db`, which is opened and closed here."""

    def __init__(self, db: Db) -> None:
        self.clock: Clock | None = None
        self._db = db
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="postgres", daemon=True)
        self._thread.start()
        self._known = Facts({}, {}, {}, {}, {})
        self._run(db.open())

    def transact(self, body: Body[T]) -> Committed[T]:
        topics: list[str] = []

        async def noted(tx: Tx) -> T:
            topics.clear()
            return await body(_Noting(tx, topics, self.clock))

        result = self._run(self._db.write(noted))
        return Committed(result, tuple(dict.fromkeys(topics)))

    def read(self, query: Query, params: Params) -> list[Row]:
        if self.clock is not None and query is leases.Q.now:
            return [{"now": self.clock()}]

        async def rows() -> list[Row]:
            async with self._db.view() as view:
                return await view.all(query, **params)

        found: list[Row] = self._run(rows())
        return found

    def touched(self) -> Sequence[UUID]:
        async def facts() -> Facts:
            async with self._db.view() as view:
                return await read_facts(view)

        self._known = self._run(facts())
        return list(self._known.jobs)

    def facts(self) -> Facts:
        return self._known

    def close(self) -> None:
        self._run(self._db.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


class _Noting:
    """A transaction whose rings, and whose clock, are the simulation's."""

    def __init__(self, tx: Tx, topics: list[str], clock: Clock | None) -> None:
        self._tx = tx
        self._topics = topics
        self._clock = clock
        self.all = tx.all
        self.speaks = tx.speaks
        self.alone = tx.alone
        self.run = tx.run
        self.run_many = tx.run_many

    async def one(self, query: Query, **params: Value) -> Row | None:
        if self._clock is not None and query is leases.Q.now:
            return {"now": self._clock()}
        return await self._tx.one(query, **params)

    def ring(self, topic: str, said: object = None) -> None:
        self._topics.append(topic)
