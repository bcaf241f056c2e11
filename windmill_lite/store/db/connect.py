"""From the address of a database to the database, not yet opened."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from windmill_lite.base.errors import Invalid
from windmill_lite.store.db.deadlines import DEADLINES, Deadlines
from windmill_lite.store.db.postgres import PostgresDb
from windmill_lite.store.db.sqlite import SqliteDb

FILE = "windmill-lite.db"  # in the data folder, when no address is given

ACCEPTED = (
    "sqlite:///relative/path.db, sqlite:////absolute/path.db, or "
    "postgresql://user:password@host:port/database"
)


def connect(
    url: str | None, data_dir: Path, *, deadlines: Deadlines = DEADLINES
) -> PostgresDb | SqliteDb:
    """The database at `url`; without one, SQLite in `data_dir`. A relative path is relative to the
    working directory.

    Fails: `Invalid`, naming what is accepted; the address itself is not repeated, for it may hold
    a password.
    """
    if not url:
        return SqliteDb(data_dir / FILE, deadlines)
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "sqlite":
        return SqliteDb(_file(rest), deadlines)
    if separator and scheme in ("postgresql", "postgres"):
        return PostgresDb(url, deadlines)
    raise Invalid(f"the database address must be one of {ACCEPTED}", field="database")


def reached_at(url: str | None) -> tuple[tuple[str, int], ...]:
    """The hosts and ports of the database, where jobs have no business; none of a file's."""
    parts = urlsplit(url or "")
    if parts.scheme not in ("postgresql", "postgres"):
        return ()
    named = parse_qs(parts.query)
    listed = [parts.netloc.rpartition("@")[2], *named.get("host", ())]
    port = named.get("port", ["5432"])[0].split(",")[0]
    hosts = [unquote(host) for some in listed for host in some.split(",") if host]
    return tuple(_server(host, port) for host in hosts if not host.startswith("/"))


def _server(text: str, port: str) -> tuple[str, int]:
    host, colon, own = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, own = text, port
    return host.strip("[]"), int(own)


def _file(rest: str) -> Path:
    """`/path` after `sqlite://`: one slash ends the empty host, what follows is the path."""
    path = unquote(rest.removeprefix("/").partition("?")[0])
    if not rest.startswith("/") or not path or "\0" in path:
        raise Invalid(f"the database address must be one of {ACCEPTED}", field="database")
    if path == ":memory:":
        raise Invalid(
            "a database in memory would lose acknowledged work; name a file", field="database"
        )
    return Path(path)
