"""The API, described."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import openapi, replies
from windmill_lite.api.call import Call
from windmill_lite.api.route import GET, PUBLIC, Kind


@GET("/api/openapi.json", "getOpenApi", PUBLIC, reply=Kind.JSON)
async def describe(call: Call) -> web.Response:
    """This document."""
    door = call.door
    door.described = door.described or openapi.document(door.table)
    return replies.raw_json(door.described)
