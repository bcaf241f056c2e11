"""What the world of the tests remembers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from windmill_lite.core.flow.plan import Plan
from windmill_lite.core.flow.status import Status
from windmill_lite.model.openflow.shape import Flow, Module

ROOT = UUID(int=7)
#: What a step does: its arguments and the number of its try become a result, or raise `Fails`.
Code = Callable[..., Any]


class Fails(Exception):  # noqa: N818 - it says what a step does
    def __init__(self, message: str = "no", name: str = "Error") -> None:
        super().__init__(message)
        self.error = {"name": name, "message": message}


@dataclass
class Job:
    """One child that runs code."""

    run: UUID  # its flow's
    name: str
    module: Module
    args: dict[str, Any]
    delay_us: int = 0
    result: Any = None
    outcome: str | None = None  # success, failure


@dataclass
class Run:
    """One flow: the root, a body or a step of type flow."""

    id: UUID
    flow: Flow
    plan: Plan
    status: Status
    args: dict[str, Any]
    parent: UUID | None = None
    name: str = ""
    scope: UUID | None = None  # whose `results` its steps are recorded in
    result: Any = None
    items: dict[tuple[str, int], list[Any]] = field(default_factory=dict)
