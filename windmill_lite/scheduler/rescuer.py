"""Jobs of silent workers -> engine.rescue. Several of these at once are harmless: every rescue is
guarded by the attempt it saw.

After an outage of the database, and after a jump of its clock, every worker looks silent. A lease
without rescues follows both (see `contact`).
"""

from __future__ import annotations

import logging

from windmill_lite.base.service import Ticker
from windmill_lite.engine.rescue import rescue
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.scheduler.contact import Contact

log = logging.getLogger(__name__)


class Rescuer(Ticker):
    name = "scheduler.rescuer"
    topics = ("cancel",)  # of a dead worker's job there is nobody else to end it

    def __init__(self, world: World, contact: Contact | None = None) -> None:
        super().__init__(world.db.bell)
        self._world = world
        self._contact = contact or Contact()

    async def tick(self) -> float:
        if (quiet_s := self._contact.quiet_s(self._world)) > 0:
            return quiet_s
        try:
            at = await self._contact.look(self._world)
            if (quiet_s := self._contact.quiet_s(self._world)) > 0:
                return quiet_s
            found = await rescue(self._world, at=at)
        except Exception:
            self._contact.lost_at_s = self._world.clock.monotonic_s()
            raise
        if found:
            log.warning("%d jobs of silent workers were taken back", found)
        if found == limits.RESCUE_BATCH:
            return 0.0
        return min(limits.RESCUE_SWEEP_S, self._world.lease_s / limits.WORKER_PINGS)
