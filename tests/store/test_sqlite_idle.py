"""A writer of SQLite to whom nobody speaks: it tidies up once, and then it sleeps."""

from __future__ import annotations

import asyncio
import queue
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NewDatabase
from tests.store._eventually import eventually
from tests.store._exam import Q, adding, running
from windmill_lite.store.db import sqlite_writer
from windmill_lite.store.db.sqlite import SqliteDb


@pytest.fixture
def path(new_database: NewDatabase) -> Path:
    return Path(new_database("sqlite").removeprefix("sqlite:///"))


class Sleep:
    """What the writer waits for: with a timer, and without one once it has nothing more to do."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.waits: list[float | None] = []
        self._fell = asyncio.Event()
        loop, sleep = asyncio.get_running_loop(), self

        class WatchedQueue(queue.SimpleQueue[Any]):
            def get(self, block: bool = True, timeout: float | None = None) -> Any:  # noqa: FBT001, FBT002  (as in the standard library)
                sleep.waits.append(timeout)
                if len(sleep.waits) > 1 and timeout is None:
                    loop.call_soon_threadsafe(sleep._fell.set)
                return super().get(block, timeout)

        monkeypatch.setattr(sqlite_writer, "SimpleQueue", WatchedQueue)
        monkeypatch.setattr(sqlite_writer, "IDLE_S", 0.02)

    async def begins(self) -> bool:
        """Whether it waits after its first write."""
        return len(self.waits) > 1

    async def falls(self) -> None:
        async with asyncio.timeout(40):
            await self._fell.wait()
        self._fell.clear()


async def test_when_silence_falls_the_log_is_copied_once_and_then_nothing_happens(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = Sleep(monkeypatch)
    monkeypatch.setattr(sqlite_writer, "IDLE_S", 600.0)
    db = SqliteDb(path)
    await db.open()
    await db.write(running(Q["make"]))
    log = path.with_name(path.name + "-wal")
    assert log.stat().st_size > 0
    await eventually(sleep.begins)
    monkeypatch.setattr(sqlite_writer, "IDLE_S", 0.02)
    await db.write(adding("a"))
    await sleep.falls()
    assert log.stat().st_size == 0
    assert db.writer.checkpoints == 1
    assert sleep.waits == [
        None,
        600.0,
        0.02,
        None,
    ]  # then without a timer
    await db.close()


async def test_a_write_that_changes_nothing_touches_no_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = Sleep(monkeypatch)
    db = SqliteDb(path)
    await db.open()
    await db.write(running(Q["make"]))
    await sleep.falls()
    before = touched(path)
    assert await db.write(running(Q["count_up"])) == 0, "there is no row"
    await sleep.falls()
    assert touched(path) == before
    await db.close()


def touched(path: Path) -> dict[str, int]:
    """When the file and those beside it were last written, ns."""
    return {each.name: each.stat().st_mtime_ns for each in path.parent.glob(f"{path.name}*")}
