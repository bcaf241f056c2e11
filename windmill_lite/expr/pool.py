"""Who gets which child.

A child serves one workspace as long as it lives: should an expression break out of the engine, it
finds what that workspace's expressions read, and no other's. There are at most
`EXPRESSION_PROCESSES`; when there is none left, the one that is idle longest makes room. One that
is idle for `EXPRESSION_IDLE_S` ends: a timer runs while one is idle, and no other time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from windmill_lite.base.errors import Unavailable
from windmill_lite.expr.link import Link
from windmill_lite.model import limits


class Pool:
    """Links, lent one at a time."""

    def __init__(self) -> None:
        self.stopped = False
        self._idle: list[Link] = []  # the one idle longest first
        self._lent: set[Link] = set()
        self._changed = asyncio.Condition()
        self._quiet: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def borrow(self, workspace: str) -> AsyncIterator[Link]:
        """One that nobody else uses meanwhile. Fails: `Unavailable`."""
        link = await self._take(workspace)
        try:
            if not link.uses:
                await link.open()
            yield link
        finally:
            await self._give_back(link)

    async def stop(self) -> None:
        """Returns when no child lives any more; who waits for an answer hears that it died."""
        self.stopped = True
        async with self._changed:
            self._changed.notify_all()
            idle, self._idle = self._idle, []
            for link in self._lent:
                link.kill()
            await self._changed.wait_for(lambda: not self._lent)
        if self._quiet is not None:
            self._quiet.cancel()
        for link in idle:
            await link.close()
        await asyncio.gather(*self._closing)

    async def _take(self, workspace: str) -> Link:
        async with self._changed:
            await self._changed.wait_for(lambda: self.stopped or self._room())
            if self.stopped:
                raise Unavailable("expressions are evaluated no more: the server is stopping")
            link, old = self._choose(workspace)
            self._lent.add(link)
        if old is not None:
            await old.close()
        return link

    def _room(self) -> bool:
        return bool(self._idle) or len(self._lent) < limits.EXPRESSION_PROCESSES

    def _choose(self, workspace: str) -> tuple[Link, Link | None]:
        """The link to lend, and the one that makes room for it."""
        for link in reversed(self._idle):
            if link.workspace == workspace:
                self._idle.remove(link)
                return link, None
        full = len(self._idle) + len(self._lent) >= limits.EXPRESSION_PROCESSES
        return Link(workspace), self._idle.pop(0) if full else None

    async def _give_back(self, link: Link) -> None:
        keep = link.whole and link.uses < limits.EXPRESSION_PROCESS_USES and not self.stopped
        gone = [] if keep else [link]
        async with self._changed:
            if keep:
                link.idle_at_s = asyncio.get_running_loop().time()
                self._idle.append(link)
            if len(self._idle) > limits.EXPRESSION_PROCESSES_IDLE:
                gone.append(self._idle.pop(0))
            self._lent.discard(link)
            self._changed.notify_all()
        self._await_quiet()
        for one in gone:
            await one.close()

    def _await_quiet(self) -> None:
        if self._idle and self._quiet is None:
            at_s = self._idle[0].idle_at_s + limits.EXPRESSION_IDLE_S
            self._quiet = asyncio.get_running_loop().call_at(at_s, self._end_quiet)

    def _end_quiet(self) -> None:
        self._quiet, loop = None, asyncio.get_running_loop()
        last_s = loop.time() - limits.EXPRESSION_IDLE_S
        while self._idle and self._idle[0].idle_at_s <= last_s:
            task = loop.create_task(self._idle.pop(0).close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        self._await_quiet()
