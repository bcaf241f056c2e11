"""An event happens to a flow: decide outside of a transaction, store inside of one; decide again
when somebody was faster.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar
from uuid import UUID

from windmill_lite.base.errors import Bug
from windmill_lite.core.flow.events import ChildDone, Event, Resumed, Started, Woken
from windmill_lite.core.flow.status import Phase
from windmill_lite.engine.flows.drive import Drive
from windmill_lite.engine.flows.facts.loose import Loose
from windmill_lite.engine.flows.facts.stored_shelf import StoredShelf
from windmill_lite.engine.flows.keep import Holding, Keeping, Moved, NotYours, Over, keep
from windmill_lite.engine.flows.scene import Scene
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.store.db.port import Body, Tx
from windmill_lite.store.machine import flows

T = TypeVar("T")

#: Stores what was decided; whether a concurrency key is held from then on.
Keep = Body[bool]


@dataclass(frozen=True, slots=True)
class Cause:
    """What happened to which flow. `results` are those of jobs that complete in the same breath."""

    run: UUID
    events: tuple[Event, ...] = ()  # besides the letters that wait for it
    results: dict[UUID, str] = field(default_factory=dict)
    answers: dict[str, UUID] = field(default_factory=dict)  # of those, by the key of the cache
    holding: Holding | None = None
    site: str | None = None  # the tag of the worker to which it happens
    root: UUID | None = None  # the outermost flow around it


async def happen(world: World, cause: Cause, doing: Callable[[Keep], Body[T]]) -> T:
    """What the transaction answers that `doing` makes around what is to be stored.

    Of a flow that was ended from outside nothing is stored any more, and the rest of the
    transaction is all that happens. Fails: `NotYours` for one that is held.
    """
    root = cause.root or cause.run
    alone = world.crowding.found(root)
    for _ in range(limits.FLOW_CONFLICTS_MAX):
        try:
            async with alone or nullcontext():
                return await _once(world, cause, doing)
        except Moved:
            alone = alone or world.crowding.joined(root)
        except Over:
            if cause.holding is not None:
                raise NotYours from None
            return await world.db.write(doing(_nothing))
    raise Bug(f"flow {cause.run} moves faster than it can be decided on")


async def _once(world: World, cause: Cause, doing: Callable[[Keep], Body[T]]) -> T:
    keeping = await _decided(world, cause)
    try:
        answer = await world.db.write(doing(partial(keep, what=keeping)))
    except Over:  # it was canceled, say, and is asked for no more
        for act in keeping.scene.acts.values():
            world.definitions.asked.drop(act.asked.job.id)
        raise
    for act in keeping.scene.changed():
        if act.status.phase is Phase.DONE:
            world.definitions.asked.drop(act.run.id)
    return answer


async def _nothing(_: Tx) -> bool:
    return False


async def _decided(world: World, cause: Cause) -> Keeping:
    view = Loose(world.db)
    scene = Scene(StoredShelf(world, view), cause.results, now=world.now())
    scene.site, scene.answers = cause.site, dict(cause.answers)
    waiting = (await scene.act(cause.run)).run.letters
    letters = await flows.letters(view, cause.run) if waiting else []
    told = [ChildDone(each.name, success=False, final=each.final) for each in letters]
    due = await _due(scene, cause)
    await Drive(scene, world.expressions).go(cause.run, *told, *due, *cause.events)
    return Keeping(
        scene,
        holding=cause.holding,
        letters={cause.run: [each.name for each in letters]},
    )


async def _due(scene: Scene, cause: Cause) -> list[Event]:
    """Why a worker holds the flow: it begins, its time has come, or somebody has said something."""
    if cause.holding is None:
        return []
    act = await scene.act(cause.run)
    if act.status.phase is Phase.NEW:
        return [Started()]
    late = act.run.due_at is not None and act.run.due_at <= scene.now
    if act.status.phase is Phase.GATED:
        return [Resumed(), Woken(act.status.waits)] if late else [Resumed()]
    return [Woken(act.status.waits)] if late and act.status.due else []
