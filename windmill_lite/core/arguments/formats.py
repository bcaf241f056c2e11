"""The `format` of a text, checked leniently: what is clearly not an email is refused, no more.

Formats that are only a matter of display (sql, yaml, textarea...) and unknown ones accept any text.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from types import MappingProxyType
from uuid import UUID

_TEXT_CHARS_MAX = 10_000  # no format below has longer texts that are right
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_HOSTNAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S*")
_BASE64 = re.compile(r"(?:data:[^,]{0,200},)?[A-Za-z0-9+/_\-\s]*={0,2}\s*")


def _parsed(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return check


def _date(text: str) -> object:
    # Forms also send the moment a day began.
    return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)


def _is_hostname(text: str) -> bool:
    labels = text.removesuffix(".").split(".")
    return len(text) <= 253 and all(_HOSTNAME.fullmatch(label) for label in labels)


_CHECKS: Mapping[str, tuple[str, Callable[[str], bool]]] = MappingProxyType(
    {
        "email": ("an email address", lambda text: _EMAIL.fullmatch(text) is not None),
        "hostname": ("a host name", _is_hostname),
        "uri": ("a URI such as https://example.com", lambda text: _URI.fullmatch(text) is not None),
        "uuid": ("a UUID", _parsed(UUID)),
        "ipv4": ("an IPv4 address", _parsed(ipaddress.IPv4Address)),
        "ipv6": ("an IPv6 address", _parsed(ipaddress.IPv6Address)),
        "date": ("a date such as 2026-01-31", _parsed(_date)),
        "time": ("a time such as 13:45:00", _parsed(time.fromisoformat)),
        "date-time": ("a time such as 2026-01-31T13:45:00Z", _parsed(datetime.fromisoformat)),
    }
)


def format_expected(name: str, text: str) -> str | None:
    """What a text of this format looks like when `text` does not; None when it may pass."""
    found = _CHECKS.get(name)
    if found is None:
        return None
    expected, check = found
    return None if len(text) <= _TEXT_CHARS_MAX and check(text) else expected


def is_base64(text: str) -> bool:
    """Either alphabet, padded or not, with line breaks or as a `data:` URL."""
    return _BASE64.fullmatch(text) is not None
