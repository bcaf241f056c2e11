"""One connection to Postgres: how it is made, what is set on it, what its errors mean.

asyncpg sets no deadlines of its own. Here: a limit on connecting, keepalives on both sides of the
socket, and on the server's side limits that free locks when a client was frozen or cut off. Who
uses a connection puts a limit around every wait and terminates what ran into it.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from windmill_lite.base.errors import Bug, Invalid, Unavailable
from windmill_lite.store.db.port import Duplicate

CONNECT_S = 3.0
GOODBYE_S = 2.0  # how long a polite end of a connection may take
STATEMENTS_KEPT = 512  # prepared statements a connection keeps

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
AnyConnection: TypeAlias = "asyncpg.Connection[Any] | PoolConnectionProxy[Any]"  # in callbacks

# Everything asyncpg raises; TimeoutError is an OSError.
DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)

_SETTINGS = {
    "application_name": "windmill-lite",
    "default_transaction_isolation": "read committed",
    "idle_in_transaction_session_timeout": "30s",  # a frozen client gives its row locks back
    "jit": "off",  # compiling costs more than our statements
    "lock_timeout": "5s",
    "statement_timeout": "30s",  # a statement whose client is gone comes to an end
    "tcp_keepalives_count": "3",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
}
_SOCKET = (
    (socket.SOL_SOCKET, "SO_KEEPALIVE", 1),
    (socket.IPPROTO_TCP, "TCP_KEEPIDLE", 30),
    (socket.IPPROTO_TCP, "TCP_KEEPINTVL", 10),
    (socket.IPPROTO_TCP, "TCP_KEEPCNT", 3),
    (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", 30_000),
)

_AGAIN = frozenset(("40001", "40P01"))  # serialization failure, deadlock
_LOST = frozenset(("25006", "57P01", "57P02", "57P03", "57P05"))  # 25006: now a read-only standby
_UNAVAILABLE = {
    "53": "has run out of resources",
    "55P03": "made us wait too long for a lock",
    "57014": "took too long to answer",
    "58": "reports an error of its system",
    "XX": "reports an internal error",
    "42501": "does not allow this to our role; grant it the schema and its tables",
}
_REFUSED = {
    "28": "it refused the user name or the password",
    "3D": "it has no database of that name",
    "53": "it has no connection to spare",
    "57P03": "it is starting up or shutting down",
}


class _Tuned(asyncpg.Connection):
    """With keepalives on our side of the socket."""

    def __init__(self, protocol: Any, transport: Any, *rest: Any) -> None:
        super().__init__(protocol, transport, *rest)
        end: socket.socket | None = transport.get_extra_info("socket")
        if end is not None and end.family != socket.AF_UNIX:
            for level, name, value in _SOCKET:
                if hasattr(socket, name):
                    end.setsockopt(level, getattr(socket, name), value)


async def connect(dsn: str, settings: Mapping[str, str] | None = None) -> Connection:
    """A connection with our settings. Fails: `Unavailable`, without the password."""
    try:
        async with asyncio.timeout(CONNECT_S):
            connection = await asyncpg.connect(
                dsn,
                connection_class=_Tuned,
                statement_cache_size=STATEMENTS_KEPT,
                max_cached_statement_lifetime=0,  # else a timer for each
                server_settings=_SETTINGS | dict(settings or {}),
            )
            await connection.set_type_codec(
                "numeric", schema="pg_catalog", encoder=str, decoder=_number, format="text"
            )
            return connection
    except (*DRIVER_ERRORS, ValueError) as error:
        raise Unavailable(f"{described(dsn)} cannot be reached: {_why(error)}") from None


async def disconnect(connection: Connection) -> None:
    """Politely where the connection is at rest, at once where it is not."""
    with suppress(*DRIVER_ERRORS):
        if not connection.is_closed() and not connection.is_in_transaction():
            await connection.close(timeout=GOODBYE_S)
    connection.terminate()


def at_rest(connection: Connection) -> bool:
    """May it be lent again?"""
    return not connection.is_closed() and not connection.is_in_transaction()


def lost(error: BaseException) -> bool:
    """Did the connection end, or must it? What ran on it did not happen, except a commit."""
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state.startswith("08") or state in _LOST
    return isinstance(error, (OSError, asyncpg.InternalClientError)) or (
        isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError)
    )


def worth_repeating(error: BaseException) -> bool:
    """Will the same transaction succeed when it runs again?"""
    return lost(error) or (isinstance(error, asyncpg.PostgresError) and error.sqlstate in _AGAIN)


def translated(error: BaseException) -> Exception:
    """The error of the port for an error of the driver, by its code."""
    if lost(error):
        return Unavailable("the connection to Postgres was lost")
    if not isinstance(error, asyncpg.PostgresError):
        # A value that the column's type cannot hold; the driver sees it before the server does.
        return Invalid("a value does not fit its column")
    state = error.sqlstate or ""
    if state == "23505":
        return Duplicate(getattr(error, "table_name", None))
    if state in _AGAIN:
        return Unavailable("too many transactions of Postgres wanted the same rows at once")
    if state.startswith("22"):
        return Invalid(f"a value does not fit its column: {error.args[0]}")
    if (reason := _by_code(_UNAVAILABLE, state)) is not None:
        return Unavailable(f"Postgres {reason}")
    return Bug(f"Postgres refused a statement: {error.args[0]} ({state})")


def described(dsn: str) -> str:
    """Host and database, for a message. Nothing of an address that may hide a password in it."""
    try:
        parts = urlsplit(dsn)
        port = f":{parts.port}" if parts.port else ""
        host = parts.hostname or parse_qs(parts.query).get("host", ["localhost"])[0]
    except ValueError:
        return "Postgres"
    name = parts.path.removeprefix("/")
    if "@" in name or "@" in host or "#" in dsn:  # a password that was not quoted
        return "Postgres"
    return f"Postgres at {host}{port}, database {name or 'of the same name as the user'},"


def _why(error: BaseException) -> str:
    if isinstance(error, asyncpg.PostgresError):
        return _by_code(_REFUSED, error.sqlstate or "") or f"it answered {error.args[0]!r}"
    if isinstance(error, TimeoutError):
        return f"it did not answer within {CONNECT_S:g} s"
    if isinstance(error, socket.gaierror):
        return "the name of its host is not known"
    if isinstance(error, (ConnectionRefusedError, FileNotFoundError)):
        return "nothing listens there"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason})"
    if isinstance(error, OSError):
        return error.strerror or "the network reports an error"
    return "its address cannot be read"


def _by_code(table: Mapping[str, str], state: str) -> str | None:
    """The entry for the whole code, else for its class."""
    return table.get(state) or table.get(state[:2])


def _number(text: str) -> int | float:
    """`sum` of integers is numeric on Postgres; the port knows integers and floats."""
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)
