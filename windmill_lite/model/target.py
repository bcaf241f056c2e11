"""Where a run may connect to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Invalid
from windmill_lite.model import limits
from windmill_lite.model.script import Network

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?\Z")
_BYTE = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4 = re.compile(rf"(?:{_BYTE}\.){{3}}{_BYTE}\Z", re.ASCII)
_PORT = re.compile(r"\d{1,5}\Z", re.ASCII)
_WORDS = ("host", "none")


@dataclass(frozen=True, slots=True)
class Target:
    """A name or an IPv4 address, and a port."""

    host: str
    port: int


def parse_target(text: str, field: str) -> Target:
    """A name or an IPv4 address, and a port. Fails: `Invalid`, naming the field and the text."""
    host, _, port = text.rpartition(":")
    good = _NAME.match(host) and _PORT.match(port) and 0 < int(port) <= 65_535
    if not good or (host.replace(".", "").isdigit() and not _IPV4.match(host)):
        raise Invalid(
            f"{field}: {text!r} is not name:port or address:port with an IPv4 address", field=field
        )
    return Target(host.lower(), int(port))


def network(value: Json, field: str = "network") -> Network:
    """From what a person wrote: "host", "none", or a list of `host:port`; nothing is "".

    Fails: `Invalid`, naming the field.
    """
    if value is None or value in ("", []):
        return ""
    if isinstance(value, str) and value in _WORDS:
        return value
    if not isinstance(value, list) or len(value) > limits.PLACES_MAX:
        raise Invalid(
            f"{field} must be host, none, or a list of at most {limits.PLACES_MAX} host:port",
            field=field,
        )
    places = [parse_target(each if isinstance(each, str) else repr(each), field) for each in value]
    return tuple(dict.fromkeys(f"{place.host}:{place.port}" for place in places))
