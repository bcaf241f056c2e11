"""Passwords: scrypt, with its parameters stored beside each hash so that they can be raised."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

COST = (2**15, 8, 3)  # n, r, p: 32 MiB, about 0.2 s; OWASP's equal to argon2id's minimum
_MEMORY = 64 * 1024 * 1024


def hash_password(password: str) -> str:
    """`scrypt$N$r$p$salt$key`, salt and key in base64. Slow on purpose: call it off the event
    loop.
    """
    salt = os.urandom(16)
    n, r, p = COST
    key = _derive(password, salt, COST)
    return f"scrypt${n}${r}${p}${_b64(salt)}${_b64(key)}"


def verify_password(password: str, stored: str | None) -> bool:
    """Takes as long for an account that does not exist (`stored` None) as for one that does."""
    if stored is None:
        _derive(password, b"\0" * 16, COST)
        return False
    _, n, r, p, salt, key = stored.split("$")
    found = _derive(password, base64.b64decode(salt), (int(n), int(r), int(p)))
    return hmac.compare_digest(found, base64.b64decode(key))


def _derive(password: str, salt: bytes, cost: tuple[int, int, int]) -> bytes:
    n, r, p = cost
    raw = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(raw, salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
