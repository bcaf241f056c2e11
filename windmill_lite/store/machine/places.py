"""What the queue says about the jobs in it, and is told about those that leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from windmill_lite.model.job import JobState, Outcome


class Left(NamedTuple):
    """What a job's row in the queue said when it was taken out."""

    attempt: int
    retries: int
    started_at: int | None
    canceled_by: str | None
    canceled_reason: str | None
    concurrency_key: str | None
    cache_key: str | None
    delete_after_s: int | None


@dataclass(frozen=True, slots=True)
class Back:
    """A job is in the queue again; jobs of its key may have room now."""

    concurrency_key: str | None


class Ending(NamedTuple):
    """Everything `insert_done` writes besides the facts of the job."""

    outcome: Outcome
    result: str
    completed_at: int
    started_at: int | None = None
    attempt: int = 0
    retries: int = 0
    worker: str | None = None
    sandbox: str | None = None
    memory_peak_kb: int | None = None
    cpu_ms: int | None = None
    canceled_by: str | None = None
    canceled_reason: str | None = None
    labels: tuple[str, ...] = ()
    delete_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Where a job is; `state` None and `outcome` set when it is completed."""

    workspace: str
    state: str | None
    attempt: int | None
    worker_id: UUID | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """A running job of a worker."""

    id: UUID
    attempt: int
    canceled_by: str | None
    canceled_reason: str | None


@dataclass(frozen=True, slots=True)
class Lost:
    """A running job whose attempt is lost."""

    id: UUID
    attempt: int
    retries: int
    max_attempts: int
    started_at: int
    canceled_by: str | None = None
    worker: str | None = None
    step_id: str | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """How a running job is tried again, and how often it was."""

    policy: str  # JSON
    retries: int
    started_at: int


class Spot(NamedTuple):
    """Where in the queue a job begins: the end of its row there."""

    state: JobState
    debounce_key: str | None = None
    debounced_since: int | None = None  # with a key, always
    debounced: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job that waits out its delay, and those it stands for."""

    id: UUID
    since: int
    count: int
    path: str | None
    permissioned_as: str
    args: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds an attempt; `started_at` (µs) None where the moment of the claim is not known."""

    worker_id: UUID
    started_at: int | None = None
