"""The port alone: durable writes per second by one, 16 and 64 callers, reads, rings.

Every write is one row and is acknowledged after its commit is on the disk; Postgres syncs here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from tests._postgres import PostgresServer
from tests.bench._machine import Report, sized
from tests.store._exam import Q, adding, running
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.port import Db
from windmill_lite.store.db.postgres import PostgresDb
from windmill_lite.store.db.sqlite import SqliteDb

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]

CALLERS = (1, 16, 64)
SECONDS = sized(15, 2) / 10


@pytest.fixture
def syncing_server() -> Iterator[PostgresServer]:
    """Postgres as it is in earnest; the tests' own server does not sync."""
    server = PostgresServer(durable=True)
    server.start()
    yield server
    server.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def exam(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Db]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/bench.db"
    else:
        server: PostgresServer = request.getfixturevalue("syncing_server")
        url = server.create_database("bench")
    db = connect(url, tmp_path)
    await db.open()
    await db.write(running(Q["make"]))
    yield db
    await db.close()


async def spread(callers: int, once: Callable[[], Awaitable[object]]) -> list[float]:
    """How long each call took, in seconds, while `callers` do nothing else for a while."""
    spent: list[float] = []
    until = time.perf_counter() + SECONDS

    async def caller() -> None:
        while (began := time.perf_counter()) < until:
            await once()
            spent.append(time.perf_counter() - began)

    await asyncio.gather(*[caller() for _ in range(callers)])
    return spent


async def test_durable_writes_and_reads(exam: Db) -> None:
    report = Report(f"The port on {exam.dialect}")

    async def write() -> None:
        await exam.write(adding("a word"))

    async def ring() -> None:
        await exam.write(adding("a word", ring="queue"))

    async def read() -> None:
        async with exam.view() as view:
            await view.one(Q["get"], id=row)

    row = await exam.write(adding("a word"))
    for name, once in (("write", write), ("write and ring", ring), ("read by key", read)):
        for callers in CALLERS:
            commits = commits_of(exam)
            began = time.perf_counter()
            spent = await spread(callers, once)
            report.rate(f"{name}, {callers} callers", len(spent), time.perf_counter() - began)
            report.spread(f"{name}, {callers} callers", spent)
            if once is write:
                share = len(spent) / max(1, commits_of(exam) - commits)
                report.fact(f"{name}, {callers} callers", f"{share:.1f} writes in a commit")
    report.print()


def commits_of(db: Db) -> int:
    assert isinstance(db, SqliteDb | PostgresDb)
    return db.writer.commits
