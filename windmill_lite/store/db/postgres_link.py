"""How a connection to Postgres is made, set up and ended.

asyncpg sets no deadlines of its own. Here: a limit on connecting, keepalives on both sides of the
socket, and on the server's side limits that free locks when a client was frozen or cut off. Who
uses a connection puts a limit around every wait and terminates what ran into it.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from windmill_lite.base.errors import Unavailable
from windmill_lite.store.db.deadlines import Deadlines
from windmill_lite.store.db.postgres_errors import DRIVER_ERRORS, why_unreachable

GOODBYE_S = 2.0  # how long a polite end of a connection may take
STATEMENTS_KEPT = 512  # prepared statements a connection keeps
READS_KEPT = 128  # and one that reads: lists with many filters cost its server process 85 KB each

AnyConnection: TypeAlias = "asyncpg.Connection[Any] | PoolConnectionProxy[Any]"  # in callbacks

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
    (socket.IPPROTO_TCP, "TCP_KEEPIDLE", 15),
    (socket.IPPROTO_TCP, "TCP_KEEPINTVL", 5),
    (socket.IPPROTO_TCP, "TCP_KEEPCNT", 3),
    (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT", 30_000),
)


class Connection(asyncpg.Connection):
    """With keepalives on our side of the socket.

    `spent` is set when a wait was given up: the answer is still to come, so it is not lent again.
    """

    def __init__(self, protocol: Any, transport: Any, *rest: Any) -> None:
        super().__init__(protocol, transport, *rest)
        self.spent = False
        end: socket.socket | None = transport.get_extra_info("socket")
        if end is not None:
            keep_alive(end)


@dataclass(frozen=True, slots=True)
class Server:
    """A database of a server, by its address, which may hold a password: it is never shown."""

    dsn: str
    deadlines: Deadlines

    def __repr__(self) -> str:
        return f"Server({described(self.dsn)})"

    async def connect(
        self, settings: Mapping[str, str] | None = None, *, kept: int = STATEMENTS_KEPT
    ) -> Connection:
        """A connection with our settings. Fails: `Unavailable`."""
        try:
            async with asyncio.timeout(self.deadlines.connect_s):
                connection = await asyncpg.connect(
                    self.dsn,
                    connection_class=Connection,
                    statement_cache_size=kept,
                    max_cached_statement_lifetime=0,  # else a timer for each
                    server_settings=_SETTINGS | dict(settings or {}),
                )
                await _set_codecs(connection)
                return connection
        except (*DRIVER_ERRORS, ValueError) as error:
            raise self.unfit(f"cannot be reached: {why_unreachable(error)}") from None

    def unfit(self, what: str) -> Unavailable:
        """A refusal whose sentence begins with the server."""
        return Unavailable(f"{described(self.dsn)} {what}")


def keep_alive(end: socket.socket) -> None:
    """Half a minute of silence from the other side's system ends the connection."""
    if end.family != socket.AF_UNIX:
        for level, name, value in _SOCKET:
            if hasattr(socket, name):
                end.setsockopt(level, getattr(socket, name), value)


async def disconnect(connection: Connection) -> None:
    """Cancels what still runs on it, so that the server does not go on with it for nobody."""
    try:
        with suppress(*DRIVER_ERRORS):
            await connection.close(timeout=GOODBYE_S)
    finally:
        connection.terminate()


def at_rest(connection: Connection) -> bool:
    """Open, outside a transaction, nothing under way: may be lent again."""
    return not (connection.spent or connection.is_closed() or connection.is_in_transaction())


def described(dsn: str) -> str:
    """Host and database, for a message. Nothing of an address that may hide a password in it."""
    try:
        parts = urlsplit(dsn)
        port = f":{parts.port}" if parts.port else ""
        host = parts.hostname or parse_qs(parts.query).get("host", ["localhost"])[0]
    except ValueError:
        return "Postgres"
    name = parts.path.removeprefix("/")
    if "@" in f"{name}{host}{parts.query}" or parts.fragment:  # a password that was not quoted
        return "Postgres"
    return f"Postgres at {host}{port}, database {name or 'of the same name as the user'},"


async def _set_codecs(connection: Connection) -> None:
    await connection.set_type_codec(
        "numeric", schema="pg_catalog", encoder=str, decoder=_number, format="text"
    )


def _number(text: str) -> int | float:
    """`sum` of integers is numeric on Postgres; the port knows integers and floats."""
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)
