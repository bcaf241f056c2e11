"""Identifiers: fresh ones (time-ordered), derived ones (repeatable), hashes of content, secrets."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from uuid import UUID, uuid5

NAMESPACE = UUID("6f1d7c4e-3b0a-5d0e-9a53-2f7e0c6b8d11")


def new_id(unix_us: int | None = None) -> UUID:
    """A UUIDv7: 48 bits of milliseconds, 10 of microseconds, then randomness, so that newest first
    is the primary key.

    Units:   `unix_us` is microseconds since the epoch; the machine's clock when None.
    Source:  RFC 9562, section 6.2, method 3.
    """
    stamp_us = time.time_ns() // 1_000 if unix_us is None else unix_us
    return _dated(stamp_us, os.urandom(9))


def dated_id(unix_us: int, name: str) -> UUID:
    """The UUIDv7 that `name` has at a moment, the same on every machine: it takes its place among
    the ids of that moment, and pushing twice inserts one key.
    """
    return _dated(unix_us, hashlib.sha256(f"{unix_us}/{name}".encode()).digest()[:9])


def _dated(unix_us: int, nine_bytes: bytes) -> UUID:
    unix_ms, rest_us = divmod(unix_us, 1_000)
    noise = int.from_bytes(nine_bytes, "big")
    value = (unix_ms & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76 | rest_us << 66 | (noise >> 62 & 0x3) << 64
    value |= 0x2 << 62 | noise & ((1 << 62) - 1)
    return UUID(int=value)


def derived_id(parent: UUID, name: str) -> UUID:
    """The same id for the same parent and name, on every machine: pushing twice inserts one key."""
    return uuid5(NAMESPACE, f"{parent}/{name}")


def content_hash(*parts: str) -> str:
    """16 hexadecimal digits that name an immutable version; parts are length-prefixed, so that
    no two lists of parts run together. The top bit is clear: it is also a positive 64-bit number.
    """
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    head = int.from_bytes(digest.digest()[:8], "big") & (2**63 - 1)
    return f"{head:016x}"


def secret_token(prefix: str = "") -> str:
    """192 bits from the system, URL-safe."""
    return prefix + secrets.token_urlsafe(24)


def token_hash(token: str) -> str:
    """What is stored instead of a token. Tokens carry full entropy, so one SHA-256 is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
