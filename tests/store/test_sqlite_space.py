"""What is deleted from a SQLite file goes back to the disk, without anybody waiting for it."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.store._eventually import eventually
from windmill_lite.store.db import sqlite_file, sqlite_writer
from windmill_lite.store.db.port import Tx
from windmill_lite.store.db.sqlfile import parse
from windmill_lite.store.db.sqlite import SqliteDb

Q = parse(
    """
-- name: make
create table heap(word text)
-- name: fill
insert into heap(word)
with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000)
select hex(zeroblob(1500)) from n
-- name: empty
delete from heap where rowid % 20 > 0
-- name: rows
select count(*) as rows from heap
-- name: mode
select auto_vacuum as mode from pragma_auto_vacuum()
""",
    "here",
)


@pytest.fixture(autouse=True)
def soon_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_writer, "IDLE_S", 0.02)
    monkeypatch.setattr(sqlite_file, "GIVEN_BACK_PAGES", 100)


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[SqliteDb]:
    db = SqliteDb(path)
    await db.open()
    yield db
    await db.close()


async def run(db: SqliteDb, *names: str) -> None:
    async def body(tx: Tx) -> None:
        for name in names:
            await tx.run(Q[name])

    await db.write(body)


async def number(db: SqliteDb, name: str) -> int:
    async with db.view() as view:
        row = await view.one(Q[name])
    assert row is not None
    return int(next(iter(row.values())))


async def test_a_file_shrinks_when_it_is_quiet_after_a_deletion(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    async with opened(path) as db:
        await run(db, "make", "fill")

        async def is_full() -> bool:
            return path.stat().st_size > 6_000_000

        await eventually(is_full)
        await run(db, "empty")

        async def is_small() -> bool:
            return path.stat().st_size < 1_000_000

        await eventually(is_small)
        assert await number(db, "rows") == 100


async def test_some_free_pages_are_kept_for_what_comes(tmp_path: Path) -> None:
    async with opened(tmp_path / "x.db") as db:
        await run(db, "make", "fill")
        quiet = db.writer.checkpoints

        async def is_quiet() -> bool:
            return db.writer.checkpoints > quiet

        await eventually(is_quiet)
        assert db.writer.checkpoints == quiet + 1, "nothing to give back, nothing to do again"


def old_file(path: Path) -> None:
    """From before files could shrink, and with much that was deleted."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    for name in ("make", "fill", "empty"):
        connection.execute(Q[name].render("sqlite", {})[0])
    connection.close()


async def test_a_file_from_before_is_built_anew_once(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    old_file(path)
    async with opened(path) as db:
        assert await number(db, "mode") == sqlite_file.SHRINKS
        assert await number(db, "rows") == 100
    assert path.stat().st_size < 1_000_000


async def test_a_large_file_from_before_is_left_alone_and_the_remedy_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "x.db"
    old_file(path)
    monkeypatch.setattr(sqlite_file, "REBUILD_BYTES_MAX", 1_000_000)
    caplog.set_level(logging.INFO)
    async with opened(path) as db:
        assert await number(db, "mode") == 0
        await run(db, "empty")
    assert "pragma auto_vacuum = incremental; vacuum" in caplog.text
    assert path.stat().st_size > 6_000_000


def test_what_is_deleted_is_not_written_once_more(tmp_path: Path) -> None:
    """Else a batch of the cleaner with large values would hold up every other write."""
    connection = sqlite_file.connect_writer(tmp_path / "windmill-lite.db")
    connection.execute("create table heap(word text)")
    connection.executemany("insert into heap values (?)", [("x" * 1_000_000,)] * 10)
    connection.execute("pragma wal_checkpoint(truncate)").fetchall()
    connection.execute("delete from heap")
    written = (tmp_path / "windmill-lite.db-wal").stat().st_size
    connection.close()
    assert written < 1_000_000
