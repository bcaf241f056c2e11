"""Counts what reaches the drivers: below the port, so that nothing the port does is overlooked."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from unittest.mock import patch

from windmill_lite.store.db.postgres_link import Connection

_CONTROL = ("begin", "commit", "rollback", "savepoint", "release")
_WRITES = re.compile(r"\b(insert into|update|delete from)\b")
_ASIDE = ("pragma", "select count(*) from sqlite_master", "select pg_notify(")


@dataclass(slots=True)
class Traffic:
    """`statements` without those that begin and end transactions; `trips` with them: how often the
    driver was asked (a call on SQLite, a round trip on Postgres). Setting up a file is not counted,
    nor are the notices of the bell, of which there is one for whatever has rung in a while.
    """

    statements: int = 0
    trips: int = 0
    commits: int = 0

    def note(self, sql: str, *, rows: int = 1, alone: bool = False) -> None:
        """One call of a driver; `alone` outside of a transaction."""
        first = sql[:40].lstrip().lower()
        if first.startswith(_ASIDE):
            return
        self.trips += 1
        if not first.startswith(_CONTROL):
            self.statements += rows
            self.commits += alone and _WRITES.search(sql) is not None
        elif first.startswith("commit"):
            self.commits += 1

    def copy(self) -> Traffic:
        return replace(self)

    def since(self, before: Traffic) -> Traffic:
        return Traffic(
            self.statements - before.statements,
            self.trips - before.trips,
            self.commits - before.commits,
        )


@contextmanager
def counted() -> Iterator[Traffic]:
    """Counts on every connection of either kind that is made inside."""
    traffic = Traffic()

    class Counted(sqlite3.Connection):
        def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
            traffic.note(sql)
            return super().execute(sql, *rest)

        def executemany(self, sql: str, rows: Any, /) -> sqlite3.Cursor:
            traffic.note(sql, rows=len(rows))
            return super().executemany(sql, rows)

    with ExitStack() as patches:
        connect = partial(sqlite3.connect, factory=Counted)
        patches.enter_context(patch.object(sqlite3, "connect", connect))
        for verb in ("execute", "fetch", "fetchrow", "executemany", "fetchmany"):
            call = _counting(traffic, getattr(Connection, verb), many=verb.endswith("many"))
            patches.enter_context(patch.object(Connection, verb, call))
        yield traffic


def _counting(traffic: Traffic, verb: Callable[..., Any], *, many: bool) -> Callable[..., Any]:
    def call(self: Connection, sql: str, *rest: Any, **more: Any) -> Any:
        rows = len(rest[0]) if many else 1
        traffic.note(sql, rows=rows, alone=not self.is_in_transaction())
        return verb(self, sql, *rest, **more)

    return call
