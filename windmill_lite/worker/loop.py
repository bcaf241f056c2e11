"""Free slots -> claim -> slot. A slot brings its next job along itself, so this loop only starts
work after a pause, or when there is more work than busy slots."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from windmill_lite.base.bell import Ear
from windmill_lite.base.service import Ticker
from windmill_lite.engine.claim import claim, next_due_s
from windmill_lite.model import limits
from windmill_lite.worker.slot import Bench, Slot

log = logging.getLogger(__name__)

_NO_CONTACT_S = 1.0  # until the next look whether the heartbeat was heard


class ClaimLoop(Ticker):
    """Claims while slots are free; stops in three stages: claims no more, waits, hands back."""

    name = "worker.loop"
    topics = ("queue",)

    def __init__(self, bench: Bench, *, drain_s: float) -> None:
        super().__init__(bench.world.db.bell)
        self._bench = bench
        self._drain_s = drain_s
        self._tags = bench.roster.worker.tags
        self._slots: dict[asyncio.Task[None], Slot] = {}
        self._overlooked = False  # it rang while no slot was free
        self._look_at_s = 0.0  # of the monotonic clock: not earlier for delayed jobs, while full
        self._closing = asyncio.Event()
        self._waited_enough = Ear()  # every slot is done, or somebody is in a hurry

    async def tick(self) -> float:
        world, roster = self._bench.world, self._bench.roster
        poll_s = limits.CLAIM_POLL_SOLO_S if world.solo else limits.CLAIM_POLL_S
        free = roster.worker.slots - len(self._slots)
        if free <= 0:
            self._overlooked = True
            return await self._mind_the_time(poll_s)
        if not self._bench.in_contact():
            roster.look_again()
            return _NO_CONTACT_S
        for found in await roster.asking(world.db.bell, claim(world, roster.ask(free))):
            self._start(Slot(self._bench, found, self._closing))
        return max(0.001, await next_due_s(world, at_most=poll_s))

    async def _mind_the_time(self, poll_s: float) -> float:
        """While no slot is free: a report takes only jobs that are ready along, so those whose time
        has come are made ready here. However often it rings, the look is seldom.
        """
        world = self._bench.world
        early_s = self._look_at_s - world.clock.monotonic_s()
        if early_s > 0:
            return early_s
        self._look_at_s = world.clock.monotonic_s() + limits.COME_DUE_LOOK_S
        due_s = await next_due_s(world, at_most=poll_s)
        if due_s == 0.0:
            await claim(world, self._bench.roster.ask(0))
        return max(due_s, limits.COME_DUE_LOOK_S)

    def _start(self, slot: Slot) -> None:
        slot.enter()
        task = asyncio.create_task(slot.work(), name="worker.slot")
        self._slots[task] = slot
        task.add_done_callback(self._slot_done)

    def _slot_done(self, task: asyncio.Task[None]) -> None:
        del self._slots[task]
        died = not task.cancelled() and task.exception() is not None
        if died:
            log.error("a slot died", exc_info=task.exception())
        if self._closing.is_set() and not self._slots:
            self._waited_enough.ring()
        if died or self._overlooked:  # else its report has just found the queue empty
            self._overlooked = False
            self.wake()

    async def start(self) -> None:
        self._closing.clear()
        self._waited_enough = Ear()
        self._take(self._tags)
        await super().start()

    async def stop(self) -> None:
        self._closing.set()
        await super().stop()
        if not self._slots:
            return
        self._take(())
        log.info("waiting up to %.0f s for %d running jobs", self._drain_s, len(self._slots))
        await self._waited_enough.wait(self._drain_s)
        await self._hand_back()

    def _take(self, tags: tuple[str, ...]) -> None:
        """Says to others, by the heartbeat, of which tags jobs are taken."""
        roster = self._bench.roster
        if roster.worker.tags != tags:
            roster.worker = replace(roster.worker, tags=tags)
            roster.look_again()

    def hurry(self) -> None:
        """A stop, now or later, waits for no job."""
        self._waited_enough.ring()

    async def _hand_back(self) -> None:
        for slot in self._slots.values():
            slot.hand_back()
        if self._slots:
            await asyncio.wait(self._slots, timeout=limits.HAND_BACK_S)
        for task in self._slots:
            task.cancel()
        if self._slots:
            log.error(
                "%d jobs could not be handed back: they run again when this worker is missed",
                len(self._slots),
            )
            await asyncio.wait(self._slots)
