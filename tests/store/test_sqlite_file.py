"""Who may open a SQLite file, what it looks like on the disk, what a crash leaves."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from tests.conftest import NewDatabase
from tests.store._exam import Q, adding, running, words
from windmill_lite.base.errors import Unavailable
from windmill_lite.store.db import sqlite_file
from windmill_lite.store.db.sqlite import SqliteDb
from windmill_lite.store.db.sqlite_file import file_system

# Opens the file, then either says so or adds rows for ever, a line for each that was acknowledged.
ANOTHER_PROCESS = """
import asyncio, itertools, sys
from pathlib import Path
from tests.store._exam import adding
from windmill_lite.store.db.sqlite import SqliteDb

async def main():
    db = SqliteDb(Path(sys.argv[1]))
    await db.open()
    for number in itertools.count():
        await asyncio.gather(*[db.write(adding(f"{number}.{n}")) for n in range(5)])
        print(number, flush=True)

asyncio.run(main())
"""


@pytest.fixture
def path(new_database: NewDatabase) -> Path:
    return Path(new_database("sqlite").removeprefix("sqlite:///"))


def another_process(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ANOTHER_PROCESS, str(path)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def modes_in(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def damage(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[-40_000:-8_000] = os.urandom(32_000)
    path.write_bytes(raw)


async def open_exam(path: Path) -> SqliteDb:
    db = SqliteDb(path)
    await db.open()
    await db.write(running(Q["make"]))
    return db


async def test_a_second_process_is_refused_and_told_what_to_do(path: Path) -> None:
    db = await open_exam(path)
    other = another_process(path)
    _, complaint = other.communicate(timeout=60)
    assert other.returncode == 1
    assert f"{path} is in use by another process ({os.getpid()})" in complaint
    assert "use Postgres for several processes" in complaint
    await db.write(adding("still ours"))
    await db.close()


async def test_the_same_process_cannot_open_a_file_twice(path: Path) -> None:
    db = await open_exam(path)
    twin = SqliteDb(path)
    with pytest.raises(Unavailable, match="in use"):
        await twin.open()
    await twin.close()
    await db.write(adding("a"))
    await db.close()

    later = SqliteDb(path)
    await later.open()
    assert await words(later) == ["a"]
    await later.close()


async def test_what_was_acknowledged_survives_a_killed_process(path: Path) -> None:
    await (await open_exam(path)).close()
    other = another_process(path)
    assert other.stdout is not None
    acknowledged = [int(other.stdout.readline()) for _ in range(20)][-1]
    other.send_signal(signal.SIGKILL)
    other.communicate()

    db = SqliteDb(path)
    await db.open()
    found = set(await words(db))
    assert found >= {f"{number}.{n}" for number in range(acknowledged + 1) for n in range(5)}
    await db.write(adding("after"))
    await db.close()


def test_a_process_that_fails_without_closing_ends_at_once(path: Path) -> None:
    script = """
import asyncio, sys
from pathlib import Path
from tests.store._exam import Q, adding, running, words
from windmill_lite.store.db.sqlite import SqliteDb

async def main(db):
    await db.open()
    await db.write(running(Q["make"]))
    await words(db)
    sys.exit(7)

db = SqliteDb(Path(sys.argv[1]))  # still referenced at the end
asyncio.run(main(db))
"""
    command = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], timeout=60, check=False)
    assert done.returncode == 7


async def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        path = tmp_path / "new.db"
        db = await open_exam(path)
        await db.write(adding("a"))
        modes = modes_in(tmp_path)
        await db.close()
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(
        ("new.db", "new.db-wal", "new.db-shm", "new.db.lock"), stat.S_IRUSR | stat.S_IWUSR
    )


async def test_closing_leaves_one_file_and_the_lock(path: Path) -> None:
    db = await open_exam(path)
    assert await words(db) == []
    await db.close()
    assert {file.name for file in path.parent.iterdir()} == {path.name, path.name + ".lock"}


@pytest.mark.parametrize("name", ["a b.db", "100%.db", "what?.db", "x#y.db", "ö☃.db", "a'b.db"])
async def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    db = await open_exam(tmp_path / name)
    await db.write(adding("a"))
    assert await words(db) == ["a"]
    await db.close()
    assert (tmp_path / name).exists()


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "x.db"
    with pytest.raises(Unavailable, match=re.escape(str(path))):
        await SqliteDb(path).open()


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=re.escape(str(tmp_path))):
        await SqliteDb(tmp_path).open()


async def test_a_file_of_something_else_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    text = b"Dear Sir or Madam, " * 300
    path.write_bytes(text)
    db = SqliteDb(path)
    with pytest.raises(Unavailable, match="damaged or not a SQLite database") as refusal:
        await db.open()
    assert str(path) in refusal.value.message
    assert path.read_bytes() == text
    await db.close()


async def test_a_damaged_file_is_refused_when_it_is_opened(path: Path) -> None:
    db = await open_exam(path)
    for n in range(200):
        await db.write(adding(f"{n} " * 50, UUID(int=n)))
    await db.close()
    damage(path)
    with pytest.raises(Unavailable, match="restore it from a backup"):
        await SqliteDb(path).open()


async def test_a_failed_opening_frees_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"no database " * 100)
    with pytest.raises(Unavailable):
        await SqliteDb(path).open()
    path.unlink()
    await (await open_exam(path)).close()


async def test_a_network_file_system_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "file_system", lambda _: "nfs4")
    with pytest.raises(Unavailable, match=r"network file system \(nfs4\)"):
        await SqliteDb(path).open()


def test_the_file_system_of_a_folder_is_found(tmp_path: Path) -> None:
    assert file_system(Path("/proc/self")) == "proc"
    assert file_system(tmp_path) not in {None, "proc"}
