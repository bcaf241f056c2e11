"""A database with many completed jobs, made fast: straight through the drivers, in bulk.

What is in it is a function of the number of the job: 200 scripts in folders and homes, previews,
children, failures, labels, schedules, three people, two workspaces; the youngest is three hours old
and there is one a second. Some jobs wait, a few run. Of scripts, accounts and tokens there are some
thousands.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

import asyncpg

from windmill_lite.base.clock import to_us
from windmill_lite.base.ids import new_id

NOW = to_us(datetime(2026, 1, 1, tzinfo=UTC))
WORKER = UUID(int=7)
RUNNING = 4
YOUNGEST_S = 10_800
OTHERS = 3_000
SECOND = 1_000_000
_BATCH = 20_000

Rows = Iterator[tuple[Any, ...]]

JOB = (
    "id", "workspace", "kind", "path", "script_hash", "language", "created_by", "permissioned_as",
    "email", "created_at", "scheduled_for", "tag", "parent_id", "root_id", "schedule_path",
    "trigger_kind", "args", "raw_code",
)  # fmt: skip
DONE = (
    "id", "workspace", "kind", "path", "script_hash", "language", "created_by", "permissioned_as",
    "visible_to_owner", "created_at", "tag", "schedule_path", "trigger_kind", "outcome", "root",
    "parent_id", "started_at", "completed_at", "duration_ms", "attempt", "worker", "labels",
    "result",
)  # fmt: skip
QUEUE = (
    "id", "workspace", "tag", "created_at", "scheduled_for", "state", "attempt", "worker_id",
    "started_at",
)  # fmt: skip
LOG = ("job_id", "start", "stop", "attempt", "chunk")
ATTEMPT = ("job_id", "place", "number", "ended", "ended_at")
LABEL = ("workspace", "label", "created_at", "job_id")
WORKERS = (
    "id", "name", "host", "tags", "slots", "version", "sandbox", "started_at", "last_seen_at",
)  # fmt: skip
WORKER_ROW = (WORKER, "w-1", "here", '["python3"]', 4, "0", "process", NOW, NOW)


class Finished:
    """The `number`-th job of `many`, the oldest first."""

    def __init__(self, number: int, many: int) -> None:
        self.number = number
        self.created_at = NOW - (YOUNGEST_S + many - number) * SECOND
        # Not at random: the same jobs every time, though their ids lie as real ones do.
        self.id = _id(self.created_at, number)
        self.workspace = "other" if number % 20 == 0 else "main"
        script = number % 200
        home = ("ada", "bob", "eve")[script % 3]
        self.user = "eve" if number % 5000 == 1 else ("bob" if number % 10 == 1 else "ada")
        self.preview = number % 10 == 3
        self.path = f"f/team{script % 20}/s{script}" if script % 4 else f"u/{home}/s{script}"
        self.child = number % 16 == 5 and number > 5
        self.parent = _id(self.created_at - 5 * SECOND, number - 5) if self.child else None
        self.scheduled = number % 7 == 2
        failed = number % 9 == 0
        self.outcome = "canceled" if number % 97 == 0 else "failure" if failed else "success"
        self.labels = [f"l{number % 50}"] if number % 20 == 11 else []
        self.tag = "gpu" if number % 100 == 50 else "python3"
        self.hash = None if self.preview else f"{script * 10 + number // 1000 % 3:016x}"

    def facts(self) -> tuple[Any, ...]:
        """The columns that `job` and `job_done` share, from workspace to permissioned_as."""
        kind = "preview" if self.preview else "script"
        path = None if self.preview else self.path
        mine = f"u/{self.user}"
        return (self.workspace, kind, path, self.hash, "python3", self.user, mine)

    def job(self) -> tuple[Any, ...]:
        at = self.created_at
        schedule = self.path if self.scheduled else None
        trigger = "schedule" if self.scheduled else "webhook"
        rest = (
            self.tag,
            self.parent,
            self.parent,
            schedule,
            trigger,
            '{"x": 1}',
            "def main(x): ...",
        )
        return (self.id, *self.facts(), f"{self.user}@here.test", at, at, *rest)

    def done(self) -> tuple[Any, ...]:
        at = self.created_at
        schedule = self.path if self.scheduled else None
        trigger = "schedule" if self.scheduled else "webhook"
        labels = json.dumps(self.labels) if self.labels else None
        ending = (self.outcome, int(self.parent is None), self.parent, at + 1000, at + SECOND // 2)
        worker = f"w-{self.number % 10}"
        rest = (*ending, 500, 1, worker, labels, '{"answer": 42}')
        return (self.id, *self.facts(), 1, at, self.tag, schedule, trigger, *rest)

    def log(self) -> tuple[Any, ...]:
        return (self.id, 0, 100, 1, "a line of the log\n" * 5 + "the end ..")

    def attempt(self) -> tuple[Any, ...]:
        return (self.id, 1, 1, "lost", self.created_at + SECOND)

    def label(self) -> Rows:
        for label in self.labels:
            yield (self.workspace, label, self.created_at, self.id)


def _id(created_at: int, number: int) -> UUID:
    """Dated, as new ones are; its noise is a hash of the number."""
    dated = new_id(created_at).int >> 66 << 66
    return UUID(int=dated | (0x2 << 62) | (number * 0x9E3779B97F4A7C15) % (1 << 62))


def _alive(many: int, waiting: int) -> Iterator[Finished]:
    """The jobs in the queue: younger than all others."""
    return (Finished(many + number, many) for number in range(waiting + RUNNING))


def _queue_row(place: int, job: Finished) -> tuple[Any, ...]:
    runs = place < RUNNING
    state = ("running", 1, WORKER, NOW) if runs else ("queued", 0, None, None)
    return (job.id, job.workspace, job.tag, job.created_at, job.created_at, *state)


def tables(many: int, waiting: int) -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    """Table, columns and rows, in an order that foreign keys allow."""

    def each() -> Iterator[Finished]:
        return (Finished(number, many) for number in range(many))

    yield from _people()
    yield "worker", WORKERS, iter([WORKER_ROW])
    yield "job", JOB, (job.job() for source in (each(), _alive(many, waiting)) for job in source)
    yield "job_done", DONE, (job.done() for job in each())
    yield "job_log", LOG, (job.log() for job in each() if job.number % 4 == 0)
    yield "job_stream", LOG, (job.log() for job in each() if job.number % 4 == 0)
    progress = ((job.id, job.number % 100) for job in each() if job.number % 4 == 0)
    yield "job_progress", ("job_id", "percent"), progress
    yield "job_attempt", ATTEMPT, (job.attempt() for job in each() if job.number % 8 == 0)
    yield "job_label", LABEL, (label for job in each() for label in job.label())
    yield "job_queue", QUEUE, (_queue_row(n, job) for n, job in enumerate(_alive(many, waiting)))


def _people() -> Iterator[tuple[str, tuple[str, ...], Rows]]:
    for workspace in ("main", "other"):
        yield "workspace", ("id", "name", "owner", "created_at"), iter([(workspace, "", "ada", 0)])
    numbers = range(OTHERS)
    yield "account", ("email", "created_at"), ((f"p{n}@here.test", 0) for n in numbers)
    member = ("workspace", "username", "email", "created_at")
    yield "member", member, (("main", f"p{n}", f"p{n}@here.test", 0) for n in numbers)
    token = ("hash", "prefix", "email", "kind", "created_at", "expires_at", "last_used_at")
    yield "token", token, ((f"{n:064x}", "", f"p{n}@here.test", "user", n, NOW, 0) for n in numbers)
    script = ("workspace", "hash", "path", "summary", "description", "content", "language", "kind")
    columns = (*script, "lock", "created_by", "created_at", "head")
    yield "script", columns, (_script(n) for n in numbers)


def _script(number: int) -> tuple[Any, ...]:
    path = f"f/team{number // 10 % 20}/s{number // 10}"
    texts = ("", "", "def main(): pass", "python3", "script")
    head = int(number % 10 == 9)
    return ("main", f"{number:016x}", path, *texts, "", "ada", number, head)


def fill_sqlite(path: str, many: int, *, waiting: int = 40) -> None:
    """Into a migrated file that nobody has open."""
    connection = sqlite3.connect(path)
    connection.execute("pragma synchronous = off")
    for table, columns, rows in tables(many, waiting):
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        statement = f"insert into {table}({names}) values ({marks})"  # noqa: S608
        as_blobs = (tuple(v.bytes if type(v) is UUID else v for v in row) for row in rows)
        connection.executemany(statement, as_blobs)
    connection.commit()
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()


async def fill_postgres(dsn: str, many: int, *, waiting: int = 40) -> None:
    """Into a migrated database, with its statistics up to date."""
    connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(dsn)
    for table, columns, rows in tables(many, waiting):
        copy = partial(connection.copy_records_to_table, table, columns=columns, timeout=600)
        while batch := list(islice(rows, _BATCH)):
            await copy(records=batch)
    await connection.execute("vacuum analyze", timeout=600)
    await connection.close()
