"""A few connections that many share, each lent to one at a time.

Connections are made when first needed and kept; one that came back unfit is thrown away, behind the
back of the next borrower. Nothing happens while nobody asks: no timers, no pings.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from windmill_lite.base.errors import Unavailable

C = TypeVar("C")


class Pool(Generic[C]):
    """`make` opens a connection, `fit` says whether one may be lent again, `drop` closes one
    and does not raise.
    """

    def __init__(
        self,
        make: Callable[[], Awaitable[C]],
        *,
        fit: Callable[[C], bool],
        drop: Callable[[C], Coroutine[None, None, None]],
        size: int,
        checkout_s: float,
    ) -> None:
        self.size = size
        self.made = 0  # how many connections were opened in all
        self._make = make
        self._fit = fit
        self._drop = drop
        self._checkout_s = checkout_s
        self._free = asyncio.Semaphore(size)
        self._idle: list[C] = []
        self._discarded: set[asyncio.Task[None]] = set()
        self._closed = False

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[C]:
        """A connection for the block.

        Fails: `Unavailable` when none becomes free in time, or after `close`; as `make` fails.
        """
        await self._enter()
        try:
            connection = await self._take()
            try:
                yield connection
            finally:
                self._give_back(connection)
        finally:
            self._free.release()

    async def close(self) -> None:
        """Waits until every connection is back and closes it. Harmless when repeated."""
        if not self._closed:
            self._closed = True
            for _ in range(self.size):
                await self._free.acquire()
            for _ in range(self.size):
                self._free.release()
            while self._idle:
                self._discard(self._idle.pop())
            while self._discarded:
                await asyncio.gather(*self._discarded)

    async def _enter(self) -> None:
        try:
            if self._free.locked():
                async with asyncio.timeout(self._checkout_s):
                    await self._free.acquire()
            else:
                await self._free.acquire()  # returns at once
        except TimeoutError:
            raise Unavailable(
                f"the database is too busy: all {self.size} connections were in use for "
                f"{self._checkout_s:g} s"
            ) from None
        if self._closed:
            self._free.release()
            raise Unavailable("the database is closed")

    async def _take(self) -> C:
        while self._idle:
            connection = self._idle.pop()  # the one that was used last is the warmest
            if self._fit(connection):
                return connection
            self._discard(connection)
        connection = await self._make()
        self.made += 1
        return connection

    def _give_back(self, connection: C) -> None:
        if self._fit(connection):
            self._idle.append(connection)
        else:
            self._discard(connection)

    def _discard(self, connection: C) -> None:
        task = asyncio.create_task(self._drop(connection))
        self._discarded.add(task)
        task.add_done_callback(self._discarded.discard)
