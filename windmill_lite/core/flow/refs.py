"""Where a result is. The machine moves references; only who needs a value reads it.

A child job of a flow has a name, from which its id is derived: `a/0` is the first attempt of step
a, `l/1/7` the eighth body (iteration, branch) of the second attempt of l. Pushing twice is
inserting one key twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from windmill_lite.base.ids import derived_id


@dataclass(frozen=True, slots=True)
class Args:
    """The arguments of the flow, with `iter` inside of a loop."""


@dataclass(frozen=True, slots=True)
class Child:
    """The result of one child."""

    name: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An earlier run of the flow did the bodies of a step below `until`, or the rest of them."""

    run: UUID
    attempt: int
    until: int


@dataclass(frozen=True, slots=True)
class Many:
    """The array of the results of the first `count` bodies of a step."""

    step: str
    attempt: int
    count: int
    kept: tuple[Kept, ...] = ()  # of rising `until`


@dataclass(frozen=True, slots=True)
class Literal:
    """JSON text."""

    text: str


@dataclass(frozen=True, slots=True)
class Mocked:
    """What the definition of a step says instead of its result."""

    step: str


@dataclass(frozen=True, slots=True)
class WithResult:
    """`{"error": {...}}`, whose error also carries a result."""

    text: str
    result: Ref


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A result of an earlier run of the same flow."""

    run: UUID
    ref: Ref


Ref = Args | Child | Many | Literal | Mocked | WithResult | Borrowed


@dataclass(frozen=True, slots=True)
class ChildName:
    step: str
    attempt: int
    body: int | None = None  # None: the step itself

    def __str__(self) -> str:
        tail = "" if self.body is None else f"/{self.body}"
        return f"{self.step}/{self.attempt}{tail}"


def body_id(run: UUID, many: Many, body: int) -> UUID:
    """The child that did a body, in this run or in an earlier one."""
    for kept in many.kept:
        if body < kept.until:
            return child_id(kept.run, ChildName(many.step, kept.attempt, body))
    return child_id(run, ChildName(many.step, many.attempt, body))


def parsed(name: str) -> ChildName:
    step, attempt, *body = name.split("/")
    return ChildName(step, int(attempt), int(body[0]) if body else None)


def child_id(run: UUID, name: ChildName | str) -> UUID:
    return derived_id(run, str(name))
