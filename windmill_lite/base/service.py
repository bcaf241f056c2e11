"""Things that start and stop, and things that tick.

Contract of every `Service`: starting twice or stopping twice is harmless, stopping before starting
is harmless, and `stop` returns only when nothing of the service runs any more.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from windmill_lite.base.bell import Bell, Ear

log = logging.getLogger(__name__)

BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # after failed ticks, the last one for ever


class Service(Protocol):
    """Anything a role is made of."""

    name: str

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Ticker:
    """Base of everything that repeats: `tick` returns seconds until the next, 0 for at once.

    A tick that raises is logged and tried again later; the loop itself never dies. When `topics`
    are given, a ring of the bell ends the pause early.
    """

    name = "ticker"
    topics: tuple[str, ...] = ()

    def __init__(self, bell: Bell | None = None) -> None:
        self._bell = bell
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    async def tick(self) -> float:
        raise NotImplementedError

    async def start(self) -> None:
        if self._task is None:
            self._stopping.clear()
            self._task = asyncio.create_task(self._loop(), name=self.name)

    async def stop(self) -> None:
        self._stopping.set()
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _loop(self) -> None:
        if self._bell is None or not self.topics:
            await self._run(None)
            return
        with self._bell.listen(*self.topics) as ear:
            await self._run(ear)

    async def _run(self, ear: Ear | None) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                pause_s = await self.tick()
                failures = 0
            except Exception:
                pause_s = BACKOFF_S[min(failures, len(BACKOFF_S) - 1)]
                failures += 1
                log.exception("%s failed; next try in %.1f s", self.name, pause_s)
            if pause_s <= 0:
                await asyncio.sleep(0)
            elif ear is not None:
                await ear.wait(pause_s)
            else:
                await asyncio.sleep(pause_s)
