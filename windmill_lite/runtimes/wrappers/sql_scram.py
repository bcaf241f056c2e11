"""How PostgreSQL asks who one is: MD5, and SCRAM-SHA-256 (RFC 5802, RFC 7677) without a channel
binding.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from typing import Final

from .sql_values import SqlError  # noqa: TID252  a package of its own, see run.py

MECHANISM: Final = "SCRAM-SHA-256"
_ROUNDS_MAX: Final = 10_000_000  # a server that asks for more wants to keep us busy


def md5(user: str, password: str, salt: bytes) -> str:
    inner = hashlib.md5((password + user).encode(), usedforsecurity=False).hexdigest()
    return f"md5{hashlib.md5(inner.encode() + salt, usedforsecurity=False).hexdigest()}"


class Scram:
    """One conversation: `first`, `final` of what the server said, then `check` of its answer."""

    def __init__(self, password: str, nonce: str | None = None) -> None:
        self._password = _prepared(password)
        self._nonce = nonce or base64.b64encode(secrets.token_bytes(18)).decode()
        self._bare = f"n=,r={self._nonce}"
        self._signature = b""

    def first(self) -> str:
        return f"n,,{self._bare}"

    def final(self, challenge: str) -> str:
        """Fails: `SqlError` for a server that does not know the protocol."""
        fields = _fields(challenge)
        try:
            nonce, rounds = fields["r"], int(fields["i"])
            salt = base64.b64decode(fields["s"], validate=True)
        except (KeyError, ValueError):
            raise SqlError("the server's challenge is not one of SCRAM-SHA-256") from None
        if not nonce.startswith(self._nonce) or nonce == self._nonce or rounds > _ROUNDS_MAX:
            raise SqlError("the server's challenge is not one of SCRAM-SHA-256")
        salted = hashlib.pbkdf2_hmac("sha256", self._password, salt, rounds)
        key = _mac(salted, b"Client Key")
        without_proof = f"c=biws,r={nonce}"
        said = f"{self._bare},{challenge},{without_proof}".encode()
        proof = _mac(hashlib.sha256(key).digest(), said)
        told = base64.b64encode(bytes(a ^ b for a, b in zip(key, proof, strict=True))).decode()
        self._signature = _mac(_mac(salted, b"Server Key"), said)
        return f"{without_proof},p={told}"

    def check(self, answer: str) -> None:
        """Fails: `SqlError` when the server does not know the password, and only pretends to."""
        signature = _fields(answer).get("v", "")
        if not hmac.compare_digest(base64.b64encode(self._signature).decode(), signature):
            raise SqlError("the server could not prove that it knows the password")


def _fields(text: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in text.split(",") if "=" in part)


def _prepared(password: str) -> bytes:
    return (password if password.isascii() else unicodedata.normalize("NFKC", password)).encode()


def _mac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
