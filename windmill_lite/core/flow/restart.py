"""A finished flow starts again at a step, at an iteration or branch of it, or at a step in there.

What came before is not run again: its results are borrowed from the earlier run, whose rows must
stay as long as this one's. The step it starts at is not held up by a gate or a sleep.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from windmill_lite.base.errors import Invalid
from windmill_lite.core.flow.plan import Plan, ids
from windmill_lite.core.flow.refs import Borrowed, Kept, Literal, Many, Ref, body_id
from windmill_lite.core.flow.status import Entry, From, Resumption, Status, Step, StepState
from windmill_lite.model.openflow.shape import BranchAll, BranchOne, ForLoop, Module, WhileLoop

_ENDED = (StepState.SUCCESS, StepState.FAILURE)


def restarted(plan: Plan, old: Status, place: From, fresh: Status) -> Status:
    """`fresh`, before its start, as it goes on from an earlier run.

    Fails: `Invalid`, naming the step that is not there or did not get that far.
    """
    index = plan.index(place.step)
    if index is None:
        raise Invalid(f"the flow has no step {place.step!r} here", field="step_id")
    before = tuple(_ended(plan.steps[i], old, i) for i in range(index))
    step, resumption = Step(), None
    if place.body is not None:
        step, resumption = _inside(plan.steps[index], old, index, place)
    return replace(
        fresh,
        at=index,
        entry=Entry.START,
        steps=(*before, step),
        resumption=resumption,
        restarted=Resumption(old.run, place),
    )


def inherited(plan: Plan, place: From) -> frozenset[str]:
    """The ids, at all depths, whose results the earlier run leaves to this one."""
    index = plan.index(place.step)
    return frozenset(ids(plan.steps[:index])) if index else frozenset()


def _ended(module: Module, old: Status, index: int) -> Step:
    step = old.steps[index] if index < len(old.steps) else None
    if step is None or step.ref is None or step.state not in _ENDED:
        raise Invalid(f"step {module.id!r} did not complete in that run", field="step_id")
    return replace(step, ref=_borrowed(old.run, step.ref))


def _borrowed(run: UUID, ref: Ref) -> Ref:
    return ref if isinstance(ref, Borrowed | Literal) else Borrowed(run, ref)


def _inside(module: Module, old: Status, index: int, place: From) -> tuple[Step, Resumption | None]:
    """The step with the bodies before that one kept, and where that one goes on."""
    assert place.body is not None, "asked only when a body is named"
    step = old.steps[index] if index < len(old.steps) else Step()
    if not isinstance(module.kind, ForLoop | WhileLoop | BranchAll | BranchOne):
        raise Invalid(f"step {module.id!r} has no iterations and no branches", field="step_id")
    branched = isinstance(module.kind, BranchOne)
    reached = place.body == step.branch if branched else place.body <= _whole(module, step)
    if not reached:
        words = f"step {module.id!r} did not complete what is before number {place.body}"
        raise Invalid(words, field="branch_or_iteration_n")
    so_far = Many(module.id, step.attempt, step.done, step.kept)
    inner = None
    if place.inner is not None or branched:
        run = body_id(old.run, so_far, place.body)
        inner = Resumption(run, place.inner) if place.inner is not None else None
    if branched:
        return Step(branch=place.body), inner
    return Step(kept=_kept(old.run, step, place.body)), inner


def _whole(module: Module, step: Step) -> int:
    """How many bodies from the first on are surely done: of those at once all or none."""
    at_once = isinstance(module.kind, ForLoop | BranchAll) and module.kind.parallel
    return step.done if not at_once or step.done == step.pushed else 0


def _kept(run: UUID, step: Step, until: int) -> tuple[Kept, ...]:
    if until == 0:
        return ()
    earlier = [kept for kept in step.kept if kept.until < until]
    cut = next((replace(kept, until=until) for kept in step.kept if kept.until >= until), None)
    return (*earlier, cut or Kept(run, step.attempt, until))
