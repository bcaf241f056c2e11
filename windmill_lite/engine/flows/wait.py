"""Waiting for what a flow answers: the result of its early return, or that of its end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from windmill_lite.base.errors import NotFound
from windmill_lite.core.flow import stored
from windmill_lite.core.flow.status import StepState
from windmill_lite.engine import watch
from windmill_lite.engine.flows.facts.stored_shelf import StoredShelf
from windmill_lite.engine.flows.scene import Scene
from windmill_lite.engine.world import World
from windmill_lite.model.job import Outcome
from windmill_lite.store.db.port import View
from windmill_lite.store.machine import flows
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope

_GOOD = (Outcome.SUCCESS, Outcome.SKIPPED)


@dataclass(frozen=True, slots=True)
class Answered:
    """`over`: the flow has ended, and `delete_after_s` says how long it keeps what it carried."""

    result: str  # JSON
    success: bool
    over: bool
    delete_after_s: int | None = None


async def wait(world: World, scope: Scope, job_id: UUID, timeout_s: float) -> Answered | None:
    """None when there is no answer in time. Fails: `NotFound`."""
    return await watch.until(world, job_id, timeout_s, partial(_answered, world, scope, job_id))


async def _answered(world: World, scope: Scope, job_id: UUID) -> Answered | None:
    async with world.db.view() as view:
        record = await jobs.get(view, scope, job_id)
        if record is None:
            raise NotFound(f"job {job_id} does not exist")
        early = await flows.answered(view, job_id)
        if early is not None:
            return await _early(world, view, job_id, early)
    if not record.completed or record.result is None:
        return None
    good = record.outcome in _GOOD
    return Answered(record.result, good, over=True, delete_after_s=record.delete_after_s)


async def _early(world: World, view: View, job_id: UUID, ref: str) -> Answered:
    scene = Scene(StoredShelf(world, view), {})
    act = await scene.act(job_id)
    index = act.plan.index(act.flow.early_return or "")
    state = act.status.steps[index].state if index is not None else StepState.SUCCESS
    text = await scene.text(act, stored.ref_read(ref))
    return Answered(text, state is StepState.SUCCESS, over=False)
