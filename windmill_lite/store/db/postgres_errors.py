"""What the errors of asyncpg and the server mean to us, by their codes.

The server's texts are quoted where they help, and never decide anything.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping

import asyncpg

from windmill_lite.base.errors import Bug, Invalid, Unavailable
from windmill_lite.store.db.port import Duplicate

# Everything asyncpg raises; TimeoutError is an OSError.
DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)

# Codes of five characters stand for themselves, codes of two for their class.
_AGAIN = frozenset(("40001", "40P01"))  # serialization failure, deadlock
_LOST = frozenset(("25006", "57P01", "57P02", "57P03", "57P05"))  # 25006: now a read-only standby
_UNAVAILABLE = {
    "53": "has run out of resources",
    "53100": "cannot grow: its disk is full",
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


def lost(error: BaseException) -> bool:
    """Did the connection end, or must it? What ran on it did not happen, except a commit."""
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return state.startswith("08") or state in _LOST
    # An InterfaceError that is a ValueError is about an argument, not about the connection.
    return isinstance(error, (OSError, asyncpg.InternalClientError)) or (
        isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError)
    )


def is_read_only(error: BaseException) -> bool:
    """Was it a write where only reading is allowed?"""
    return isinstance(error, asyncpg.PostgresError) and error.sqlstate == "25006"


def worth_repeating(error: BaseException) -> bool:
    """May the same transaction succeed when it runs again?"""
    return lost(error) or (isinstance(error, asyncpg.PostgresError) and error.sqlstate in _AGAIN)


def translated(error: BaseException) -> Exception:
    """The error of the port for an error on a connection."""
    if lost(error):
        return Unavailable("the connection to Postgres was lost")
    if not isinstance(error, asyncpg.PostgresError):
        # A value that the column's type cannot hold: the driver sees it before the server does.
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


def why_unreachable(error: BaseException) -> str:
    """For a failed attempt to connect: the reason as the end of a sentence, without a secret."""
    if isinstance(error, asyncpg.PostgresError):
        return _by_code(_REFUSED, error.sqlstate or "") or f"it answered {error.args[0]!r}"
    if isinstance(error, socket.gaierror):
        return "the name of its host is not known"
    if isinstance(error, (ConnectionRefusedError, FileNotFoundError)):
        return "nothing listens there"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason})"
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, OSError):
        return error.strerror or "the network reports an error"
    return "the address cannot be read"


def _by_code(table: Mapping[str, str], state: str) -> str | None:
    """The entry for the whole code, else for its class."""
    return table.get(state) or table.get(state[:2])
