"""What a flow wants done, the whole list. All of one decision are done in one transaction, with the
status stored; each can be done twice without harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from windmill_lite.base.codec import Json
from windmill_lite.core.flow.refs import ChildName, Ref
from windmill_lite.core.flow.status import Ending, Resumption
from windmill_lite.model.openflow.shape import Module


@dataclass(frozen=True, slots=True)
class PushStep:
    """A job for a step that runs code or another flow."""

    module: Module
    name: ChildName
    args: Mapping[str, Json] | None  # None: those of `like`
    like: ChildName | None = None  # the try before, whose arguments and time limit are taken again
    timeout_s: float | None = None
    tag: str | None = None  # one that was evaluated
    delay_us: int = 0
    preprocessor: bool = False  # its entry point is `preprocessor`


@dataclass(frozen=True, slots=True)
class PushBodies:
    """Child flows for `count` bodies from `first` on; `plan.body_at` says of what."""

    module: Module
    attempt: int
    first: int
    count: int
    own_scope: bool = False  # siblings do not see each other's results
    resumption: Resumption | None = None  # of the first


@dataclass(frozen=True, slots=True)
class KeepItems:
    """What a loop goes over; body n finds its `iter.value` there."""

    step: str
    attempt: int
    items: list[Json]


@dataclass(frozen=True, slots=True)
class Record:
    """`results.<step>` is this from now on, in the scope of the flow."""

    step: str
    ref: Ref


@dataclass(frozen=True, slots=True)
class Wake:
    after_s: float
    wait: int


@dataclass(frozen=True, slots=True)
class Park:
    """Wait for people, at most so long."""

    gate: ChildName  # whose approvals count
    missing: int
    timeout_s: float
    wait: int
    groups: tuple[str, ...]
    login: bool
    others: bool


@dataclass(frozen=True, slots=True)
class AddResume:
    """The no, or the silence, that a flow goes on from: the last of `resumes`."""

    gate: ChildName
    text: str  # JSON


@dataclass(frozen=True, slots=True)
class ReplaceArgs:
    """The preprocessor's result becomes the arguments of the flow."""

    name: ChildName


@dataclass(frozen=True, slots=True)
class Answer:
    """What who waits for the flow may have now."""

    step: str
    ref: Ref


@dataclass(frozen=True, slots=True)
class CancelChildren:
    pass


@dataclass(frozen=True, slots=True)
class Finish:
    ending: Ending


Effect = (
    PushStep
    | PushBodies
    | KeepItems
    | Record
    | Wake
    | Park
    | AddResume
    | ReplaceArgs
    | Answer
    | CancelChildren
    | Finish
)
