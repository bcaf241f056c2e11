"""What can happen to a flow, the whole list; and what it asks before it decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from windmill_lite.base.codec import Json
from windmill_lite.core.flow.refs import ChildName, Ref


@dataclass(frozen=True, slots=True)
class Started:
    pass


@dataclass(frozen=True, slots=True)
class ChildDone:
    """A child completed. It is told once: by the transaction that completes the child. A child of
    an attempt that is over is not heard.
    """

    name: str
    success: bool
    stopped: bool = False  # a body that stopped early, and with it what is around it
    skipped: bool = False  # such a stop counts as skipped
    handled: bool = False  # the failure module ran inside
    recovered: bool = False  # a failure module whose result says `recover: true`
    final: bool = False  # not to be tried again: somebody canceled it


@dataclass(frozen=True, slots=True)
class Woken:
    """A time it asked for came. Any but the last one asked for is not heard."""

    wait: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """Somebody approved or disapproved; how many did is a `Count`."""


@dataclass(frozen=True, slots=True)
class Canceled:
    pass


Event = Started | ChildDone | Woken | Resumed | Canceled


@dataclass(frozen=True, slots=True)
class Ask:
    """An expression, and what it sees beyond the names that every expression of the flow sees.
    `gate` names the child whose approvals are `resume`, `resumes` and `approvers`.
    """

    step: str  # "" for the flow's own
    field: str  # `skip_if`, `input_transforms.x`
    source: str
    truth: bool = False
    previous: Ref | None = None  # `previous_result`, and `error` from it
    result: Ref | None = None
    all_iters: Ref | None = None
    gate: ChildName | None = None
    attempt: int = 0
    seals: bool = False  # an argument of code: stored sealed when a secret went into it


@dataclass(frozen=True, slots=True)
class Count:
    """How many people approved what a step asked."""

    gate: ChildName


@dataclass(frozen=True, slots=True)
class Broken:
    """How an expression failed, in one line that names field, place and expression."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Approvals:
    count: int
    disapproved_by: str | None = None


Question = Ask | Count
Values = Mapping[Question, Json]  # an Ask has JSON or `Broken`, a Count has `Approvals`
