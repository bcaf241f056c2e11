"""Is it there, is it ready, what can it do."""

from __future__ import annotations

from aiohttp import web

from windmill_lite import __version__
from windmill_lite.api import replies
from windmill_lite.api.call import Call
from windmill_lite.api.route import GET, PUBLIC, Lane
from windmill_lite.engine import setup

#: The version of Windmill's API that is spoken. Its CLI reads what is between "v" and the dots.
API_VERSION = "1.850.0"


@GET("/api/version", "backendVersion", PUBLIC)
async def version(_call: Call) -> web.Response:
    """The version of the API."""
    return replies.text(f"CE v{API_VERSION} (windmill-lite {__version__})")


@GET("/healthz", "healthz", PUBLIC, lane=Lane.HEALTH)
async def alive(_call: Call) -> web.Response:
    """The process answers."""
    return replies.text("ok")


@GET("/readyz", "readyz", PUBLIC, lane=Lane.HEALTH)
async def ready(call: Call) -> web.Response:
    """The database answers and has its schema."""
    await setup.setup_needed(call.world)  # one query on a table of the schema
    return replies.text("ok")
