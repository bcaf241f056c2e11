"""Windows of concurrency keys move on: those who waited for it are woken."""

from __future__ import annotations

from windmill_lite.engine.rules import keys as rules
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.store.machine import keys


async def wake(world: World) -> int:
    """One batch of keys whose moment has come; how many there were."""
    now = world.now()
    async with world.db.view() as view:
        due = await keys.due(view, now=now, most=limits.WAKE_BATCH)
    if not due:
        return 0

    await world.db.write(lambda tx: rules.move_on(tx, due, now=now))
    return len(due)


async def next_wake_s(world: World, *, at_most: float) -> float:
    """Seconds until the earliest moment, `at_most` when none is before that."""
    async with world.db.view() as view:
        wake_at = await keys.next_wake_at(view)
    if wake_at is None:
        return at_most
    return min(at_most, max(0.0, (wake_at - world.now()) / 1_000_000))
