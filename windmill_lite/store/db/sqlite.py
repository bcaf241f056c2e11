"""The port on SQLite: one thread writes, a few threads read, one process owns the file.

Reads go to `sqlite_reader`; a snapshot, which is several reads of one transaction, has a connection
of its own for as long as it lasts.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from windmill_lite.base.bell import LocalBell
from windmill_lite.base.errors import Bug, Unavailable
from windmill_lite.store.db import migrate
from windmill_lite.store.db.deadlines import DEADLINES, Deadlines
from windmill_lite.store.db.pool import Pool
from windmill_lite.store.db.port import Body, Dialect, Query, Row, Tx, Value, View
from windmill_lite.store.db.sqlite_file import (
    READER_PRAGMAS,
    READS_KEPT,
    OwnerLock,
    prepare,
    reader_uri,
    translated,
)
from windmill_lite.store.db.sqlite_reader import SqliteReaders
from windmill_lite.store.db.sqlite_tx import SqliteTx
from windmill_lite.store.db.sqlite_writer import SqliteWriter
from windmill_lite.store.db.values import row_by_name

READERS = 4
SNAPSHOTS = 4

T = TypeVar("T")


class SqliteDb:
    """See `port.Db`. `writer` counts commits, `snapshots` connections, for who wants to know."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: Path, deadlines: Deadlines = DEADLINES) -> None:
        self.path = path
        self.bell = LocalBell()
        self.writer = SqliteWriter(path, self.bell)
        self.path = path
        self._statement_s = deadlines.statement_s
        self._lock = OwnerLock(path)
        self._readers = SqliteReaders(path, READERS)
        self._view = SqliteView(self._readers, deadlines.statement_s)
        self.snapshots: Pool[aiosqlite.Connection] = Pool(
            self._connect_snapshot,
            fit=lambda connection: not connection.in_transaction,
            drop=aiosqlite.Connection.close,
            size=SNAPSHOTS,
            checkout_s=deadlines.checkout_s,
        )

    @property
    def changes(self) -> int | None:
        return self.writer.changes

    async def open(self) -> None:
        """Takes the file for this process, making it where it is missing."""
        prepare(self.path)
        self._lock.take()
        try:
            await self.writer.start()
        except BaseException:
            self._lock.release()
            raise

    async def migrate(self) -> Sequence[str]:
        """Needs no lock of its own: the process owns the file."""
        applied = await self.write(migrate.ledger)
        owed = migrate.pending(migrate.available(), applied)
        for each in owed:
            await self.write(partial(_apply, migration=each))
        return [each.name for each in owed]

    async def write(self, body: Body[T]) -> T:
        return await self.writer.submit(body)

    def view(self, *, snapshot: bool = False) -> AbstractAsyncContextManager[View]:
        return self._snapshot() if snapshot else nullcontext(self._view)

    @asynccontextmanager
    async def _snapshot(self) -> AsyncIterator[View]:
        async with self.snapshots.lend() as connection:
            view = SqliteSnapshot(connection, self.path, self._statement_s)
            try:
                await view.begin()
                yield view
            finally:
                # Whoever was canceled while it began has a transaction, or will have one.
                await asyncio.shield(connection.rollback())

    async def close(self) -> None:
        await self.snapshots.close()
        await self._readers.close()  # first: the writer, closing last, leaves one file behind
        await self.writer.close()
        self._lock.release()

    async def _connect_snapshot(self) -> aiosqlite.Connection:
        try:
            connection = aiosqlite.connect(
                reader_uri(self.path),
                uri=True,
                isolation_level=None,
                cached_statements=READS_KEPT,
            )
            # Else a process that failed before `close` would wait for this thread for ever.
            connection._thread.daemon = True  # noqa: SLF001
            await connection
            connection.row_factory = row_by_name  # type: ignore[assignment]  # any callable does
            for pragma in READER_PRAGMAS:
                await connection.execute_fetchall(f"pragma {pragma}")
        except sqlite3.Error as error:
            raise translated(error, self.path) from error
        return connection


class SqliteView:
    """Reads, each by whichever thread comes to it."""

    def __init__(self, readers: SqliteReaders, statement_s: float) -> None:
        self._readers = readers
        self._statement_s = statement_s  # a longer read would hold back the log

    async def one(self, query: Query, **params: Value) -> Row | None:
        rows = await self.all(query, **params)
        return rows[0] if rows else None

    async def all(self, query: Query, **params: Value) -> list[Row]:
        sql, values = query.render("sqlite", params)
        return await self._readers.fetch(sql, values, self._statement_s)


class SqliteSnapshot:
    """Reads on one lent connection."""

    def __init__(self, connection: aiosqlite.Connection, path: Path, statement_s: float) -> None:
        self._connection = connection
        self._path = path
        self._statement_s = statement_s

    async def one(self, query: Query, **params: Value) -> Row | None:
        rows = await self.all(query, **params)
        return rows[0] if rows else None

    async def all(self, query: Query, **params: Value) -> list[Row]:
        return await self._fetch(*query.render("sqlite", params))

    async def begin(self) -> None:
        await self._fetch("begin", ())

    async def _fetch(self, sql: str, values: Sequence[Any]) -> list[Row]:
        try:
            async with asyncio.timeout(self._statement_s):
                rows: Any = await self._connection.execute_fetchall(sql, values)
                return list(rows)
        except sqlite3.Error as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_READONLY:
                raise Bug("a view cannot write") from error
            raise translated(error, self._path) from error
        except TimeoutError:
            await self._connection.interrupt()
            raise Unavailable(f"a query took longer than {self._statement_s:g} s") from None
        except asyncio.CancelledError:
            await self._connection.interrupt()  # else the next borrower would wait for it
            raise


async def _apply(tx: Tx, *, migration: migrate.Migration) -> None:
    if not isinstance(tx, SqliteTx):
        raise Bug("a migration of SQLite runs in its own writer")
    for statement in migration.statements("sqlite"):
        tx.script(statement)
    await migrate.record(tx, migration)
