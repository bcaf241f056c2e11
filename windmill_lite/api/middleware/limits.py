"""Bounds how many requests are under way at once, so that overload is an answer and not a hang.

Three lanes: health checks always pass; what waits for a job has its own, wide bound; everything
else shares the narrow one. In front of the narrow one some wait for their turn, in the order they
came and with their bodies unread, so that a crowd that comes at one moment is served and not
refused. Bodies are bounded where they are read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from windmill_lite.api.middleware import CALL, Handler, Middleware
from windmill_lite.api.route import Lane
from windmill_lite.base.errors import Unavailable
from windmill_lite.model.limits import REQUEST_WAIT_S, REQUESTS_WAITING_MAX


@dataclass(frozen=True, slots=True)
class Bound:
    """So many requests at once, and so many more that wait for their turn, for so long."""

    at_once: int
    waiting: int = 0
    wait_s: float = REQUEST_WAIT_S


LANE_MAX: Mapping[Lane, Bound] = {
    Lane.SHORT: Bound(256, REQUESTS_WAITING_MAX),
    Lane.LONG: Bound(4_096),
}


class Gate:
    """The way into one lane."""

    def __init__(self, bound: Bound) -> None:
        self._bound = bound
        self._free = asyncio.Semaphore(bound.at_once)
        self._waiting = 0

    @asynccontextmanager
    async def passed(self) -> AsyncIterator[None]:
        """Fails: `Unavailable` when too many wait already, or when the turn does not come."""
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()
        try:
            yield
        finally:
            self._free.release()

    async def _wait(self) -> None:
        if self._waiting >= self._bound.waiting:
            raise Unavailable(
                f"{self._bound.at_once} requests are under way already and {self._waiting} wait; "
                "try again in a moment"
            )
        self._waiting += 1
        try:
            async with asyncio.timeout(self._bound.wait_s):
                await self._free.acquire()
        except TimeoutError:
            raise Unavailable(
                f"{self._bound.at_once} requests are under way, and its turn did not come "
                f"within {self._bound.wait_s:g} s; try again later"
            ) from None
        finally:
            self._waiting -= 1


def limits(most: Mapping[Lane, Bound] = LANE_MAX) -> Middleware:
    """The middleware with its own gates."""
    gates = {lane: Gate(bound) for lane, bound in most.items()}

    @web.middleware
    async def bounded(request: web.Request, handler: Handler) -> web.StreamResponse:
        gate = gates.get(request[CALL].route.lane)
        if gate is None:
            return await handler(request)
        async with gate.passed():
            return await handler(request)

    return bounded
