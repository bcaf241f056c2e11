"""The schema, forward only: which migrations there are, which are owed, what each says where.

One source for both. `migrations/0001_first.sql` is written in Postgres' words; for SQLite the
types are other words, and every table is STRICT; for Postgres text compares by code point,
whatever the database's own collation is, because SQLite does. A line that ends in `--[postgres]` or
`--[sqlite]` is for that database only.

How a backend applies them: take the one lock, read the ledger *under it*, then for each owed file
one transaction that runs it and records it. A file that was applied never changes: what is to be
different is another file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from windmill_lite.base.clock import SystemClock, to_us
from windmill_lite.base.errors import Unavailable
from windmill_lite.store.db import sqlfile
from windmill_lite.store.db.port import Dialect, Tx
from windmill_lite.store.db.sqltext import statements, tokens

Q = sqlfile.load("windmill_lite.store.db", "migrate.sql")

_FILE = re.compile(r"(\d{4}_\w+)\.sql$")
_ONLY = re.compile(r"--\[(sqlite|postgres)\]\s*$")
_SQLITE_TYPES = {"uuid": "blob", "bigint": "integer", "smallint": "integer"}
_DOUBLE = re.compile(r"\bdouble\s+precision\b", re.IGNORECASE)
_TABLE = re.compile(r"create\s+table\b", re.IGNORECASE)
_COLUMNS = re.compile(r"(create|alter)\s+table\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Migration:
    """One file. `name` is without `.sql`; `checksum` is the SHA-256 of its text."""

    name: str
    source: str
    checksum: str

    def statements(self, dialect: Dialect) -> list[str]:
        """What to run, in order."""
        return [_translated(each, dialect) for each in statements(_only(self.source, dialect))]


def migration(name: str, source: str) -> Migration:
    return Migration(name, source, hashlib.sha256(source.encode("utf-8")).hexdigest())


def available() -> list[Migration]:
    """The migrations of this version, the oldest first."""
    folder = resources.files("windmill_lite.store.db").joinpath("migrations")
    found = {match[1]: file for file in folder.iterdir() if (match := _FILE.match(file.name))}
    return [migration(name, found[name].read_text("utf-8")) for name in sorted(found)]


def pending(ours: Sequence[Migration], applied: Mapping[str, str]) -> list[Migration]:
    """Which of `ours` a database still needs; `applied` is its ledger, name -> checksum.

    Fails: `Unavailable` when the database is newer than we are, or an applied file is another now.
    """
    unknown = sorted(applied.keys() - {each.name for each in ours})
    if unknown:
        raise Unavailable(
            f"the database is newer than this version, which does not know {', '.join(unknown)}; "
            "start the version that made it, or a later one"
        )
    for each in ours:
        if applied.get(each.name, each.checksum) != each.checksum:
            raise Unavailable(
                f"the migration {each.name} is not the one that was applied to the database; "
                "start the version that applied it"
            )
    return [each for each in ours if each.name not in applied]


async def ledger(tx: Tx) -> dict[str, str]:
    """What was applied, name -> checksum; makes the ledger where there is none."""
    await tx.run(Q.make_ledger)
    return {row["name"]: row["checksum"] for row in await tx.all(Q.applied)}


async def record(tx: Tx, done: Migration) -> None:
    now = to_us(SystemClock().now())
    await tx.run(Q.record, name=done.name, checksum=done.checksum, applied_at=now)


def _only(source: str, dialect: Dialect) -> str:
    """Without the lines of the other database."""
    kept = []
    for line in source.splitlines():
        marker = _ONLY.search(line)
        if marker is None or marker[1] == dialect:
            kept.append(line[: marker.start()] if marker else line)
    return "\n".join(kept)


def _translated(statement: str, dialect: Dialect) -> str:
    makes_table = _TABLE.match(statement) is not None
    if dialect == "postgres":
        words = {"text": 'text collate "C"'} if _COLUMNS.match(statement) else {}
    else:
        words = _SQLITE_TYPES
    text = "".join(
        words.get(token.text.lower(), token.text) if token.kind == "word" else token.text
        for token in tokens(statement)
    )
    if dialect == "sqlite":
        text = _DOUBLE.sub("real", text)
        if makes_table:
            text += ", strict" if text.lower().endswith("without rowid") else " strict"
    return text
