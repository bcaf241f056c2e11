"""What the database holds: every job, where it is, how it ended, what it said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from windmill_lite.model.job import FLOW_KINDS
from windmill_lite.store.db.port import View
from windmill_lite.store.db.sqlfile import parse

Q = parse(Path(__file__).with_name("facts.sql").read_text("utf-8"), "facts.sql")


class Asked(NamedTuple):
    """What was asked, as far as it matters here."""

    attempts_max: int
    workspace: str
    schedule_path: str | None
    scheduled_for: int  # µs
    concurrency_key: str | None
    concurrent_limit: int | None
    parent_id: UUID | None
    kind: str
    child_name: str | None  # in the flow it is a child of
    root_id: UUID | None
    step_id: str | None

    @property
    def is_flow(self) -> bool:
        return self.kind in FLOW_KINDS


class Live(NamedTuple):
    """A row of the queue."""

    state: str
    attempt: int
    retries: int  # attempts that failed and are tried again
    worker_id: UUID | None
    canceled_by: str | None


class End(NamedTuple):
    """A terminal row; `rest` is there only to be compared."""

    outcome: str
    attempt: int
    canceled_by: str | None
    result: str
    cached_from: UUID | None  # it did not run: this one's result is its
    deleted: int  # 1: the result was to be kept for a while only
    rest: tuple[object, ...]


class Chunk(NamedTuple):
    """A piece of a log."""

    start: int
    stop: int
    attempt: int
    text: str


class Tried(NamedTuple):
    """An attempt that ended before its job did."""

    number: int
    ended: str


@dataclass(frozen=True, slots=True)
class Facts:
    """One look at everything."""

    jobs: dict[UUID, Asked]
    live: dict[UUID, Live]
    ends: dict[UUID, End]
    logs: dict[UUID, list[Chunk]]
    tried: dict[UUID, list[Tried]]

    def forget(self, job_id: UUID) -> None:
        for part in (self.jobs, self.live, self.ends, self.logs, self.tried):
            part.pop(job_id, None)

    def learn(self, news: Facts) -> None:
        self.jobs.update(news.jobs)
        self.live.update(news.live)
        self.ends.update(news.ends)
        self.logs.update(news.logs)
        self.tried.update(news.tried)

    def log(self, job_id: UUID) -> str:
        return "".join(chunk.text for chunk in self.logs.get(job_id, ()))


PARTS = ("jobs", "queue", "done", "chunks", "attempts")

Rows = Iterable[tuple[Any, ...]]


def facts_of(jobs: Rows, queue: Rows, done: Rows, *rest: Rows) -> Facts:
    """From the rows of the five queries, in their order of columns."""
    chunks, attempts = rest
    logs: defaultdict[UUID, list[Chunk]] = defaultdict(list)
    tried: defaultdict[UUID, list[Tried]] = defaultdict(list)
    for job_id, *attempt in attempts:
        tried[job_id].append(Tried(*attempt))
    for job_id, *piece in chunks:
        logs[job_id].append(Chunk(*piece))
    return Facts(
        jobs={row[0]: Asked(*row[1:]) for row in jobs},
        live={row[0]: Live(*row[1:]) for row in queue},
        ends={row[0]: End(row[1], row[2], row[3], row[4], row[5], row[6], row[7:]) for row in done},
        logs=dict(logs),
        tried=dict(tried),
    )


async def read_facts(view: View) -> Facts:
    """Through the port, of either database."""
    found = [[tuple(row.values()) for row in await view.all(Q[name])] for name in PARTS]
    return facts_of(*found)
