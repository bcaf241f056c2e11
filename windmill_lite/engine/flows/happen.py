"""An event happens to a flow: decide outside of a transaction, store inside of one; decide again
when somebody was faster.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from windmill_lite.base.errors import Bug
from windmill_lite.core.flow.effects import PushStep
from windmill_lite.core.flow.events import ChildDone, Event, Started, Woken
from windmill_lite.core.flow.refs import child_id
from windmill_lite.core.flow.status import Phase
from windmill_lite.engine.flows.drive import Drive, Evaluate
from windmill_lite.engine.flows.keep import Holding, Keeping, Moved, Over, keep
from windmill_lite.engine.flows.scene import Scene
from windmill_lite.engine.flows.stored_shelf import StoredShelf
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.machine import flows

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cause:
    """What happened to which flow. `results` are those of jobs that complete in the same breath."""

    run: UUID
    events: tuple[Event, ...] = ()  # besides the letters that wait for it
    results: dict[UUID, str] = field(default_factory=dict)
    holding: Holding | None = None


async def happen(
    world: World, evaluate: Evaluate, cause: Cause, body: Callable[[Tx], Awaitable[T]]
) -> T:
    """What `body` answers; it runs first in the transaction that stores the decision, and what it
    raises undoes both. Of a flow that was canceled it is all that happens.
    """
    for _ in range(limits.FLOW_CONFLICTS_MAX):
        async with world.db.view() as view:
            keeping = await _decided(world, view, evaluate, cause)

        async def both(tx: Tx, keeping: Keeping = keeping) -> T:
            answer = await body(tx)
            await keep(tx, keeping)
            return answer

        try:
            return await world.db.write(both)
        except Moved:
            continue
        except Over:
            return await world.db.write(body)
    raise Bug(f"flow {cause.run} moves faster than it can be decided on")


async def _decided(world: World, view: View, evaluate: Evaluate, cause: Cause) -> Keeping:
    scene = Scene(StoredShelf(view), cause.results)
    letters = await flows.letters(view, cause.run)
    told = [ChildDone(each.name, success=False, final=each.final) for each in letters]
    due = await _due(scene, cause, world.now())
    await Drive(scene, evaluate).go(cause.run, *told, *due, *cause.events)
    jobs = {act.run.owner: await flows.job(view, act.run.owner) for act in scene.changed()}
    likes = {
        child_id(act.run.id, effect.name): await scene.shelf.args(child_id(act.run.id, effect.like))
        for act in scene.changed()
        for effect in act.effects
        if isinstance(effect, PushStep) and effect.args is None and effect.like is not None
    }
    return Keeping(
        scene,
        jobs,
        likes,
        now=world.now(),
        holding=cause.holding,
        letters={cause.run: [each.name for each in letters]},
    )


async def _due(scene: Scene, cause: Cause, now: int) -> list[Event]:
    """What time has brought, for the worker that holds the flow."""
    if cause.holding is None:
        return []
    act = await scene.act(cause.run)
    if act.status.phase is Phase.NEW:
        return [Started()]
    late = act.run.due_at is not None and act.run.due_at <= now
    return [Woken(act.status.waits)] if late and act.status.due else []
