"""Jobs of silent workers -> engine.rescue. Several of these at once are harmless: every rescue is
guarded by the attempt it saw."""

from __future__ import annotations

import logging

from windmill_lite.base.service import Ticker
from windmill_lite.engine.rescue import rescue
from windmill_lite.engine.world import World
from windmill_lite.model import limits

log = logging.getLogger(__name__)


class Rescuer(Ticker):
    name = "scheduler.rescuer"

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    async def tick(self) -> float:
        found = await rescue(self._world)
        if found:
            log.warning("%d jobs of silent workers were taken back", found)
        return 0.0 if found == limits.RESCUE_BATCH else limits.RESCUE_SWEEP_S
