"""The messages of PostgreSQL's protocol, version 3, over a socket of its own.

A message is a byte that says what it is, four bytes of length that count themselves, and a body.
Numbers are big-endian. Source: PostgreSQL's documentation, "Frontend/Backend Protocol".
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from dataclasses import dataclass
from typing import Any, Final

from .sql_values import SqlError  # noqa: TID252  a package of its own, see run.py

_VERSION: Final = 196_608
_SSL_REQUEST: Final = 80_877_103
_CONNECT_S: Final = 15.0
_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server is and who one is there, from a resource of the type postgresql."""

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
            raise SqlError("database: expected a resource of the type postgresql")
        mode = resource.get("sslmode") or "prefer"
        if mode not in _MODES:
            raise SqlError(f"database: sslmode {mode!r} is none of {', '.join(_MODES)}")
        try:
            port = int(resource.get("port") or 5432)
        except (TypeError, ValueError):
            raise SqlError(f"database: port {resource['port']!r} is no number") from None
        user = str(resource.get("user") or "postgres")
        return cls(
            host=host_of(resource),
            port=port,
            user=user,
            password=str(resource.get("password") or ""),
            database=str(resource.get("dbname") or user),
            ssl_mode=mode,
            root_certificate=str(resource.get("root_certificate_pem") or ""),
        )


class Wire:
    """A connection before anybody is logged in: bytes both ways."""

    def __init__(self, place: Place, *, encrypted: bool) -> None:
        self._stream = _connected(place)
        try:
            if encrypted:
                self._stream = self._encrypt(place)
        except BaseException:
            self._stream.close()
            raise
        self._stream.settimeout(None)  # the job's own time bounds a statement
        self._file = self._stream.makefile("rb", buffering=1 << 16)
        self._out = bytearray()

    def _encrypt(self, place: Place) -> socket.socket:
        self._stream.sendall(struct.pack("!ii", 8, _SSL_REQUEST))
        if self._stream.recv(1) != b"S":
            if place.ssl_mode in ("allow", "prefer"):
                return self._stream
            raise SqlError(f"the server takes no TLS, which sslmode {place.ssl_mode} wants")
        try:
            return _context(place).wrap_socket(self._stream, server_hostname=place.host)
        except (ssl.SSLError, OSError) as error:
            raise SqlError(f"TLS with {place.host} failed: {error}") from None

    def start(self, settings: dict[str, str]) -> None:
        pairs = b"".join(f"{name}\0{value}\0".encode() for name, value in settings.items())
        self._out += struct.pack("!ii", len(pairs) + 9, _VERSION) + pairs + b"\0"
        self.flush()

    def say(self, kind: bytes, *parts: bytes) -> None:
        """Puts a message on the way; `flush` sends what waits."""
        body = b"".join(parts)
        self._out += kind + struct.pack("!i", len(body) + 4) + body

    def flush(self) -> None:
        try:
            self._stream.sendall(self._out)
        except OSError as error:
            raise SqlError(f"the connection to the database broke: {error.strerror}") from None
        self._out.clear()

    def hear(self) -> tuple[bytes, bytes]:
        """The next message: what it is, and its body."""
        head = self._exactly(5)
        return head[:1], self._exactly(int.from_bytes(head[1:5], "big") - 4)

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
            self.say(b"X")
            self.flush()
        self._stream.close()


def _connected(place: Place) -> socket.socket:
    try:
        return socket.create_connection((place.host, place.port), timeout=_CONNECT_S)
    except OSError as error:
        where = f"{place.host}:{place.port}"
        why = "no answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
        raise SqlError(f"the database at {where} cannot be reached: {why}") from None


def host_of(resource: dict[str, Any]) -> str:
    host = str(resource.get("host") or "localhost")
    if "/" in host:
        raise SqlError(
            f"database: host {host!r} is no name or address; jobs see no sockets of files"
        )
    return host


def _context(place: Place) -> ssl.SSLContext:
    """As libpq does: below verify-ca the server is encrypted to and not checked, unless there is a
    certificate to check it with.
    """
    checked = place.ssl_mode in ("verify-ca", "verify-full")
    if place.root_certificate:
        checked = checked or place.ssl_mode == "require"
    named = place.ssl_mode == "verify-full"
    return trusting(place.root_certificate, checked=checked, named=named)


def trusting(root_certificate: str, *, checked: bool, named: bool) -> ssl.SSLContext:
    """Of a client, which checks who signed the server's certificate, and whether it names the host;
    without a root those of the system are believed.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if root_certificate:
        try:
            context.load_verify_locations(cadata=root_certificate)
        except (ssl.SSLError, ValueError):
            raise SqlError("database: root_certificate_pem is no certificate") from None
    elif checked:
        context.load_default_certs()
    context.check_hostname = named
    context.verify_mode = ssl.CERT_REQUIRED if checked else ssl.CERT_NONE
    return context
