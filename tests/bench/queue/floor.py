"""The bare drivers doing what the product was seen to do, for other jobs, and nothing else."""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from tests.bench.queue.cost import Cost, metered
from tests.bench.queue.recorded import Step
from windmill_lite.base.ids import new_id
from windmill_lite.store.db.postgres import _READER, _WRITER
from windmill_lite.store.db.sqlite_file import connect_writer, reader_uri


@dataclass(frozen=True, slots=True)
class Act:
    """What the product did with the job `of`; `brought` is the job that it took along, if any."""

    steps: Sequence[Step]
    of: UUID
    brought: UUID | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """How the product did it: jobs in a commit, connections at once, jobs for which one read was
    made; and for how many to do it.
    """

    group: int
    lanes: int
    count: int
    share: int = 1

    @property
    def commits(self) -> int:
        """On each lane."""
        return max(1, self.count // self.group // self.lanes)

    @property
    def warm_up(self) -> int:
        """Commits before those that are measured."""
        return max(1, self.commits // 4)

    @property
    def jobs(self) -> int:
        """For all that is done and held, and a few more."""
        return (self.commits + self.warm_up + 4) * self.group * self.lanes


class Line:
    """A step, ready to be done for any job; for many at once where it says them in one text."""

    def __init__(self, step: Step, act: Act, dialect: str) -> None:
        self.sql, self.writes, self.alone = step.sql, step.writes, step.alone
        self.many = step.many
        self._values = step.values[0] if step.many else step.values
        values = self._values
        pairs = list(enumerate(values))

        def spots(job_id: UUID | None) -> list[Any]:
            wanted = job_id.bytes if job_id is not None and dialect == "sqlite" else job_id
            return [key for key, value in pairs if value == wanted and wanted is not None]

        self._of, self._brought = spots(act.of), spots(act.brought)
        said = str(act.of)
        told = (key for key, value in pairs if isinstance(value, str) and said in value)
        self.list: Any = next(told, None)  # where a JSON array of jobs is
        self._facts = json.loads(values[self.list])[0] if self.list is not None else {}

    def values(self, of: object, brought: object) -> Any:
        if not self._of and not self._brought:
            return self._values
        values = self._values.copy()
        for spot in self._of:
            values[spot] = of
        for spot in self._brought:
            values[spot] = brought
        return values

    def values_of_all(self, jobs: Sequence[object]) -> Any:
        """Their facts are written as JSON for each of them, as other drivers write each value."""
        values = self._values.copy()
        values[self.list] = json.dumps([{**self._facts, "id": str(job)} for job in jobs])
        return values


def lines_of(act: Act, dialect: str) -> list[Line]:
    return [Line(step, act, dialect) for step in act.steps]


def _taking_turns(lines: list[Line], share: int) -> Iterator[list[Line]]:
    """What is done for one job after the other: of so many, one reads."""
    writes = [line for line in lines if line.writes]
    return itertools.cycle([lines, *[writes] * (share - 1)])


def _new_ids(count: int) -> Iterator[UUID]:
    """Made before anything is measured."""
    return iter([new_id(1_000_000 + number) for number in range(count)])


def sqlite_floor(path: Path, act: Act, shape: Shape, first: Act | None = None) -> Cost:
    """On one connection, with the reads on another. `first` takes the jobs to begin with; without,
    every job is a new one.
    """
    lines, opening = lines_of(act, "sqlite"), lines_of(first, "sqlite") if first else []
    rows = [line for line in lines if line.many]
    turns = _taking_turns([line for line in lines if not line.many], shape.share)
    fresh = _new_ids(shape.jobs)
    with (
        closing(connect_writer(path)) as writer,
        closing(sqlite3.connect(reader_uri(path), uri=True, isolation_level=None)) as reader,
    ):
        writer.row_factory = None
        hands = [_sqlite_job(writer, reader, opening, b"") for _ in range(shape.group)]

        def commits(times: int) -> None:
            nonlocal hands
            for _ in range(times):
                writer.execute("begin immediate")
                ofs = hands if first else [next(fresh).bytes for _ in hands]
                for line in rows:
                    writer.executemany(line.sql, [line.values(of, of) for of in ofs])
                hands = [_sqlite_job(writer, reader, next(turns), of) for of in ofs]
                writer.execute("commit")

        commits(shape.warm_up)
        with metered() as cost:
            commits(shape.commits)
            cost.count = shape.commits * shape.group
    return cost


def _sqlite_job(
    writer: sqlite3.Connection, reader: sqlite3.Connection, lines: list[Line], of: object
) -> object:
    """The job that was brought along: rows with an id are it."""
    brought = of
    for line in lines:
        connection = writer if line.writes else reader
        cursor = connection.execute(line.sql, line.values(of, brought))
        rows = cursor.fetchall()
        if rows and line.writes and cursor.description[0][0] == "id":
            brought = rows[0][0]
    return brought


@dataclass(slots=True)
class _Lane:
    """One connection that writes, one that reads, and the jobs they hold."""

    writer: Any
    reader: Any
    lines: list[Line]
    hands: list[object]
    asks: Iterator[bool]  # for each job in turn, whether one reads for it

    async def commits(self, times: int, fresh: Iterator[UUID] | None) -> None:
        begins = any(line.writes and not line.alone for line in self.lines)
        for _ in range(times):
            ofs = self.hands if fresh is None else [next(fresh) for _ in self.hands]
            if begins:
                await self.writer.execute("begin")
            if any(line.list is not None for line in self.lines):
                await self.together(ofs)
            else:
                self.hands = [await self.job(self.lines, of) for of in ofs]
            if begins:
                await self.writer.execute("commit")

    async def together(self, ofs: Sequence[object]) -> None:
        """What is said once for all of them, and what is asked for each."""
        asking = [of for of in ofs if next(self.asks)]
        for line in self.lines:
            if line.list is not None:
                await self.writer.fetch(line.sql, *line.values_of_all(ofs))
                continue
            for of in ofs if line.writes else asking:
                await (self.writer if line.writes else self.reader).fetch(
                    line.sql, *line.values(of, of)
                )

    async def job(self, lines: list[Line], of: object) -> object:
        brought = of
        for line in lines:
            connection = self.writer if line.writes else self.reader
            rows = await connection.fetch(line.sql, *line.values(of, brought))
            if rows and line.writes and "id" in rows[0].keys():  # noqa: SIM118  (a record)
                brought = rows[0]["id"]
        return brought


async def postgres_floor(
    dsn: str, pid: int, act: Act, shape: Shape, first: Act | None = None
) -> Cost:
    """The same on as many connections as there are lanes, each with a reader beside it."""
    lines, opening = lines_of(act, "postgres"), lines_of(first, "postgres") if first else []
    lanes: list[_Lane] = []
    fresh = None if first else _new_ids(shape.jobs)
    async with AsyncExitStack() as undo:

        async def connected(settings: dict[str, str]) -> Any:
            connection = await asyncpg.connect(dsn, server_settings=settings)
            undo.push_async_callback(connection.close)
            return connection

        for _ in range(shape.lanes):
            asks = itertools.cycle([True, *[False] * (shape.share - 1)])
            lane = _Lane(await connected(_WRITER), await connected(_READER), lines, [], asks)
            lane.hands = [await lane.job(opening, None) for _ in range(shape.group)]
            await lane.commits(shape.warm_up, fresh)  # its statements are prepared from now on
            lanes.append(lane)
        with metered(pid) as cost:
            await asyncio.gather(*(lane.commits(shape.commits, fresh) for lane in lanes))
            cost.count = shape.commits * shape.group * shape.lanes
    return cost
