"""A database that writes down what its transactions say to it, and leaves them as they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from windmill_lite.base.bell import Bell
from windmill_lite.store.db.port import (
    Body,
    Db,
    Dialect,
    Ordered,
    Params,
    Query,
    Row,
    Rows,
    Scalar,
    Tx,
    Value,
    View,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """One statement as the driver gets it; with rows of values for the same statement many times.

    `writes`: inside a transaction, or `alone`; else on a connection that only reads.
    """

    sql: str
    values: Any
    writes: bool
    many: bool = False
    alone: bool = False


class Recorder:
    """Keeps the steps of the last write and of the reads before it."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.steps: list[Step] = []

    def note(self, query: Query, params: Params | Ordered, *, writes: bool) -> None:
        self.steps.append(Step(*query.render(self.dialect, params), writes))

    def note_rows(self, query: Query, row: Ordered) -> None:
        """Of one job; those of others are added with it."""
        sql, values = query.render(self.dialect, row)
        self.steps.append(Step(sql, [values], writes=True, many=True))

    def note_alone(self, query: Query, params: Params) -> None:
        self.steps.append(Step(*query.render(self.dialect, params), writes=True, alone=True))

    def note_many(self, query: Query, rows: Sequence[Params]) -> None:
        rendered = [query.render(self.dialect, row) for row in rows]
        if rendered:
            values = [each for _, each in rendered]
            self.steps.append(Step(rendered[0][0], values, writes=True, many=True))

    def taken(self) -> list[Step]:
        """The steps so far; the next ones begin anew."""
        steps, self.steps = self.steps, []
        return steps


class RecordedView:
    def __init__(self, view: View, recorder: Recorder) -> None:
        self._view = view
        self._note = recorder.note
        self._writes = False

    async def one(self, query: Query, **params: Value) -> Row | None:
        self._note(query, params, writes=self._writes)
        return await self._view.one(query, **params)

    async def all(self, query: Query, **params: Value) -> list[Row]:
        self._note(query, params, writes=self._writes)
        return await self._view.all(query, **params)


class RecordedTx(RecordedView):
    def __init__(self, tx: Tx, recorder: Recorder) -> None:
        super().__init__(tx, recorder)
        self._tx = tx
        self._recorder = recorder
        self._writes = True
        self.ring = tx.ring
        self.speaks = tx.speaks

    async def alone(self, query: Query, **params: Value) -> list[Row] | None:
        if query.speaks(self._recorder.dialect):
            self._recorder.note_alone(query, params)
        return await self._tx.alone(query, **params)

    async def run(self, query: Query, *ordered: Scalar, **params: Value) -> int:
        self._note(query, ordered or params, writes=True)
        return await self._tx.run(query, *ordered, **params)

    async def run_many(self, query: Query, rows: Sequence[Params]) -> None:
        self._recorder.note_many(query, rows)
        await self._tx.run_many(query, rows)


class RecordedDb:
    """See `port.Db`; for one caller at a time."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self.recorder = Recorder(db.dialect)
        self.open = db.open
        self.migrate = db.migrate
        self.close = db.close

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
        rows = body.rows if isinstance(body, Rows) else ()
        for query, row in rows:
            self.recorder.note_rows(query, row)
        if rows:
            return await self._db.write(body)
        return await self._db.write(lambda tx: body(RecordedTx(tx, self.recorder)))

    @asynccontextmanager
    async def view(self, *, snapshot: bool = False) -> AsyncIterator[View]:
        async with self._db.view(snapshot=snapshot) as view:
            yield RecordedView(view, self.recorder)
