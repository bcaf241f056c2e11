"""One line for each request: what was asked, how it ended, how long it took, who asked.

The query is never logged: it may hold a token. Health checks are not logged unless they fail.
"""

from __future__ import annotations

import logging
import time

from aiohttp import web

from windmill_lite.api.middleware import CALL, Handler
from windmill_lite.api.route import Lane

log = logging.getLogger("windmill_lite.api.access")


@web.middleware
async def access_log(request: web.Request, handler: Handler) -> web.StreamResponse:
    began = time.perf_counter()
    status = 499  # the client went away before an answer
    try:
        response = await handler(request)
        status = response.status
        return response
    finally:
        # The two hold each other: a request that waited for its job would keep its body until the
        # collector comes by, which it seldom does to what is old.
        call = request.pop(CALL, None)
        told = call is None or call.route.lane is not Lane.HEALTH or status >= 400
        if told and log.isEnabledFor(logging.INFO):
            who = call.login_or_none.email if call and call.login_or_none else "-"
            log.info(
                "%s %s %d %.1f ms %s",
                request.method,
                _printable(request.rel_url.raw_path),
                status,
                (time.perf_counter() - began) * 1000,
                who,
            )


def _printable(path: str) -> str:
    return path[:500] if path.isprintable() else ascii(path[:500])
