"""What has had its time -> engine.rules.sweep. Several of these at once are harmless."""

from __future__ import annotations

from windmill_lite.base.service import Ticker
from windmill_lite.engine.rules.sweep import sweep
from windmill_lite.engine.world import World
from windmill_lite.model import limits


class Sweeper(Ticker):
    name = "scheduler.sweeper"

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    async def tick(self) -> float:
        return 0.0 if await sweep(self._world) else limits.SWEEP_S
