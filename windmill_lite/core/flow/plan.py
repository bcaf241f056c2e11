"""What runs: a list of modules, its handlers, and its lists inside.

The machine is flat: it knows one list. The body of a loop and a branch are child flows with a plan
of their own, found by their place in the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Bug
from windmill_lite.model.openflow.document import WAIT_SUFFIX
from windmill_lite.model.openflow.shape import (
    BranchAll,
    BranchOne,
    Flow,
    ForLoop,
    Identity,
    Javascript,
    Module,
    WhileLoop,
)

Modules = tuple[Module, ...]
_STEPS = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Plan:
    """`waits` tells that the last step was added so that the gate or sleep of the one before it has
    something to hold up.
    """

    steps: Modules
    failure: Module | None = None
    preprocessor: Module | None = None
    skip_if: Javascript | None = None
    early_return: str | None = None
    waits: bool = False

    def index(self, step: str) -> int | None:
        return next((i for i, module in enumerate(self.steps) if module.id == step), None)


def plan_of(flow: Flow, *, prepare: bool = False) -> Plan:
    """`prepare`: a trigger started it, so the preprocessor runs."""
    return Plan(
        _with_wait(flow.modules),
        failure=flow.failure,
        preprocessor=flow.preprocessor if prepare else None,
        skip_if=flow.skip_if,
        early_return=flow.early_return,
        waits=_waits(flow.modules),
    )


def body_plan(flow: Flow, at: str) -> Plan:
    """The plan of the list at a place such as `modules[2].value.branches[0].modules`. It has the
    flow's failure module, which so runs where the failure is.
    """
    modules = _find(flow.modules, at)
    return Plan(_with_wait(modules), failure=flow.failure, waits=_waits(modules))


def body_at(module: Module, body: int) -> str:
    """The place of a module's iteration or branch."""
    at = f"{module.at}.value"
    match module.kind:
        case ForLoop() | WhileLoop():
            return f"{at}.modules"
        case BranchOne(branches=branches) if body == len(branches):
            return f"{at}.default"
        case BranchOne() | BranchAll():
            return f"{at}.branches[{body}].modules"
    raise Bug(f"{module.id} has no bodies")


def part_of(document: Json, at: str) -> Json:
    """What stands at a place such as `modules[2].value.branches[0].modules`; None if nothing."""
    for name, index in _STEPS.findall(at):
        if name and isinstance(document, dict):
            document = document.get(name)
        elif index and isinstance(document, list) and int(index) < len(document):
            document = document[int(index)]
        else:
            return None
    return document


def bodies(module: Module) -> Iterator[tuple[str, Modules]]:
    """The lists inside a module with their places."""
    match module.kind:
        case ForLoop(modules=modules) | WhileLoop(modules=modules):
            yield body_at(module, 0), modules
        case BranchOne(branches=branches, default=default):
            for i, branch in enumerate(branches):
                yield body_at(module, i), branch.modules
            yield body_at(module, len(branches)), default
        case BranchAll(branches=branches):
            for i, branch in enumerate(branches):
                yield body_at(module, i), branch.modules


def ids(modules: Modules) -> Iterator[str]:
    """Of all modules at all depths."""
    for module in modules:
        yield module.id
        for _, inner in bodies(module):
            yield from ids(inner)


def _find(modules: Modules, at: str) -> Modules:
    for module in modules:
        if not at.startswith(f"{module.at}."):
            continue
        for place, inner in bodies(module):
            if place == at:
                return inner
            if at.startswith(f"{place}["):
                return _find(inner, at)
    raise Bug(f"there is no list of modules at {at}")


def _waits(modules: Modules) -> bool:
    return bool(modules) and (modules[-1].sleep is not None or modules[-1].suspend is not None)


def _with_wait(modules: Modules) -> Modules:
    if not _waits(modules):
        return modules
    last = modules[-1]
    return (*modules, Module(f"{last.id}{WAIT_SUFFIX}", last.at, Identity()))
