"""Windows of concurrency keys have moved -> engine.rules.wake. Several at once are harmless."""

from __future__ import annotations

from windmill_lite.base.service import Ticker
from windmill_lite.engine.rules.wake import next_wake_s, wake
from windmill_lite.engine.world import World
from windmill_lite.model import limits


class Waker(Ticker):
    name = "scheduler.waker"
    topics = ("wake",)

    def __init__(self, world: World) -> None:
        super().__init__(world.db.bell)
        self._world = world

    async def tick(self) -> float:
        if await wake(self._world) == limits.WAKE_BATCH:
            return 0.0
        poll_s = limits.CLAIM_POLL_SOLO_S if self._world.solo else limits.CLAIM_POLL_S
        return max(0.001, await next_wake_s(self._world, at_most=poll_s))
