"""A job: one request to execute, from the asking to the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from windmill_lite.base.codec import Json
from windmill_lite.model.retry import RetryPolicy
from windmill_lite.model.script import Network


class JobKind(StrEnum):
    """Windmill's words. Kinds whose runners come later are not listed before they work."""

    SCRIPT = "script"
    PREVIEW = "preview"
    SCRIPT_HUB = "script_hub"  # its code comes from a hub, and with the job
    DEPENDENCIES = "dependencies"  # finds the lock of a script's version, or of code
    FLOW_DEPENDENCIES = "flowdependencies"  # finds the locks of the steps of a flow
    FLOW = "flow"  # also the bodies of loops and branches
    FLOW_PREVIEW = "flowpreview"


#: A job of these holds no code: it is decided about, and its steps are jobs of their own.
FLOW_KINDS = frozenset({JobKind.FLOW, JobKind.FLOW_PREVIEW})


class JobState(StrEnum):
    """Where a job is. *How* it completed is its `Outcome`."""

    DELAYED = "delayed"  # its time has not come
    QUEUED = "queued"  # ready for a worker
    BLOCKED = "blocked"  # it would be ready, but its concurrency key is full
    SUSPENDED = "suspended"  # a flow that waits for its children, or for people
    RUNNING = "running"
    COMPLETED = "completed"


