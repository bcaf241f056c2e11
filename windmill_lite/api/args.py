"""How a request becomes the arguments of a job: JSON, a form, text or XML, headers, the query."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from aiohttp import web

from windmill_lite.api import forms
from windmill_lite.api.bodies import content_type, is_json, parse, read_bytes
from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Invalid, Unsupported
from windmill_lite.model.limits import ARGS_BYTES_MAX


@dataclass(frozen=True, slots=True)
class ArgsOptions:
    """How a body becomes arguments, as the query string asks."""

    raw: bool = False  # add the body as text in `raw_string`
    wrap_body: bool = False  # the whole body becomes the argument `body`
    include_header: str | None = None  # comma list
    include_query: str | None = None  # comma list


async def read_args(request: web.Request, options: ArgsOptions) -> dict[str, Json]:
    """The arguments of a job from a request body.

    Shape:   a JSON object is the arguments; another JSON value is the argument `body`; a form gives
             strings (lists where a name repeats); text and XML give `raw_string` alone.
    Fails:   `Invalid`, `TooLarge`, and `Unsupported` for other types and for uploaded files.
    """
    raw = await read_bytes(request, ARGS_BYTES_MAX)
    args = _args_of(request, raw, options) if raw else {}
    return args | named_args(request, options)


#: Of a request, what a preprocessor is not told: they are keys of this server.
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
_SECRET_QUERY = frozenset({"token"})


async def read_event(request: web.Request) -> dict[str, Json]:
    """The one argument of a preprocessor: the request as it came, without its secrets.

    Shape:   `{"event": {"kind": "webhook", "body", "raw_string", "headers", "query"}}`; names of
             headers in lower case, a body that is no JSON and no form in `raw_string` alone.
    Fails:   as `read_args`.
    """
    raw = await read_bytes(request, ARGS_BYTES_MAX)
    body: Json = None
    if raw:
        read = _args_of(request, raw, ArgsOptions(wrap_body=True))
        body = read.get("body")
    headers = {name.lower(): value for name, value in request.headers.items()}
    event: dict[str, Json] = {
        "kind": "webhook",
        "body": body,
        "raw_string": _text(request, raw) if raw else None,
        "headers": {n: v for n, v in headers.items() if n not in _SECRET_HEADERS},
        "query": {n: v for n, v in request.query.items() if n not in _SECRET_QUERY},
    }
    return {"event": event}


def named_args(request: web.Request, options: ArgsOptions) -> dict[str, Json]:
    """The headers and query parameters that were asked for by name, as strings."""
    args: dict[str, Json] = {}
    for name in _names(options.include_header):
        if name in request.headers:
            args[name.lower().replace("-", "_")] = request.headers[name]
    for name in _names(options.include_query):
        if name in request.query:
            args[name] = request.query[name]
    return args


def args_of_payload(payload: str) -> dict[str, Json]:
    """The arguments in a `payload` parameter: JSON in base64."""
    return _as_args(parse(_of_base64(payload), "payload"))


def _of_base64(payload: str) -> bytes:
    """Of either alphabet, padded or not."""
    text = payload.replace("-", "+").replace("_", "/").replace(" ", "+").rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("payload is not base64", field="payload") from None


def value_of_payload(payload: str) -> Json:
    """Any JSON value in base64. Fails: `Invalid`."""
    return parse(_of_base64(payload), "payload")


def _names(listed: str | None) -> list[str]:
    return [name.strip() for name in listed.split(",") if name.strip()] if listed else []


def _args_of(request: web.Request, raw: bytes, options: ArgsOptions) -> dict[str, Json]:
    media = content_type(request)
    if media is None or is_json(media):
        value = parse(raw)
        args = {"body": value} if options.wrap_body else _as_args(value)
        if media == "application/cloudevents+json":
            args = _cloud_event(value)
        return args | ({"raw_string": _text(request, raw)} if options.raw else {})
    if media.startswith("text/") or media == "application/xml" or media.endswith("+xml"):
        return {"raw_string": _text(request, raw)}
    if media == "application/x-www-form-urlencoded":
        fields = forms.urlencoded(_text(request, raw))
    elif media == "multipart/form-data":
        fields = forms.multipart(request.headers["Content-Type"], raw)
    else:
        raise Unsupported(f"arguments cannot be read from {media}; send application/json")
    args = {"body": fields} if options.wrap_body else fields
    return args | ({"raw_string": _text(request, raw)} if options.raw else {})


def _as_args(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {"body": value}


def _cloud_event(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise Invalid("a cloud event is a JSON object")
    metadata = {name: part for name, part in value.items() if name != "data"}
    return _as_args(value.get("data", {})) | {"WEBHOOK__METADATA__": metadata}


def _text(request: web.Request, raw: bytes) -> str:
    try:
        return raw.decode(request.charset or "utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(f"body is not valid {error.encoding} at byte {error.start}") from None
    except LookupError:
        raise Unsupported(f"the charset {request.charset!r} is not known") from None
