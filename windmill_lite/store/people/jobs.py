"""Jobs for people: one gate for every read of a job, its arguments, logs and result."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from windmill_lite.model import limits
from windmill_lite.model.attempt import Attempt
from windmill_lite.model.job import FLOW_KINDS, JobKind, JobRecord, Outcome
from windmill_lite.model.page import JobFilter, Page
from windmill_lite.store.db.port import Query, Row, Value, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.people import runs
from windmill_lite.store.people.scope import Scope
from windmill_lite.store.rows import record_of

Q = load(__package__, "jobs.sql")


async def get(view: View, scope: Scope, job_id: UUID) -> JobRecord | None:
    """The job with its arguments, code and result; None when there is none, or none for you."""
    row = await view.one(Q.get, id=job_id, whole=1, **scope.sees())
    if row is None:
        return None
    names = ("args", "raw_code", "raw_lock", "result", "retry", "delete_after_s")
    whole = {name: row[name] for name in names}
    return record_of(row, **whole, preprocessed=bool(row["preprocessed"]))


async def peek(view: View, scope: Scope, job_id: UUID) -> JobRecord | None:
    """The job without anything large."""
    row = await view.one(Q.get, id=job_id, whole=None, **scope.sees())
    return None if row is None else record_of(row)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A job in the tree of its flow. `name` is that of a flow's child; `result` its beginning."""

    id: UUID
    kind: JobKind
    name: str | None
    state: str | None  # None: completed
    outcome: Outcome | None
    duration_ms: int | None
    started_at: int | None
    result: str | None
    result_length: int | None

    @property
    def status(self) -> str:
        """In one word of Windmill's."""
        if self.outcome is not None:
            return self.outcome.value
        begun = self.state == "running" or (self.kind in FLOW_KINDS and self.started_at)
        return "suspended" if self.state == "suspended" else "running" if begun else "queued"


async def leaves(
    view: View,
    scope: Scope,
    *,
    id: UUID | None = None,
    parent: UUID | None = None,
    chars: int,
    most: int,
) -> list[Leaf]:
    """What a flow pushed, or one job; with so many characters of the results."""
    asked: dict[str, Value] = {"id": id, "parent": parent, "chars": chars, "most": most}
    found = await view.all(Q.leaves, **asked, **scope.sees())
    return [_leaf(row) for row in found]


def _leaf(row: Row) -> Leaf:
    outcome = None if row["outcome"] is None else Outcome(row["outcome"])
    return Leaf(**{**row, "kind": JobKind(row["kind"]), "outcome": outcome})


@dataclass(frozen=True, slots=True)
class Said:
    """What a job says of itself: the rest of its log and of its streamed result, and how far it
    is, 0 to 99.
    """

    job: JobRecord
    log: str
    stream: str
    percent: int | None


async def said(
    view: View, scope: Scope, job_id: UUID, *, log_from: int | None, stream_from: int
) -> Said | None:
    """From these characters on; `log_from` None leaves the log out. None: no such job for you.

    The job is read first: of a completed one this is all there will be.
    """
    job = await peek(view, scope, job_id)
    if job is None:
        return None
    began = job.running or job.completed
    row = await view.one(Q.said, id=job_id) if began else None
    log = stream = ""
    if began and log_from is not None:
        log = await _text(view, Q.log_chunks, job_id, log_from)
    if row is not None and (row["streamed"] or 0) > stream_from:
        stream = await _text(view, Q.stream_chunks, job_id, stream_from)
    return Said(job, log, stream, row["percent"] if row is not None else None)


async def progress(view: View, scope: Scope, job_id: UUID) -> int | None:
    """How far a job says it is; None too when there is none for you."""
    if await peek(view, scope, job_id) is None:
        return None
    row = await view.one(Q.said, id=job_id)
    return row["percent"] if row is not None else None


async def list_jobs(view: View, scope: Scope, filter_: JobFilter, page: Page) -> list[JobRecord]:
    """One page over queue and completed together, newest first unless the filter says otherwise."""
    return (await runs.search(view, scope, filter_, page)).jobs


async def logs(view: View, scope: Scope, job_id: UUID, *, from_char: int = 0) -> str | None:
    """The log from a character on; None when there is no such job for you."""
    if await peek(view, scope, job_id) is None:
        return None
    return await _text(view, Q.log_chunks, job_id, from_char)


async def _text(view: View, chunks: Query, job_id: UUID, from_char: int) -> str:
    rows = await view.all(chunks, id=job_id, from_char=from_char)
    if not rows:
        return ""
    skip = max(0, from_char - int(rows[0]["start"]))
    text: str = "".join(row["chunk"] for row in rows)
    return text[skip:]


async def log_tail(view: View, scope: Scope, job_id: UUID, chars: int) -> str | None:
    """The last `chars` characters of the log."""
    row = await view.one(Q.log_length, id=job_id)
    length = int(row["length"]) if row else 0
    return await logs(view, scope, job_id, from_char=max(0, length - chars))


async def log_length(view: View, scope: Scope, job_id: UUID) -> int | None:
    """Characters logged so far."""
    if await peek(view, scope, job_id) is None:
        return None
    row = await view.one(Q.log_length, id=job_id)
    return int(row["length"]) if row else 0


async def attempts(view: View, scope: Scope, job_id: UUID) -> list[Attempt] | None:
    """The newest attempts of a job, in their order; None when there is no such job for you.

    Wants a snapshot, lest an attempt ends between two looks.
    """
    job = await peek(view, scope, job_id)
    if job is None:
        return None
    rows = await view.all(Q.attempts, id=job_id, most=limits.ATTEMPTS_SHOWN)
    found = [Attempt(**row) for row in reversed(rows)]
    last = Attempt(
        job.attempt,
        job.worker,
        job.started_at,
        job.completed_at,
        str(job.outcome) if job.outcome is not None else None,
        job.canceled_reason,
    )
    return found if last.started_at is None or _is_told(found, last) else [*found, last]


def _is_told(found: list[Attempt], last: Attempt) -> bool:
    """A job that was given up ended with an attempt that was lost."""
    ended = found[-1] if found else None
    return ended is not None and last.ended is not None and ended.number == last.number


async def draining(view: View, scope: Scope, job_id: UUID) -> bool | None:
    """Whether a job's worker takes no more; None when there is no such job for you."""
    if await peek(view, scope, job_id) is None:
        return None
    return await view.one(Q.draining, id=job_id) is not None


async def counts(view: View, scope: Scope) -> tuple[int, int]:
    """How many jobs of the workspace wait for a worker or their time, and how many for people."""
    row = await view.one(Q.count_queue, workspace=scope.workspace)
    return (row["alive"] - row["running"] - row["parked"], row["gated"]) if row else (0, 0)


async def queued_before(view: View, scope: Scope, moment: int) -> int:
    """How many queued jobs of the workspace are due before `moment` (µs)."""
    row = await view.one(Q.ahead, workspace=scope.workspace, moment=moment)
    return row["ahead"] if row else 0
