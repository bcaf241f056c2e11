"""Holds the lease (engine/lease.py) and runs the chores it is given, only while it is held.

On SQLite there is one process: the chores simply run, without a lease and without a write. On
Postgres any number of schedulers wait; the one that leads writes one row every `LEASE_RENEW_S`, the
others read it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from windmill_lite.base.errors import Refusal
from windmill_lite.base.ids import new_id
from windmill_lite.base.service import Ticker
from windmill_lite.engine import lease
from windmill_lite.engine.lease import Lease
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.scheduler.contact import Contact

log = logging.getLogger(__name__)

NAME = "scheduler"
_RETRY_S = 1.0


class Leader(Ticker):
    """A service. `chores` are tickers that nobody else starts."""

    name = "scheduler.leader"
    topics = (lease.RING,)

    def __init__(
        self, world: World, chores: Sequence[Ticker], contact: Contact | None = None
    ) -> None:
        super().__init__(world.db.bell)
        self._world = world
        self._contact = contact or Contact()
        self._chores = [_Led(chore, world, self.leads) for chore in chores]
        self._holder = new_id()
        self._held: Lease | None = None

    def leads(self) -> bool:
        """Whether the chores may work at this moment."""
        if self._world.solo:
            return True
        return self._held is not None and self._left_s(self._held) > 0

    async def start(self) -> None:
        if self._world.solo:
            await self._begin()
        else:
            if self._task is None:
                self._contact.begin(self._world)
            await super().start()

    async def stop(self) -> None:
        await super().stop()
        held, self._held = self._held, None
        await self._end()
        if held is not None:
            try:
                await lease.resign(self._world, held)
            except Refusal as error:  # it expires by itself
                log.info("the lease was not handed on: %s", error)

    async def tick(self) -> float:
        try:
            if self._held is None:
                return await self._wait()
            return await self._go_on(self._held)
        except Refusal:
            self._contact.lost_at_s = self._world.clock.monotonic_s()
            raise

    async def _wait(self) -> float:
        if not self._world.solo:
            await self._contact.look(self._world)
        free_in_s = await lease.free_in_s(self._world, NAME, self._holder)
        if free_in_s > 0:
            # Seldom enough to cost nothing, often enough to notice every outage that matters.
            return min(free_in_s, max(_RETRY_S, self._world.lease_s / 4))
        taken = await lease.acquire(self._world, NAME, self._holder)
        if taken is None:
            return _RETRY_S
        self._held = taken
        log.info("this process leads now (term %d)", taken.term)
        await self._begin()
        return limits.LEASE_RENEW_S

    async def _go_on(self, held: Lease) -> float:
        left_s = self._left_s(held)
        if left_s <= 0:
            return await self._step_down("it could not be renewed in time")
        try:
            async with asyncio.timeout(left_s):
                self._held = await lease.renew(self._world, held)
        except (Refusal, TimeoutError) as error:
            log.warning("the lease was not renewed: %s", str(error) or "no answer in time")
            self._contact.lost_at_s = self._world.clock.monotonic_s()
            return max(0.0, min(_RETRY_S, self._left_s(held)))
        if self._held is None:
            return await self._step_down("another process took it")
        return limits.LEASE_RENEW_S

    async def _step_down(self, why: str) -> float:
        log.warning("this process does not lead any more: %s", why)
        self._held = None
        await self._end()
        return _RETRY_S

    def _left_s(self, held: Lease) -> float:
        return held.trusted_until_s - self._world.clock.monotonic_s()

    async def _begin(self) -> None:
        for chore in self._chores:
            await chore.start()

    async def _end(self) -> None:
        await asyncio.gather(*(chore.stop() for chore in self._chores))


class _Led(Ticker):
    """A chore that asks before each tick: a process that was frozen wakes anywhere."""

    def __init__(self, chore: Ticker, world: World, leads: Callable[[], bool]) -> None:
        super().__init__(world.db.bell)
        self.name, self.topics = chore.name, chore.topics
        self._chore = chore
        self._leads = leads

    async def tick(self) -> float:
        return await self._chore.tick() if self._leads() else _RETRY_S
