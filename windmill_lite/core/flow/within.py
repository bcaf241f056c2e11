"""Where results lie that were recorded inside of steps that have ended.

Branches at once keep their results to themselves while they run, so that none depends on how far
another is. Once all have ended, who comes after sees them, as those of branches in sequence.
Iterations at once have the same names many times over: theirs stay inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from uuid import UUID

from windmill_lite.core.flow.plan import Modules, Plan, bodies
from windmill_lite.core.flow.refs import Borrowed, Child, Many, Ref, body_id, child_id, parsed
from windmill_lite.core.flow.status import Status
from windmill_lite.model.openflow.shape import BranchAll, BranchOne, ForLoop, Module, WhileLoop


def ended_bodies(
    plan: Plan, status: Status, new: Mapping[str, Ref], *, wanted: str | None = None
) -> list[UUID]:
    """The runs of bodies of steps that ended: all branches, or the one that was chosen, or the last
    turn of a loop in sequence. `new` has the results of steps that the status does not know to have
    ended yet. With `wanted` only those in which a step of that id is.
    """
    steps = zip(plan.steps, status.steps, strict=False)
    ended = {module.id: step.ref for module, step in steps if step.ref is not None}
    return [
        id
        for module in plan.steps
        if (ref := new.get(module.id) or ended.get(module.id)) is not None
        for id, modules in _bodies(module, status.run, ref)
        if wanted is None or wanted in ids(modules)
    ]


def ids(modules: Modules) -> Iterator[str]:
    """Of all modules at all depths."""
    for module in modules:
        yield module.id
        for _, inner in bodies(module):
            yield from ids(inner)


def _bodies(module: Module, run: UUID, ref: Ref) -> Iterator[tuple[UUID, Modules]]:
    """Behind the result of a step; that of a skipped one is another's."""
    match module.kind, ref:
        case _, Borrowed(run=lender, ref=inner):
            yield from _bodies(module, lender, inner)
        case BranchAll(branches=branches), Many(step=module.id, count=count):
            yield from ((body_id(run, ref, n), branches[n].modules) for n in range(count))
        case ForLoop(modules=modules, parallel=False), Many(step=module.id, count=count) if count:
            yield body_id(run, ref, count - 1), modules
        case WhileLoop(modules=modules), Many(step=module.id, count=count) if count:
            yield body_id(run, ref, count - 1), modules
        case BranchOne(branches=branches, default=default), Child(name=name):
            child = parsed(name)
            if child.step == module.id and child.body is not None:
                at = child.body
                yield child_id(run, child), default if at == len(branches) else branches[at].modules
