"""A database in front of which something can go wrong at every single point.

A point is the moment before or after a statement, before a commit, or after one whose answer is
then lost. They are counted in the order in which they are reached; what goes wrong there is either
the end of the process or a database that cannot be reached.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from windmill_lite.base.bell import Bell
from windmill_lite.base.errors import Unavailable
from windmill_lite.store.db.port import (
    Body,
    Db,
    Dialect,
    OutcomeUnknown,
    Params,
    Query,
    Row,
    Scalar,
    Tx,
    Value,
    View,
)

T = TypeVar("T")


class CrashError(BaseException):
    """The process is no more. Nothing of the product can catch it."""


class Kind(StrEnum):
    """What goes wrong at a point."""

    CRASH = "the process ends"
    OUTAGE = "the database is away"


@dataclass(slots=True)
class Fault:
    """Strikes once, at the point `at`; None: only counts. A crash is for ever."""

    at: int | None = None
    kind: Kind = Kind.CRASH
    reached: list[str] = field(default_factory=list)  # the names of the points, in order

    @property
    def struck(self) -> bool:
        return self.at is not None and len(self.reached) > self.at

    def reach(self, point: str, *, committed: bool = False) -> None:
        if self.struck and self.kind is Kind.CRASH:
            raise CrashError("a dead process does nothing")
        self.reached.append(point)
        if self.at != len(self.reached) - 1:
            return
        if self.kind is Kind.CRASH:
            raise CrashError(point)
        raise (OutcomeUnknown if committed else Unavailable)(f"away {point}")


class FaultyView:
    """Reads, with a point before and after each."""

    def __init__(self, view: View, fault: Fault) -> None:
        self._view = view
        self._fault = fault

    async def one(self, query: Query, **params: Value) -> Row | None:
        self._fault.reach(f"before {query.name}")
        found = await self._view.one(query, **params)
        self._fault.reach(f"after {query.name}")
        return found

    async def all(self, query: Query, **params: Value) -> list[Row]:
        self._fault.reach(f"before {query.name}")
        found = await self._view.all(query, **params)
        self._fault.reach(f"after {query.name}")
        return found


class FaultyTx(FaultyView):
    """Reads and writes, with a point before and after each."""

    def __init__(self, tx: Tx, fault: Fault) -> None:
        super().__init__(tx, fault)
        self._tx = tx
        self.over = False  # its only statement has committed
        self.speaks = tx.speaks

    async def run(self, query: Query, *ordered: Scalar, **params: Value) -> int:
        self._fault.reach(f"before {query.name}")
        changed = await self._tx.run(query, *ordered, **params)
        self._fault.reach(f"after {query.name}")
        return changed

    async def run_many(self, query: Query, rows: Sequence[Params]) -> None:
        self._fault.reach(f"before {query.name}")
        await self._tx.run_many(query, rows)
        self._fault.reach(f"after {query.name}")

    async def alone(self, query: Query, **params: Value) -> list[Row] | None:
        self._fault.reach(f"before {query.name}")
        rows = await self._tx.alone(query, **params)
        self.over = rows is not None
        return rows

    def ring(self, topic: str, said: object = None) -> None:
        self._tx.ring(topic, said)


class UndoneTx(FaultyTx):
    """What commits by itself could not be undone, and is not done."""

    def __init__(self, tx: Tx, dialect: Dialect) -> None:
        super().__init__(tx, Fault())
        self._dialect = dialect

    async def alone(self, query: Query, **params: Value) -> list[Row] | None:
        if query.speaks(self._dialect):
            raise _UndoneError
        return None


class FaultyDb:
    """See `port.Db`. `twice`: every body runs once for nothing before it runs, as it may when a
    neighbour in its commit fails or Postgres sees a deadlock.
    """

    def __init__(self, db: Db, fault: Fault, *, twice: bool = False) -> None:
        self._db = db
        self._fault = fault
        self._twice = twice

    @property
    def dialect(self) -> Dialect:
        return self._db.dialect

    @property
    def changes(self) -> int | None:
        return self._db.changes

    @property
    def bell(self) -> Bell:
        return self._db.bell

    async def write(self, body: Body[T]) -> T:
        async def faulty(tx: Tx) -> T:
            watched = FaultyTx(tx, self._fault)
            result = await body(watched)
            if not watched.over:
                self._fault.reach("before the commit")
            return result

        if self._twice:
            await self._for_nothing(body)
        result = await self._db.write(faulty)
        self._fault.reach("after the commit", committed=True)
        return result

    async def _for_nothing(self, body: Body[T]) -> None:
        async def undone(tx: Tx) -> None:
            await body(UndoneTx(tx, self.dialect))
            raise _UndoneError

        with suppress(_UndoneError):
            await self._db.write(undone)

    @asynccontextmanager
    async def view(self, *, snapshot: bool = False) -> AsyncIterator[View]:
        async with self._db.view(snapshot=snapshot) as view:
            yield FaultyView(view, self._fault)

    async def open(self) -> None:
        await self._db.open()

    async def migrate(self) -> Sequence[str]:
        return await self._db.migrate()

    async def close(self) -> None:
        await self._db.close()


class _UndoneError(Exception):
    """Rolls a body back."""
