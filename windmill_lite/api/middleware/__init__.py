"""What every request passes, in the order of `app.MIDDLEWARES`. One concern, one file."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from windmill_lite.api.call import Call

#: Set by `routing` on every request that has a route.
CALL: web.RequestKey[Call] = web.RequestKey("call", Call)

__all__ = ["CALL", "Handler", "Middleware"]
