"""Where a run may connect to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from windmill_lite.base.errors import Invalid

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?\Z")
_BYTE = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4 = re.compile(rf"(?:{_BYTE}\.){{3}}{_BYTE}\Z", re.ASCII)
_PORT = re.compile(r"\d{1,5}\Z", re.ASCII)


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
