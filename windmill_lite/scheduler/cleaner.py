"""What has had its time goes: completed runs (engine/keeping/prune.py), runs before their time when
the disk budget wants it (engine/keeping/room.py), expired tokens, old failures, workers long gone.

A round once an hour, and at once when somebody rings that room is short. A tick is one batch, so
that whoever stops never waits for more than that; between two batches others can write.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from windmill_lite.base.service import Ticker
from windmill_lite.engine import rescue, tokens
from windmill_lite.engine.keeping import prune, room
from windmill_lite.engine.keeping.prune import Progress, Removed
from windmill_lite.engine.world import World
from windmill_lite.model import limits


class Cleaner(Ticker):
    name = "scheduler.cleaner"
    topics = (room.RING,)

    def __init__(self, world: World) -> None:
        super().__init__(world.db.bell)
        self._world = world
        self._progress = Progress()
        self._round: AsyncIterator[Removed] | None = None

    async def tick(self) -> float:
        under_way, self._round = self._round or self._whole_round(), None
        if await anext(under_way, None) is None:
            return limits.CLEAN_S
        self._round = under_way
        return limits.PRUNE_PAUSE_S

    async def _whole_round(self) -> AsyncIterator[Removed]:
        async for removed in room.make(self._world):
            yield removed
        async for removed in prune.old_runs(self._world, self._progress):
            yield removed
        await tokens.forget_stale(self._world)
        await rescue.forget(self._world)
