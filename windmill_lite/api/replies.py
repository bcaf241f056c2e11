"""Replies: text, JSON, and what a script wrote, each with the headers it must have.

Clients parse by Content-Type alone: ids and messages are text, everything else is JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from windmill_lite.base import codec
from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Refusal

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"

#: A result is a stranger's content in our origin: opaque origin, no scripts, no forms.
SANDBOX: Mapping[str, str] = {"Content-Security-Policy": "sandbox"}

#: What a script may not say in our name: the connection, the framing, our cookies and safeguards.
_RESERVED_HEADERS = frozenset({
    "alt-svc", "clear-site-data", "connection", "content-encoding", "content-length",
    "content-security-policy", "content-security-policy-report-only", "content-type", "date",
    "keep-alive", "nel", "proxy-authenticate", "proxy-authorization", "proxy-connection",
    "public-key-pins", "referrer-policy", "report-to", "reporting-endpoints", "server",
    "service-worker-allowed", "set-cookie", "sourcemap", "strict-transport-security", "te",
    "trailer", "transfer-encoding", "upgrade", "x-content-type-options", "x-frame-options",
})  # fmt: skip
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*\Z")
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:;[\t\x20-\x7e]*)?\Z", re.ASCII)

_MARK = '"windmill_'  # the keys below, as they stand in JSON text
STATUS_KEY, TYPE_KEY, HEADERS_KEY = (
    "windmill_status_code",
    "windmill_content_type",
    "windmill_headers",
)


class WaitedTooLong(Refusal):
    """A job did not end while its caller waited for the result. The job goes on."""

    code = "waited_too_long"
    status = 504
    exit_code = 6
    title = "Timeout"


def text(body: str, status: int = 200) -> web.Response:
    """A message or an id."""
    return web.Response(
        body=body.encode("utf-8", "replace"), status=status, headers={"Content-Type": TEXT}
    )


def json(value: Json, *, status: int = 200) -> web.Response:
    return raw_json(codec.dumps(value), status=status)


def raw_json(body: str, *, status: int = 200) -> web.Response:
    """JSON text as it is stored: neither parsed nor written again."""
    return web.Response(body=body.encode(), status=status, headers={"Content-Type": JSON})


def spliced(head: Mapping[str, Json], raw: Mapping[str, str | None]) -> str:
    """A JSON object of `head` and of members that are JSON text already; None leaves one out."""
    body = codec.dumps(dict(head))
    members = [f'"{name}":{value}' for name, value in raw.items() if value is not None]
    if not members:
        return body
    comma = "," if len(body) > 2 else ""
    return f"{body[:-1]}{comma}{','.join(members)}}}"


def present(**members: Any) -> dict[str, Json]:
    """An object without its absent members: clients tell null from absent."""
    return {name: value for name, value in members.items() if value is not None}


def result(body: str) -> web.Response:
    """A job's stored result, as it is read back later."""
    return web.Response(body=body.encode(), headers={"Content-Type": JSON, **SANDBOX})


def waited_result(body: str, *, success: bool) -> web.Response:
    """The result of a job somebody waited for: 422 when it failed; a script may choose status, type
    and headers by returning an object with `windmill_...` keys and `result`.
    """
    status = 200 if success else 422
    if _MARK in body:
        value = codec.loads(body)
        if isinstance(value, dict) and {STATUS_KEY, TYPE_KEY, HEADERS_KEY} & value.keys():
            return _chosen(value, status)
    return web.Response(
        body=body.encode(), status=status, headers={"Content-Type": JSON, **SANDBOX}
    )


def _chosen(value: dict[str, Json], status: int) -> web.Response:
    code = value.get(STATUS_KEY)
    media = value.get(TYPE_KEY)
    problem = _problem(value)
    if problem is not None:
        error = {"error": {"name": "InvalidResponse", "message": problem}}
        return web.Response(
            body=codec.dumps(error).encode(),
            status=422,
            headers={"Content-Type": JSON, **SANDBOX},
        )
    given = (value.get(HEADERS_KEY) or {}).items()
    headers = {name: line for name, line in given if name.lower() not in _RESERVED_HEADERS}
    headers.update(SANDBOX)
    inner = value.get("result")
    if "result" not in value:
        return web.Response(status=code or (204 if status == 200 else status), headers=headers)
    headers["Content-Type"] = _with_charset(media) if media else JSON
    body = inner if media and isinstance(inner, str) else codec.dumps(inner)
    return web.Response(
        body=body.encode("utf-8", "replace"), status=code or status, headers=headers
    )


def _with_charset(media: str) -> str:
    if media.startswith("text/") and "charset" not in media.lower():
        return media + "; charset=utf-8"
    return media


def _problem(value: dict[str, Json]) -> str | None:
    """What keeps the script's wishes from becoming a response; None when nothing does."""
    code, media, headers = value.get(STATUS_KEY), value.get(TYPE_KEY), value.get(HEADERS_KEY)
    if code is not None and (type(code) is not int or not 200 <= code <= 599):
        return f"{STATUS_KEY} is not a number from 200 to 599"
    if media is not None and not (isinstance(media, str) and _MEDIA_TYPE.match(media)):
        return f"{TYPE_KEY} is not a media type"
    if headers is not None and not isinstance(headers, dict):
        return f"{HEADERS_KEY} is not an object"
    for name, text_ in (headers or {}).items():
        if not _HEADER_NAME.match(name):
            return f"{HEADERS_KEY}: {name!r} is not the name of a header"
        if not isinstance(text_, str) or not _HEADER_VALUE.match(text_):
            return f"{HEADERS_KEY}: the value of {name} is not a line of text"
    return None
