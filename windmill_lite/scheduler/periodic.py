"""Due schedules -> engine.schedule. Several of these at once are harmless: a tick happens once,
whoever gives it its turn. It sleeps until the earliest tick and wakes for every edit, so that an
appliance without schedules does nothing here.
"""

from __future__ import annotations

import math

from windmill_lite.base.service import Ticker
from windmill_lite.engine import schedule, schedule_edit
from windmill_lite.engine.world import World
from windmill_lite.model import limits


class Periodic(Ticker):
    name = "scheduler.periodic"
    topics = (schedule_edit.RING,)

    def __init__(self, world: World) -> None:
        super().__init__(world.db.bell)
        self._world = world

    async def tick(self) -> float:
        if await schedule.tick(self._world):
            return 0.0  # there may be more, and meanwhile others have become due
        pause_s = await schedule.next_tick_s(self._world)
        if pause_s is None and self._world.solo:
            return limits.SCHEDULE_IDLE_S
        # Longer would trust a ring, or a clock that nobody sets, too far.
        return min(limits.SCHEDULE_POLL_S, math.inf if pause_s is None else pause_s)
