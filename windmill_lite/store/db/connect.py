"""From the address of a database to the database, not yet opened."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

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
