"""Reads of a SQLite file: answered together while they are quick, and never behind a slow one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.store._exam import Q, adding, running, words
from windmill_lite.base.errors import Bug, Unavailable
from windmill_lite.store.db import sqlite_reader
from windmill_lite.store.db.sqlite import READERS, SqliteDb
from windmill_lite.store.db.sqlite_reader import SqliteReaders

PATIENCE_S = 40.0


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[SqliteDb]:
    db = SqliteDb(tmp_path / "exam.db")
    await db.open()
    await db.write(running(Q["make"]))
    await db.write(adding("a"))
    yield db
    await db.close()


async def endless(db: SqliteDb) -> None:
    async with db.view() as view:
        await view.one(Q["forever"])


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_quick_reads_are_answered_by_one_thread(
    db: SqliteDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_reader, "STUCK_S", PATIENCE_S)  # on a machine that is too busy
    for _ in range(5):
        assert await asyncio.gather(*(words(db) for _ in range(50))) == [["a"]] * 50
    assert len(db._readers._all) == 1


async def test_reads_do_not_wait_behind_slow_ones(db: SqliteDb) -> None:
    slow = [asyncio.create_task(endless(db)) for _ in range(READERS - 1)]
    async with asyncio.timeout(PATIENCE_S):
        for _ in range(20):
            assert await asyncio.gather(*(words(db) for _ in range(3))) == [["a"]] * 3
    for task in slow:
        assert not task.done()
        await stopped(task)


async def test_what_was_answered_before_a_slow_read_does_not_wait_for_its_end(
    db: SqliteDb,
) -> None:
    reads = [asyncio.create_task(words(db)) for _ in range(10)]
    slow = asyncio.create_task(endless(db))
    async with asyncio.timeout(PATIENCE_S):
        assert await asyncio.gather(*reads) == [["a"]] * 10
    assert not slow.done()
    await stopped(slow)


async def test_a_read_whose_caller_went_away_frees_its_thread(db: SqliteDb) -> None:
    for _ in range(2 * READERS):
        task = asyncio.create_task(endless(db))
        assert await words(db) == ["a"]  # by now it runs
        await stopped(task)
    slow = [asyncio.create_task(endless(db)) for _ in range(READERS - 1)]
    assert await words(db) == ["a"]
    for task in slow:
        await stopped(task)


async def test_a_file_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    readers = SqliteReaders(tmp_path / "none.db", READERS)
    with pytest.raises(Unavailable, match="cannot be opened"):
        await readers.fetch("select 1 as one", (), PATIENCE_S)
    db = SqliteDb(tmp_path / "none.db")
    await db.open()
    assert await readers.fetch("select 1 as one", (), PATIENCE_S) == [{"one": 1}]
    await readers.close()
    await db.close()


async def test_closing_waits_for_what_is_under_way_and_refuses_what_comes_later(
    db: SqliteDb,
) -> None:
    reads = [asyncio.create_task(words(db)) for _ in range(30)]
    await words(db)  # by now all of them were asked
    await db.close()
    assert await asyncio.gather(*reads) == [["a"]] * 30
    with pytest.raises(Unavailable, match="closed"):
        await words(db)
    await db.close()


async def test_an_error_is_its_caller_s_and_the_thread_goes_on(db: SqliteDb) -> None:
    async def wrong() -> None:
        async with db.view() as view:
            await view.all(Q["nonsense"], word="a")

    for _ in range(3):
        with pytest.raises(Bug, match="SQLite refused"):
            await wrong()
        assert await words(db) == ["a"]


async def test_what_was_asked_in_the_moment_of_closing_is_answered(db: SqliteDb) -> None:
    readers = SqliteReaders(db.path, READERS)
    async with asyncio.timeout(PATIENCE_S):
        rows, _ = await asyncio.gather(
            readers.fetch("select 1 as one", (), PATIENCE_S), readers.close()
        )
    assert rows == [{"one": 1}]
