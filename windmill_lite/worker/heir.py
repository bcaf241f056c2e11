"""Jobs of workers that died on this machine run again at once, not after a lease.

Above all those of our own predecessor: a worker that is killed and started again goes on with its
jobs within seconds. What was killed just now may need a moment to be gone; so the first looks come
soon after each other.
"""

from __future__ import annotations

import logging
from typing import Protocol
from uuid import UUID

from windmill_lite.base.service import Ticker
from windmill_lite.engine.rescue import rescue_from_dead
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.worker.seats import Looks

log = logging.getLogger(__name__)

_FIRST_LOOKS_S = (0.2, 0.3, 0.5, 1.0, 2.0, 5.0)


class Places(Protocol):
    """`Seats`, to an heir."""

    def look(self, *, but: UUID | None = None) -> Looks: ...

    def forget(self, worker_id: UUID) -> None: ...


class Heir(Ticker):
    """Of every worker of this machine that is dead."""

    name = "worker.heir"

    def __init__(self, world: World, seats: Places, worker_id: UUID) -> None:
        super().__init__()
        self._world = world
        self._seats = seats
        self._worker_id = worker_id
        self._looks = 0

    async def tick(self) -> float:
        for dead in self._seats.look(but=self._worker_id).dead:
            if count := await rescue_from_dead(self._world, dead):
                log.warning("%d jobs of worker %s, which died here, were taken back", count, dead)
            self._seats.forget(dead)
        self._looks += 1
        if self._looks <= len(_FIRST_LOOKS_S):
            return _FIRST_LOOKS_S[self._looks - 1]
        return self._world.lease_s / limits.WORKER_PINGS_IDLE
