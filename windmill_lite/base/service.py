"""Things that start and stop, and things that tick.

Contract of every `Service`: starting twice or stopping twice is harmless, stopping before starting
is harmless, and `stop` returns only when nothing of the service runs any more.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from windmill_lite.base.bell import Bell, Ear
from windmill_lite.base.errors import Refusal

log = logging.getLogger(__name__)

BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # after failed ticks, the last one for ever


class Service(Protocol):
    """Anything a role is made of; `name` is for the log."""

    @property
    def name(self) -> str: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Ticker:
    """Base of everything that repeats: `tick` returns seconds until the next, 0 for at once.

    A tick that raises is logged and tried again later; the loop itself never dies. When `topics`
    are given, a ring of the bell ends the pause early (the one after a failure is at least
    `BACKOFF_S[0]`). `stop` ends the pause, never a tick: what a tick has begun in the database it
    also hears the end of.
    """

    name = "ticker"
    topics: tuple[str, ...] = ()
    backoff_s_max: float = BACKOFF_S[-1]

    def __init__(self, bell: Bell | None = None) -> None:
        self._bell = bell
        self._task: asyncio.Task[None] | None = None
        self._ear = Ear()
        self._stopping = False

    async def tick(self) -> float:
        raise NotImplementedError

    async def start(self) -> None:
        if self._task is None:
            self._stopping = False
            self._task = asyncio.create_task(self._loop(), name=self.name)

    async def stop(self) -> None:
        task = self._task
        if task is not None:
            self._stopping = True
            self.wake()
            await asyncio.shield(asyncio.gather(task, return_exceptions=True))
            self._task = None

    def wake(self) -> None:
        """Ends the pause, or makes the next one short: a ring that only this ticker hears."""
        self._ear.ring()

    async def _loop(self) -> None:
        if self._bell is None or not self.topics:
            await self._run()
            return
        with self._bell.listen(*self.topics) as ear:
            self._ear = ear
            await self._run()

    async def _run(self) -> None:
        failures = 0
        while not self._stop_wanted():
            try:
                pause_s = await self.tick()
                failures = 0
            except Exception as error:
                pause_s = min(BACKOFF_S[min(failures, len(BACKOFF_S) - 1)], self.backoff_s_max)
                failures += 1
                told = "%s failed: %s; next try in %.1f s"
                # What refuses says why in its own words; of anything else the place must be known.
                unknown = None if isinstance(error, Refusal) else error
                log.warning(told, self.name, error, pause_s, exc_info=unknown)
                await asyncio.sleep(BACKOFF_S[0])  # however often it rings
            if self._stop_wanted():
                return
            if pause_s > 0:
                await self._ear.wait(pause_s)
            else:
                await asyncio.sleep(0)

    def _stop_wanted(self) -> bool:
        return self._stopping
