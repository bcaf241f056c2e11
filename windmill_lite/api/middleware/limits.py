"""Bounds how many requests are under way at once, so that overload is an answer and not a hang.

Three lanes: health checks always pass; what waits for a job has its own, wide bound; everything
else shares the narrow one. In front of the narrow one some wait for their turn, in the order they
came and with their bodies unread, so that a crowd that comes at one moment is served and not
refused. Bodies are bounded where they are read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from windmill_lite.api.middleware import CALL, Handler, Middleware
from windmill_lite.api.route import Lane
from windmill_lite.base.bell import Ear
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
    """The way into one lane: `async with` it."""

    def __init__(self, bound: Bound) -> None:
        self._bound = bound
        self._free = bound.at_once
        self._waiting: deque[Ear] = deque()

    async def __aenter__(self) -> None:
        """Fails: `Unavailable` when too many wait already, or when the turn does not come."""
        if self._free:
            self._free -= 1
        else:
            await self._wait()

    async def __aexit__(self, *_: object) -> None:
        if self._waiting:
            self._waiting.popleft().ring()
        else:
            self._free += 1

    async def _wait(self) -> None:
        busy, waiting = f"{self._bound.at_once} requests are under way", len(self._waiting)
        if waiting >= self._bound.waiting:
            raise Unavailable(f"{busy} already and {waiting} wait; try again in a moment")
        self._waiting.append(turn := Ear())
        came = False
        try:
            came = await turn.wait(self._bound.wait_s)
        finally:
            if not came and turn.rang:  # whoever waited went away at that moment
                await self.__aexit__()
            elif not came:
                self._waiting.remove(turn)
        if not came:
            late = f"its turn did not come within {self._bound.wait_s:g} s; try again later"
            raise Unavailable(f"{busy}, and {late}")


def limits(most: Mapping[Lane, Bound] = LANE_MAX) -> Middleware:
    """The middleware with its own gates."""
    gates = {lane: Gate(bound) for lane, bound in most.items()}

    @web.middleware
    async def bounded(request: web.Request, handler: Handler) -> web.StreamResponse:
        gate = gates.get(request[CALL].route.lane)
        if gate is None:
            return await handler(request)
        async with gate:
            return await handler(request)

    return bounded
