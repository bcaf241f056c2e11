"""What is stored while a flow runs: counters, bounds and references. Nothing of it grows with the
iterations of a loop, and steps that were not reached are not in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from uuid import UUID

from windmill_lite.core.flow.refs import Kept, Ref


class Phase(StrEnum):
    """What a flow waits for."""

    NEW = "new"  # for its start
    PREPARING = "preparing"  # for its preprocessor
    RUNNING = "running"  # for the children of its current step
    PAUSED = "paused"  # for a time: a sleep, or the next try
    GATED = "gated"  # for people
    HANDLING = "handling"  # for its failure module
    DONE = "done"  # for nothing


class Level(StrEnum):
    ROOT = "root"
    FLOW = "flow"  # a step of type flow
    BODY = "body"  # an iteration or a branch


class StepState(StrEnum):
    """OpenFlow's words, as far as they are stored; the others are seen from the children."""

    WAITING = "WaitingForPriorSteps"
    EVENTS = "WaitingForEvents"
    IN_PROGRESS = "InProgress"
    SUCCESS = "Success"
    FAILURE = "Failure"


class Entry(IntEnum):
    """What is next when the current step is entered."""

    GATE = 0
    SLEEP = 1
    START = 2


@dataclass(frozen=True, slots=True)
class Step:
    state: StepState = StepState.WAITING
    attempt: int = 0  # of tries; 0 is the first
    ref: Ref | None = None  # its result, once it ended
    skipped: bool = False
    branch: int | None = None  # chosen by a branchone; as many as there are branches: the default
    count: int | None = None  # bodies there will be; None: nobody knows, or there are none
    width: int | None = None  # bodies at once; None: as many as there are
    pushed: int = 0
    done: int = 0
    failed: int = 0  # bodies that failed without leave
    handled: bool = False  # the failure module ran inside
    missing: int = 0  # approvals that are waited for
    kept: tuple[Kept, ...] = ()  # bodies that earlier runs did


@dataclass(frozen=True, slots=True)
class From:
    """Where a finished flow starts again: at a step, at a body of it, and at a step in there."""

    step: str
    body: int | None = None
    inner: From | None = None


@dataclass(frozen=True, slots=True)
class Resumption:
    """For a body that is pushed: the body of an earlier run it goes on from, and where."""

    run: UUID
    place: From


@dataclass(frozen=True, slots=True)
class Ending:
    """How a flow ended. A body tells its parent by it."""

    success: bool
    ref: Ref | None  # None: canceled, and whoever cancels says so
    skipped: bool = False  # counts as skipped
    stopped: bool = False  # an early stop, which ends what is around a body, too
    handled: bool = False  # the failure module ran
    canceled: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    run: UUID  # the flow's job
    level: Level = Level.ROOT
    phase: Phase = Phase.NEW
    at: int = 0  # the current step; as many as there are: past the last
    entry: Entry = Entry.GATE
    steps: tuple[Step, ...] = ()  # those that were reached
    waits: int = 0  # numbers the times it asked to be woken; only the last is good...
    due: bool = False  # ...and that only as long as this says so
    preprocessor: Step | None = None
    failure: Step | None = None
    failed_at: int | None = None  # the step whose failure is handled
    error: Ref | None = None  # what is handled
    resumption: Resumption | None = None  # for the first body that the current step pushes
    restarted: Resumption | None = None  # where this run came from
    ending: Ending | None = None
