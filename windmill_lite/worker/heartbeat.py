""" "I am alive and hold these jobs", and what the answer orders.

On SQLite there is one process, which is alive while it is; nothing is written and only a ring is
waited for. On Postgres the worker's row is touched, often while jobs run and seldom otherwise.
"""

from __future__ import annotations

import resource

from windmill_lite.base.service import Ticker
from windmill_lite.engine import ping
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.worker.roster import Roster

_SOLO_PAUSE_S = 3600.0


class Heartbeat(Ticker):
    name = "worker.heartbeat"
    topics = ("cancel",)

    def __init__(self, world: World, roster: Roster) -> None:
        super().__init__(world.db.bell)
        self._world = world
        self._roster = roster
        self._pinged_at_s = world.clock.monotonic_s()

    async def tick(self) -> float:
        attempts = self._roster.attempts()
        if attempts:
            orders = await ping.orders(self._world, self._roster.worker.id, attempts)
            for job_id, order in orders.items():
                running = self._roster.running.get(job_id)
                if running is not None and running.attempt == attempts[job_id]:
                    running.stop(order)
        if self._world.solo:
            return _SOLO_PAUSE_S
        return await self._ping()

    async def _ping(self) -> float:
        every_s = limits.WORKER_PING_S if self._roster.running else limits.WORKER_PING_IDLE_S
        now_s = self._world.clock.monotonic_s()
        due_s = self._pinged_at_s + every_s - now_s
        if due_s > 0:
            return min(due_s, limits.WORKER_PING_S)
        peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        await ping.ping(
            self._world,
            self._roster.worker,
            jobs_done=self._roster.jobs_done,
            memory_kb=peak_kb,
        )
        self._pinged_at_s = now_s
        return limits.WORKER_PING_S

    async def start(self) -> None:
        await ping.register(self._world, self._roster.worker)
        await super().start()

    async def stop(self) -> None:
        was_running = self._task is not None
        await super().stop()
        if was_running:
            await ping.leave(self._world, self._roster.worker.id)
