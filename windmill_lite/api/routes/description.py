"""The API, described."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import openapi, replies
from windmill_lite.api.call import Call
from windmill_lite.api.route import PUBLIC, Kind, RouteDef


async def describe(call: Call) -> web.Response:
    door = call.door
    door.described = door.described or openapi.document(door.table)
    return replies.raw_json(door.described)


def routes() -> list[RouteDef]:
    return [
        RouteDef(
            "GET",
            "/api/openapi.json",
            "getOpenApi",
            "This document",
            PUBLIC,
            describe,
            reply=Kind.JSON,
        )
    ]
