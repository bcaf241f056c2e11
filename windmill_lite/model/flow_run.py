"""A flow while it runs, beside its job."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Round:
    """One turn of a loop around a body; its item lies with the loop."""

    loop: UUID  # the run whose step the loop is
    step: str
    attempt: int
    number: int


@dataclass(frozen=True, slots=True)
class FlowRun:
    id: UUID  # its job's
    version: int  # raised with every status that is stored
    status: str  # core/flow/stored.py
    owner: UUID  # whose definition and arguments these are: a root flow, or a step of type flow
    place: str | None  # of a body in the definition; None: the whole
    scope: UUID  # where its steps' results are recorded
    parent: UUID | None = None
    name: str = ""  # in the parent
    due_at: int | None = None  # µs; when it wants to be woken
    rounds: tuple[Round, ...] = ()  # the loops around it, the outermost first
    begun_at: int | None = None  # µs; its first turn
    letters: int = 0  # that wait for it
    site: str | None = None  # the tag of where its steps must run, as they share a folder
    lives: bool = True  # its job is in the queue, and nobody has canceled it


@dataclass(frozen=True, slots=True)
class Tried:
    """What the job of a step was given, for the try that follows it."""

    args: str  # JSON
    timeout_s: int | None
    tag: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where the result of a step is: a reference, and the run it is told from."""

    run: UUID
    ref: str  # core/flow/stored.py


@dataclass(frozen=True, slots=True)
class Voices:
    """What people said to one gate, in order."""

    payloads: tuple[str, ...] = ()  # JSON, of those who said yes, and what a refusal left
    approvers: tuple[str, ...] = ()
    approved: int = 0
    disapproved_by: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A child failed, and its flow has not heard of it."""

    name: str
    final: bool  # not to be tried again
