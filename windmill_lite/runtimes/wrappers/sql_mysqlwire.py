"""The packets of MySQL's and MariaDB's protocol, and how one logs in.

A packet is three bytes of length, one that counts, and a body; one of the greatest length goes on
in the next. Numbers are little-endian. Source: MySQL's documentation, "Client/Server Protocol".
"""

from __future__ import annotations

import contextlib
import hashlib
import socket
import struct
from dataclasses import dataclass
from typing import Any, Final

from .sql_pgwire import host_of, trusting  # noqa: TID252  a package of its own, see run.py
from .sql_values import SqlError  # noqa: TID252  the same

_CONNECT_S: Final = 15.0
_PACKET_MAX: Final = 0xFFFFFF
_UTF8: Final = 45  # utf8mb4_general_ci
_TLS: Final = 0x800
#: Long passwords and flags, a database, protocol 4.1, transactions, secure logins with plugins,
#: several results, of prepared statements too.
_CAN: Final = 0x1 | 0x4 | 0x8 | 0x200 | 0x2000 | 0x8000 | 0x20000 | 0x40000 | 0x80000
_NATIVE, _SHA2 = "mysql_native_password", "caching_sha2_password"
_CLEAR: Final = ("mysql_clear_password", "sha256_password")  # the password itself, within TLS
_MODES: Final = ("disabled", "preferred", "required", "verify_ca", "verify_identity")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server is and who one is there, from a resource of the type mysql."""

    host: str
    port: int
    user: str
    password: str
    database: str
    ssl_mode: str
    root_certificate: str

    @classmethod
    def of(cls, resource: Any) -> Place:
        """Fails: `SqlError`, naming what the resource lacks."""
        if not isinstance(resource, dict):
            raise SqlError("database: expected a resource of the type mysql")
        try:
            port = int(resource.get("port") or 3306)
        except (TypeError, ValueError):
            raise SqlError(f"database: port {resource['port']!r} is no number") from None
        told = resource.get("ssl_mode") or ("required" if resource.get("ssl") else "preferred")
        mode = str(told).lower().replace("-", "_")
        if mode not in _MODES:
            raise SqlError(f"database: ssl_mode {told!r} is none of {', '.join(_MODES)}")
        return cls(
            host=host_of(resource),
            port=port,
            user=str(resource.get("user") or "root"),
            password=str(resource.get("password") or ""),
            database=str(resource.get("database") or ""),
            ssl_mode=mode,
            root_certificate=str(resource.get("root_certificate_pem") or ""),
        )


@dataclass(frozen=True, slots=True)
class _Greeting:
    can: int
    salt: bytes
    plugin: str


class Wire:
    """A connection, logged in."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._encrypted = False
        self._count = 0
        try:
            self._stream = socket.create_connection((place.host, place.port), timeout=_CONNECT_S)
        except OSError as error:
            where = f"{place.host}:{place.port}"
            why = "no answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
            raise SqlError(f"the database at {where} cannot be reached: {why}") from None
        try:
            self._file = self._stream.makefile("rb", buffering=1 << 16)
            self._log_in()
            self._stream.settimeout(None)  # the job's own time bounds a statement
        except BaseException:
            self._stream.close()
            raise

    # ---- packets ---------------------------------------------------------------------------------

    def ask(self, body: bytes) -> None:
        """Begins a command."""
        self._count = 0
        self._say(body)

    def _say(self, body: bytes) -> None:
        parts = []
        while True:
            part, body = body[:_PACKET_MAX], body[_PACKET_MAX:]
            parts += [struct.pack("<I", len(part) | self._count << 24), part]
            self._count = (self._count + 1) & 0xFF
            if len(part) < _PACKET_MAX:
                break
        try:
            self._stream.sendall(b"".join(parts))
        except OSError as error:
            raise SqlError(f"the connection to the database broke: {error.strerror}") from None

    def hear(self) -> bytes:
        """The next packet. Fails: `SqlError` when it is an error."""
        parts, size = [], _PACKET_MAX
        while size == _PACKET_MAX:
            head = self._exactly(4)
            size = int.from_bytes(head[:3], "little")
            self._count = (head[3] + 1) & 0xFF
            parts.append(self._exactly(size))
        body = b"".join(parts)
        if body[:1] == b"\xff":
            raise _error(body)
        return body

    def _exactly(self, size: int) -> bytes:
        try:
            data: bytes = self._file.read(size)
        except OSError as error:
            raise SqlError(f"the connection to the database broke: {error.strerror}") from None
        if len(data) < size:
            raise SqlError("the server closed the connection")
        return data

    def close(self) -> None:
        with contextlib.suppress(OSError, SqlError):
            self.ask(b"\x01")
        self._stream.close()

    # ---- coming in -------------------------------------------------------------------------------

    def _log_in(self) -> None:
        place, greeting = self._place, _greeting(self.hear())
        can = _CAN & greeting.can if place.database else _CAN & greeting.can & ~0x8
        if greeting.can & _TLS and place.ssl_mode != "disabled":
            can |= _TLS
            self._say(struct.pack("<IIB23x", can, _PACKET_MAX, _UTF8))
            self._encrypt()
        elif place.ssl_mode not in ("disabled", "preferred"):
            raise SqlError(f"the server takes no TLS, which ssl_mode {place.ssl_mode} wants")
        proof = self._proof(greeting.plugin, greeting.salt)
        database = f"{place.database}\0".encode() if place.database else b""
        self._say(
            struct.pack("<IIB23x", can, _PACKET_MAX, _UTF8)
            + f"{place.user}\0".encode()
            + bytes([len(proof)])
            + proof
            + database
            + f"{greeting.plugin}\0".encode()
        )
        self._prove(greeting.plugin)

    def _encrypt(self) -> None:
        mode, pem = self._place.ssl_mode, self._place.root_certificate
        checked = mode.startswith("verify") or bool(pem)
        context = trusting(pem, checked=checked, named=mode == "verify_identity")
        try:
            self._stream = context.wrap_socket(self._stream, server_hostname=self._place.host)
        except OSError as error:
            raise SqlError(f"TLS with {self._place.host} failed: {error}") from None
        self._file = self._stream.makefile("rb", buffering=1 << 16)
        self._encrypted = True

    def _prove(self, plugin: str) -> None:
        """Answers until the server is content."""
        while True:
            body = self.hear()
            match body[:1]:
                case b"\x00":
                    return
                case b"\xfe":
                    name, _, salt = body[1:].partition(b"\0")
                    plugin = name.decode("ascii", "replace")
                    self._say(self._proof(plugin, salt.removesuffix(b"\0")))
                case b"\x01" if body[1:2] == b"\x04":
                    self._say(self._in_clear())
                case _:
                    pass  # it knew the password already

    def _proof(self, plugin: str, salt: bytes) -> bytes:
        password = self._place.password.encode()
        if not password and plugin != _CLEAR[0]:
            return b""
        if plugin in _CLEAR:
            return self._in_clear()
        if plugin not in {_NATIVE, _SHA2}:
            raise SqlError(
                f"the server asks for a login that is not known here ({plugin or 'an old one'}): "
                f"give the user {_SHA2} or {_NATIVE}"
            )
        if plugin == _NATIVE:
            once = hashlib.sha1(password, usedforsecurity=False).digest()
            twice = hashlib.sha1(once, usedforsecurity=False).digest()
            return _mixed(once, hashlib.sha1(salt + twice, usedforsecurity=False).digest())
        once = hashlib.sha256(password).digest()
        twice = hashlib.sha256(once).digest()
        return _mixed(once, hashlib.sha256(twice + salt).digest())

    def _in_clear(self) -> bytes:
        if not self._encrypted:
            raise SqlError(
                "the server wants the password itself, which is not sent without TLS: let the "
                "server take TLS, or the resource (ssl_mode)"
            )
        return f"{self._place.password}\0".encode()


def _greeting(body: bytes) -> _Greeting:
    if body[:1] != b"\x0a":
        raise SqlError("what answers there is no MySQL server")
    at = body.index(b"\0", 1) + 5
    salt, at = body[at : at + 8], at + 9
    can = int.from_bytes(body[at : at + 2], "little")
    can |= int.from_bytes(body[at + 5 : at + 7], "little") << 16
    length = body[at + 7]
    rest = body[at + 18 :]
    salt += rest[: max(13, length - 8)].rstrip(b"\0")
    plugin = rest[max(13, length - 8) :].partition(b"\0")[0].decode("ascii", "replace")
    return _Greeting(can, salt, plugin or _NATIVE)


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _error(body: bytes) -> SqlError:
    number = int.from_bytes(body[1:3], "little")
    text = body[3:].decode("utf-8", "replace")
    state, message = (text[1:6], text[6:]) if text.startswith("#") else ("HY000", text)
    error = SqlError(f"{message} ({number}, {state})")
    error.number = number
    return error
