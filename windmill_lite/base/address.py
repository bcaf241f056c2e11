"""Where the API listens, and how others reach it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from windmill_lite.base.errors import Invalid
from windmill_lite.base.units import is_number


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen."""

    host: str
    port: int

    def url(self) -> str:
        """How this machine reaches it."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self.port}"


def parse_listen(text: str) -> Address:
    host, separator, port = text.rpartition(":")
    host = host.strip("[]")
    if not separator or not is_number(port) or int(port) > 65_535:
        raise Invalid(f"listen {text!r} is not host:port", field="listen")
    return Address(host or "0.0.0.0", int(port))  # noqa: S104


def parse_base_url(text: str | None, *, field: str = "base_url") -> str | None:
    if not text:
        return None
    parts, what = _split(text), field.replace("_", " ")
    if parts is None or parts.query or parts.fragment or "@" in parts.netloc:
        raise Invalid(f"{what} {text!r} is not http(s)://host[:port]", field=field)
    if parts.path not in ("", "/"):
        raise Invalid(
            f"{what} {text!r} has a path; an API lives at the root of its host", field=field
        )
    return text.rstrip("/")


def _split(text: str) -> SplitResult | None:
    """The parts of an address that a browser could open."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is not closed
        return None
    return parts if good else None
