"""Bounds how many requests are under way at once, so that overload is an answer and not a hang.

Three lanes: health checks always pass; what waits for a job has its own, wider bound; everything
else shares the narrow one. Bodies are bounded where they are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from aiohttp import web

from windmill_lite.api.middleware import CALL, Handler, Middleware
from windmill_lite.api.route import Lane
from windmill_lite.base.errors import Unavailable

LANE_MAX: Mapping[Lane, int] = {Lane.SHORT: 512, Lane.LONG: 4_096}


def limits(most: Mapping[Lane, int] = LANE_MAX) -> Middleware:
    """The middleware with its own counters."""
    under_way: Counter[Lane] = Counter()

    @web.middleware
    async def bounded(request: web.Request, handler: Handler) -> web.StreamResponse:
        lane = request[CALL].route.lane
        bound = most.get(lane)
        if bound is None:
            return await handler(request)
        if under_way[lane] >= bound:
            raise Unavailable(f"{bound} requests are under way already; try again in a moment")
        under_way[lane] += 1
        try:
            return await handler(request)
        finally:
            under_way[lane] -= 1

    return bounded
