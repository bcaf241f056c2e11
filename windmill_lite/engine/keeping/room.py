"""The disk budget: how much room the database may take, and what happens when it is used up.

1. Whoever pushes a job measures now and then (`ROOM_MEASURE_S`), so that an idle appliance never
   does. On SQLite that reads three numbers of the file, on Postgres the server's statistics.
2. Above `ROOM_HIGH` of the budget it rings; the cleaner makes room until `ROOM_LOW` of it is
   filled: first the logs of runs that completed more than a day ago, then whole runs, the oldest
   first. Spared are what a rule of a workspace keeps for ever, what has not completed, and what
   completed in the last quarter of an hour, since somebody may wait for its result.
3. Above the budget itself new jobs are refused until there is room. What runs may end: results and
   logs are always written, so the budget is passed by what was under way.

Postgres does not give room back but uses it again, and tells with some delay how much there is; so
the next making of room waits until the last one has been noticed. Where nothing may go, it is not
tried again for a while either.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from functools import partial
from uuid import UUID

from windmill_lite.base.errors import Unavailable
from windmill_lite.base.units import shown_bytes
from windmill_lite.core.jobs import retention
from windmill_lite.engine.keeping import prune
from windmill_lite.engine.keeping.prune import Removed
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.retention import Rule, Tree
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import prune as store
from windmill_lite.store.machine import space
from windmill_lite.store.machine.prune import Stretch

RING = "room"  # there is little left

log = logging.getLogger(__name__)

_SECOND = 1_000_000


class NoRoom(Unavailable):
    """The disk budget is used up."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"the disk budget of {shown_bytes(most)} is used up: no new jobs until completed runs "
            "have been removed, or --max-disk is larger",
            retry_after_s=limits.ROOM_RETRY_S,
        )


async def measure(world: World) -> int:
    """Bytes that are filled; remembered for `require`."""
    world.room.measured_at_s = world.clock.monotonic_s()
    async with world.db.view() as view:
        world.room.used_bytes = await space.used_bytes(view)
    return world.room.used_bytes


async def require(world: World) -> None:
    """Before a job is pushed. Fails: `NoRoom`."""
    most = world.keeping.max_disk_bytes
    if most is None:
        return
    age_s = world.clock.monotonic_s() - world.room.measured_at_s
    if age_s >= limits.ROOM_MEASURE_S:
        used = await measure(world)
        if used > most * limits.ROOM_HIGH:
            world.db.bell.ring(RING)
    if world.room.used_bytes > most:
        raise NoRoom(most)


async def make(world: World) -> AsyncIterator[Removed]:
    """Makes room when there is too little, a batch at each step; nothing when there is enough."""
    most = world.keeping.max_disk_bytes
    if most is None or world.clock.monotonic_s() < world.room.make_after_s:
        return
    used = await measure(world)
    if used <= most * limits.ROOM_HIGH:
        return
    wanted, freed = used - int(most * limits.ROOM_LOW), 0
    log.warning("%s of %s are filled: the oldest runs go", shown_bytes(used), shown_bytes(most))
    for way in (_old_logs, _oldest_runs):
        async for removed in way(world):
            freed += removed.bytes
            _rest(world, 0.0 if world.solo else limits.ROOM_SETTLES_S)
            yield removed
            if freed >= wanted:
                await measure(world)
                return
    _rest(world, limits.ROOM_AGAIN_S)
    if await measure(world) > most:
        log.error("the disk budget of %s is used up and nothing may go", shown_bytes(most))


def _rest(world: World, seconds: float) -> None:
    world.room.make_after_s = world.clock.monotonic_s() + seconds


async def _old_logs(world: World) -> AsyncIterator[Removed]:
    """The logs of runs that completed long enough ago, in the order of their ids: by their age, but
    for ids that were chosen.
    """
    before = world.now() - int(limits.ROOM_LOGS_S * _SECOND)
    after: UUID | None = None
    while True:
        async with world.db.view() as view:
            logged = await store.logged(view, after=after, most=limits.PRUNE_RUNS)
        ids = [id_ for id_, completed_at in logged if (completed_at or before) < before]
        if not ids:
            return
        yield await world.db.write(partial(_remove_logs, ids))
        after = logged[-1][0]


async def _remove_logs(ids: Sequence[UUID], tx: Tx) -> Removed:
    return Removed(len(ids), await store.remove_logs(tx, ids))


async def _oldest_runs(world: World) -> AsyncIterator[Removed]:
    """Whole runs, from whichever workspace has the oldest."""
    async with world.db.view() as view:
        rules, names = await store.rules(view), await store.workspaces(view)
        heads = {name: await store.oldest(view, name) for name in names}
    before = world.now() - int(limits.ROOM_SPARES_S * _SECOND)
    rounds = {}
    for name in names:
        goes = partial(_not_spared, rules.get(name, ()), before)
        rounds[name] = prune.along(world, Stretch(name, roots=True, before=before), goes)
    while ages := [(at, name) for name, at in heads.items() if at is not None]:
        _, name = min(ages)
        removed = await anext(rounds[name], None)
        if removed is None:
            del heads[name]
            continue
        yield removed
        async with world.db.view() as view:
            heads[name] = await store.oldest(view, name, after=removed.at)


def _not_spared(rules: Sequence[Rule], before: int, tree: Tree) -> bool:
    return not retention.spared(rules, tree, before)
