"""Reads request bodies, bounded before they are looked at: bytes, the time a slow sender may take,
the depth of nesting. How a body becomes the arguments of a job is told in `args.py`.
"""

from __future__ import annotations

import asyncio
import re
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel

from windmill_lite.api.params import validated
from windmill_lite.base import codec
from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Invalid, TooLarge, Unsupported
from windmill_lite.model.limits import BODY_BYTES_MAX

M = TypeVar("M", bound=BaseModel)

BODY_READ_S = 60.0  # a sender slower than this is refused
JSON_DEPTH_MAX = 100

# Numbers that may be beyond what a float holds: rare enough to look twice at the whole value then.
_HUGE_NUMBER = re.compile(rb"[eE]\+?[0-9]{3}|[0-9]{309}")


async def read_bytes(request: web.Request, most: int = BODY_BYTES_MAX) -> bytes:
    """The whole body. Fails: `TooLarge`; `Invalid` when the sender is too slow."""
    if not request.can_read_body:
        return await request.read()  # nothing, or what was read before
    announced = request.content_length
    if announced is not None and announced > most:
        raise TooLarge(f"the body of {announced} bytes is larger than {most}")
    try:  # most are there already, and need no timer
        async with asyncio.timeout(None if request.content.is_eof() else BODY_READ_S):
            raw = await request.read()
    except TimeoutError:
        raise Invalid(f"the body did not arrive within {BODY_READ_S:.0f} s") from None
    except web.HTTPRequestEntityTooLarge:
        raise TooLarge(f"the body is larger than {most} bytes") from None
    except web.RequestPayloadError as error:
        raise Invalid(f"the body cannot be read: {error}") from None
    if len(raw) > most:
        raise TooLarge(f"the body of {len(raw)} bytes is larger than {most}")
    return raw


def parse(raw: bytes, what: str = "body") -> Json:
    """A JSON value that can be written again: finite numbers, at most `JSON_DEPTH_MAX` deep."""
    value = codec.loads(raw, what=what)
    if raw.count(b"[") + raw.count(b"{") > JSON_DEPTH_MAX or _HUGE_NUMBER.search(raw):
        _check_bounds(value, what)
    return value


def _check_bounds(value: Json, what: str) -> None:
    level = [value]
    for _ in range(JSON_DEPTH_MAX + 1):
        inner: list[Json] = []
        for item in level:
            if isinstance(item, dict):
                inner += item.values()
            elif isinstance(item, list):
                inner += item
            elif isinstance(item, float) and item in (float("inf"), float("-inf")):
                raise Invalid(f"{what} holds a number too large for a float")
        level = inner
        if not level:
            return
    raise Invalid(f"{what} is nested more than {JSON_DEPTH_MAX} deep")


def content_type(request: web.Request) -> str | None:
    """The media type in lower case without parameters; None when the request names none."""
    given = request.headers.get("Content-Type")
    return given.split(";", 1)[0].strip().lower() if given else None


def is_json(media: str | None) -> bool:
    return media is None or media == "application/json" or media.endswith("+json")


async def read_model(model: type[M], request: web.Request) -> M:
    """An empty body is an empty object. Fails: `Invalid` naming the field, `Unsupported`."""
    raw = await read_bytes(request)
    if not raw:
        return validated(model, {})
    media = content_type(request)
    if not is_json(media):
        raise Unsupported(f"send this as application/json, not as {media}")
    return validated(model, parse(raw))
