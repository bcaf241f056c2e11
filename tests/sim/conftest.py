"""Databases that are quick enough to be broken thousands of times; and what was broken, counted."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests._time import share_time
from tests.conftest import NewDatabase
from windmill_lite.base import passwords
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.port import Db

MEMORY = Path("/dev/shm")
COUNTS: pytest.StashKey[Counter[str]] = pytest.StashKey()


@pytest.fixture
def counted(request: pytest.FixtureRequest) -> Counter[str]:
    """What the end of the run tells how many there were of."""
    return request.config.stash.setdefault(COUNTS, Counter())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts = terminalreporter.config.stash.get(COUNTS, Counter())
    if counts:
        told = ", ".join(f"{n:,} {what}" for what, n in sorted(counts.items()))
        terminalreporter.write_line(f"broken on purpose: {told}")


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes a password slow to guess makes a thousand tests slow to run."""
    monkeypatch.setattr(passwords, "COST", (16, 1, 1))


@pytest.fixture
def shared_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database's clock jumps with that of the scenario."""
    share_time(monkeypatch)


@pytest.fixture
def quick_folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where the machine has such a thing: no crash of these tests is one of power."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="wl-sim-") as folder:
        yield Path(folder)


@pytest.fixture
async def quick_db(
    dialect: str, request: pytest.FixtureRequest, quick_folder: Path, shared_time: None
) -> AsyncIterator[Db]:
    """A fresh, migrated, open database of either kind."""
    if dialect == "sqlite":
        path = quick_folder / "sweep.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
    else:
        new_database: NewDatabase = request.getfixturevalue("new_database")
        url = new_database("postgres")
    db = connect(url, quick_folder)
    await db.open()
    yield db
    await db.close()


@pytest.fixture
def postgres_url(new_database: NewDatabase) -> str:
    return new_database("postgres")