class Outcome(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"
    CANCELED = "canceled"
    SKIPPED = "skipped"

    @property
    def is_good(self) -> bool:
        """What did not need to run has succeeded."""
        return self in {Outcome.SUCCESS, Outcome.SKIPPED}


@dataclass(frozen=True, slots=True)
class Debounce:
    """A job waits `delay_s` before it is ready, and a newer one of its key takes its place."""

    key: str
    delay_s: int
    max_total_s: int | None = None  # put off for so long, it keeps its place
    max_count: int | None = None  # put off so often, it keeps its place
    accumulate: tuple[str, ...] = ()  # lists that go on growing in the newer job


class NewJob(NamedTuple):
    """What is asked; immutable from here on. A tuple, because it becomes a row: its fields have the
    order of the columns that they are written to.
    """

    id: UUID
    workspace: str
    kind: JobKind
    created_by: str  # username, or what started it (`schedule-…`)
    permissioned_as: str  # the rights it runs with: `u/<username>`
    email: str
    created_at: int  # µs
    scheduled_for: int  # µs
    tag: str
    args: str  # JSON object
    path: str | None = None
    script_hash: str | None = None
    language: str | None = None
    priority: int = 0
    timeout_s: int | None = None
    parent_id: UUID | None = None
    root_id: UUID | None = None
    step_id: str | None = None
    child_name: str | None = None  # in the flow it is a child of
    schedule_path: str | None = None
    trigger_kind: str | None = None
    visible_to_owner: bool = True
    max_attempts: int = 3  # starts without an outcome; 1: the job is started at most once
    raw_code: str | None = None
    raw_lock: str | None = None
    retry: str | None = None  # JSON policy; None: a failure is final
    concurrency_key: str | None = None
    concurrent_limit: int | None = None  # with a key, always
    concurrency_window_s: int | None = None
    cache_key: str | None = None
    cache_ttl_s: int | None = None
    delete_after_s: int | None = None
    cell: str | None = None  # JSON, what its version asks of its cell; see core/jobs/cell.py
    debounce: Debounce | None = None  # matters on the way in, and is not stored with the job
    prepares: bool = False  # the same: the preprocessor of a flow runs first

    @property
    def row(self) -> tuple[str | int | UUID | None, ...]:
        """What is written of it."""
        return self[:-2]

    @property
    def begins(self) -> JobState:
        """Where it enters the queue, unless its concurrency key is full."""
        return JobState.DELAYED if self.scheduled_for > self.created_at else JobState.QUEUED


class Claim(NamedTuple):
    """A job in a worker's hands. Every later write names `attempt`, the fencing number."""

    job: NewJob
    attempt: int
    started_at: int  # µs
    code: str
    lock: str | None
    retries: int = 0  # failures before that were tried again
    log_length: int = 0  # characters that earlier attempts left in its log
    flow_path: str | None = None  # of the flow that it is a step of
    flow_id: UUID | None = None  # that flow
    #: Scripts of the workspace that the code leads to, path to text; read when it begins.
    imported: Mapping[str, str] = MappingProxyType({})
    #: What a job of kind "flowdependencies" has to find; read when it begins.
    unlocked: tuple[Unlocked, ...] = ()


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A step of a flow that needs packages and has no lock."""

    at: str  # its place in the flow: `modules[3].value.modules[0]`
    claim: Claim  # as if it ran
    problem: str | None = None  # why there can be no lock


@dataclass(frozen=True, slots=True)
class Locking:
    """What a job of kind "dependencies" found for its version: a lock, or why there is none."""

    lock: str | None
    error: str | None = None
    because_of: str | None = None  # a script it imports was deployed: the lock is of a next version


class Finished(NamedTuple):
    """How an attempt ended, as its worker reports it."""

    outcome: Outcome
    result: str  # JSON; `{"error": {...}}` unless success
    memory_peak_kb: int | None = None
    sandbox: str | None = None  # level of the box
    labels: tuple[str, ...] = ()
    cpu_ms: int | None = None  # processor time of the cell
    locking: Locking | None = None  # of a job of kind "dependencies"
    args: str | None = None  # JSON, what a preprocessor has made of the arguments


class RunOptions(NamedTuple):
    """What a caller may say about a run besides its arguments."""

    job_id: UUID | None = None  # chosen by the client; one that exists is refused
    fresh_id: UUID | None = None  # made for this run by who waits for it: nobody else has it
    scheduled_for: int | None = None  # µs
    tag: str | None = None
    timeout_s: int | None = None
    parent_id: UUID | None = None
    root_id: UUID | None = None
    visible_to_owner: bool = True
    schedule_path: str | None = None  # whose run it is
    retry: RetryPolicy | None = None
    priority: int | None = None
    cache_ttl_s: int | None = None
    trigger_kind: str | None = None  # "webhook" unless the UI says otherwise
    queue_limit: int | None = None  # refuse when more jobs than this are queued
    at_most_once: bool = False  # also when its script is restarted
    idempotency_key: str | None = None  # the same key is the same job, for a day
    prepares: bool = False  # the arguments are an event, for a preprocessor


@dataclass(frozen=True, slots=True)
class Preview:
    """Code that is run without being deployed."""

    content: str
    language: str
    path: str | None = None
    lock: str | None = None
    tag: str | None = None
    network: Network = ""


@dataclass(frozen=True, slots=True)
class FlowPreview:
    """A flow that is run without being deployed; `value` is OpenFlow."""

    value: Json
    path: str | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as a person sees it: what was asked, where it is, how it ended."""

    id: UUID
    workspace: str
    kind: JobKind
    state: JobState
    path: str | None
    script_hash: str | None
    language: str | None
    created_by: str
    permissioned_as: str
    email: str
    created_at: int
    scheduled_for: int
    tag: str
    priority: int
    timeout_s: int | None
    parent_id: UUID | None
    root_id: UUID | None
    step_id: str | None
    schedule_path: str | None
    trigger_kind: str | None
    visible_to_owner: bool
    attempt: int
    retries: int = 0  # failures before that were tried again
    at_most_once: bool = False  # False in lists
    started_at: int | None = None  # of the current or last attempt
    canceled_by: str | None = None
    canceled_reason: str | None = None
    worker: str | None = None
    last_ping_at: int | None = None
    outcome: Outcome | None = None
    completed_at: int | None = None
    duration_ms: int | None = None
    memory_peak_kb: int | None = None
    cpu_ms: int | None = None  # processor time
    sandbox: str | None = None
    deleted: bool = False
    labels: tuple[str, ...] = ()
    args: str | None = None  # None in lists
    raw_code: str | None = None  # None in lists
    raw_lock: str | None = None
    result: str | None = None  # JSON, once completed; None in lists
    retry: str | None = None  # JSON; None in lists
    concurrency_key: str | None = None
    cached_from: UUID | None = None  # the job whose result it is: it did not run itself
    delete_after_s: int | None = None
    suspend: int | None = None  # approvals a flow waits for; told in lists
    preprocessed: bool = False  # the arguments were made of an event; False in lists

    @property
    def completed(self) -> bool:
        return self.state is JobState.COMPLETED

    @property
    def running(self) -> bool:
        """A flow runs from its first turn to its end, though mostly no worker holds it."""
        begun = self.kind in FLOW_KINDS and self.started_at is not None
        return self.state is JobState.RUNNING or (begun and not self.completed)

    @property
    def canceled(self) -> bool:
        return self.canceled_by is not None
