""" "I am alive and hold these jobs", and what the answer orders.

On SQLite there is one process, which is alive while it is; how much it has done is written now and
then, and nothing while nothing runs. On Postgres the worker's row is touched several times in a
lease, often while jobs run and seldom otherwise. Then it also looks for jobs that the queue gave to
this worker in an answer that got lost: nobody runs them, and while the worker is alive nobody would
rescue them.

A sign of life that arrived also prolongs the jobs' own lives: to the guard's share of a lease after
it was sent, before anybody else may run them. On SQLite nobody else may while this process is
there, frozen or not: no guard is set.
"""

from __future__ import annotations

import logging
import resource
from collections.abc import Callable

from windmill_lite.base.errors import Unavailable
from windmill_lite.base.service import Ticker
from windmill_lite.engine import finish, ping
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.worker.roster import CANCEL, Roster

log = logging.getLogger(__name__)

_SOLO_PAUSE_S = 20.0


class Heartbeat(Ticker):
    """Obeys orders at every tick, which a cancellation brings about at once."""

    name = "worker.heartbeat"
    topics = (CANCEL,)

    def __init__(self, world: World, roster: Roster, trust_until: Callable[[float], None]) -> None:
        super().__init__(world.db.bell)
        self._described = roster.worker
        self._counted = 0  # of the roster's jobs_done, what is written
        self._world = world
        self._roster = roster
        self._trust_until = trust_until  # a Runner's
        roster.look_again = self.wake
        self.backoff_s_max = world.lease_s / limits.WORKER_PINGS

    async def tick(self) -> float:
        await self._obey()
        if self._described is not self._roster.worker:
            described = self._roster.worker
            await ping.describe(self._world, described)
            self._described = described
        if self._world.solo:
            if self._roster.jobs_done != self._counted:
                await self._write()
            return _SOLO_PAUSE_S
        return await self._ping()

    async def _obey(self) -> None:
        attempts = self._roster.attempts()
        if not attempts:
            return
        orders = await ping.orders(self._world, self._roster.worker.id, attempts)
        for job_id, order in orders.items():
            running = self._roster.running.get(job_id)
            if running is not None and running.attempt == attempts[job_id]:
                running.stop(order)

    async def _ping(self) -> float:
        busy_s = self._world.lease_s / limits.WORKER_PINGS
        idle_s = self._world.lease_s / limits.WORKER_PINGS_IDLE
        now_s = self._world.clock.monotonic_s()
        due_s = self._roster.heard_at_s + (busy_s if self._roster.running else idle_s) - now_s
        if due_s > 0:
            return min(due_s, busy_s)
        await self._write()
        self._heard(now_s)
        await self._return_unknown()
        return busy_s

    async def _write(self) -> None:
        # Memory by its peak: what it holds now is not told without reading files.
        peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        jobs_done = self._roster.jobs_done
        await ping.ping(self._world, self._roster.worker, jobs_done=jobs_done, memory_kb=peak_kb)
        self._counted = jobs_done

    async def _return_unknown(self) -> None:
        quiet = self._roster.quiet_since()
        if quiet is None:
            return
        held = await ping.held(self._world, self._roster.worker.id)
        if self._roster.quiet_since() != quiet:
            return
        for job_id, attempt in self._roster.unknown(held).items():
            log.warning("job %s attempt %d: its claim got lost; it is returned", job_id, attempt)
            why = "its worker never heard that it had claimed the job"
            worker_id = self._roster.worker.id
            await finish.hand_back(self._world, job_id, attempt, worker_id=worker_id, why=why)

    async def start(self) -> None:
        if self._task is None:
            now_s = self._world.clock.monotonic_s()
            await ping.register(self._world, self._roster.worker)
            self._heard(now_s)
            await super().start()

    def _heard(self, sent_at_s: float) -> None:
        """From the sending on, since others count from before the answer."""
        self._roster.heard_at_s = sent_at_s
        if not self._world.solo:
            self._trust_until(sent_at_s + limits.WORKER_GUARD * self._world.lease_s)

    async def stop(self) -> None:
        was_running = self._task is not None
        await super().stop()
        if not was_running:
            return
        try:
            await ping.leave(self._world, self._roster.worker.id)
        except Unavailable as refusal:
            log.warning("the worker leaves without saying so: %s", refusal)
