"""Workers that have been silent for long -> engine.rescue.forget: every start of a process leaves
a row, and those that were killed leave it for ever."""

from __future__ import annotations

from windmill_lite.base.service import Ticker
from windmill_lite.engine.rescue import forget
from windmill_lite.engine.world import World

_PAUSE_S = 3600.0


class Forgetter(Ticker):
    name = "scheduler.forgetter"

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    async def tick(self) -> float:
        await forget(self._world)
        return _PAUSE_S
