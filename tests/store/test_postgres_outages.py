"""The server goes away, comes back, freezes; nobody makes a new object.

The server is started in the main thread: it dies with the thread that started it.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from tests._postgres import PostgresServer
from tests.conftest import NewDatabase
from tests.store._eventually import eventually
from tests.store._exam import Q, adding, running, words
from windmill_lite.base.errors import Refusal, Unavailable
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.deadlines import Deadlines
from windmill_lite.store.db.postgres import PostgresDb

pytestmark = pytest.mark.postgres
# Short to wait for, and long enough to connect on a machine that is too busy.
SHORT = Deadlines(checkout_s=1.0, connect_s=1.5, statement_s=1.5, write_s=2.0)


@pytest.fixture
def url(new_database: NewDatabase) -> str:
    return new_database("postgres")


@pytest.fixture
async def open_db(url: str) -> AsyncIterator[Callable[[Deadlines], PostgresDb]]:
    made: list[PostgresDb] = []

    def make(deadlines: Deadlines) -> PostgresDb:
        made.append(PostgresDb(url, deadlines))
        return made[-1]

    yield make
    for db in made:
        await db.close()


async def works(db: PostgresDb) -> bool:
    try:
        await words(db)
    except Unavailable:
        return False
    return True


@pytest.mark.parametrize("crash", [False, True], ids=["stopped", "crashed"])
async def test_a_restart_of_the_server_needs_no_restart_of_ours(
    url: str,
    postgres_server: PostgresServer,
    open_db: Callable[[Deadlines], PostgresDb],
    crash: bool,  # noqa: FBT001  (a case of the table)
) -> None:
    here, there = open_db(Deadlines()), open_db(Deadlines())
    await here.open()
    await there.open()
    await here.write(running(Q["make"]))
    await asyncio.gather(*[here.write(adding(f"before {n}")) for n in range(20)])
    with there.bell.listen("queue") as ear:
        postgres_server.stop(crash=crash)
        outcomes = await asyncio.gather(
            *[here.write(adding("during")) for _ in range(30)],
            *[words(here) for _ in range(30)],
            return_exceptions=True,
        )
        assert {type(outcome) for outcome in outcomes} == {Unavailable}
        assert not any("asyncpg" in str(outcome) for outcome in outcomes)

        postgres_server.start()
        assert await works(here)
        assert await ear.wait(40)  # connected again: whoever waits looks at the database
        await here.write(adding("after", ring="queue"))
        assert await ear.wait(40)
    found = await words(here)
    assert "after" in found
    assert "during" not in found
    assert len(found) == 21


async def test_writes_under_way_when_the_server_restarts_happen_once_or_are_refused(
    postgres_server: PostgresServer, open_db: Callable[[Deadlines], PostgresDb]
) -> None:
    db = open_db(Deadlines())
    await db.open()
    await db.write(running(Q["make"]))
    acknowledged: list[str] = []
    refused: list[str] = []
    stopping = asyncio.Event()

    async def write_on(name: int) -> None:
        number = 0
        while not (stopping.is_set() and await works(db)):
            number += 1
            try:
                await db.write(adding(f"{name}.{number}"))
                acknowledged.append(f"{name}.{number}")
            except Unavailable:
                refused.append(f"{name}.{number}")

    writers = [asyncio.create_task(write_on(name)) for name in range(10)]
    await eventually(lambda: more_than(acknowledged, 200))
    postgres_server.stop(crash=True)
    await eventually(lambda: more_than(refused, 20))
    postgres_server.start()
    stopping.set()
    await asyncio.gather(*writers)

    found = list(await words(db))
    assert len(found) == len(set(found))
    assert set(acknowledged) <= set(found)
    assert set(found) <= set(acknowledged) | set(refused)


async def more_than(items: list[str], count: int) -> bool:
    return len(items) > count


@contextmanager
def frozen(pids: list[int]) -> Iterator[None]:
    """Processes that are there and do not answer."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def all_backends(url: str) -> list[int]:
    """The connections to one database, and the process that takes new ones."""
    admin = await asyncpg.connect(url)
    found = [row["pid"] for row in await admin.fetch(Q["pids"].render("postgres", {})[0])]
    parent = parent_of(admin.get_server_pid())
    await admin.close()
    return [*found, parent]


def parent_of(pid: int) -> int:
    """From `pid (name) state parent ...`."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])


async def test_a_frozen_server_is_reported_in_time_and_recovers(
    url: str, open_db: Callable[[Deadlines], PostgresDb]
) -> None:
    db = open_db(SHORT)
    await db.open()
    await db.write(running(Q["make"]))
    await asyncio.gather(*[words(db) for _ in range(10)])
    with frozen(await all_backends(url)):
        async with asyncio.timeout(40):
            outcomes = await asyncio.gather(
                *[db.write(adding(f"{n}")) for n in range(20)],
                *[words(db) for _ in range(20)],
                return_exceptions=True,
            )
        assert all(isinstance(outcome, Refusal) for outcome in outcomes)
        assert {type(outcome) for outcome in outcomes} == {Unavailable}
    await eventually(lambda: works(db))
    await db.write(adding("after"))
    assert "after" in await words(db)


async def test_one_frozen_connection_is_left_behind(
    url: str, open_db: Callable[[Deadlines], PostgresDb]
) -> None:
    db = open_db(SHORT)
    await db.open()
    await db.write(running(Q["make"]))
    async with db.view() as view:
        row = await view.one(Q["my_pid"])
    assert row is not None
    with frozen([row["pid"]]):
        with pytest.raises(Unavailable, match=r"did not answer within 1\.5 s"):
            await words(db)
        assert await words(db) == []  # on another connection, at once
    assert db.readers.made == 2


async def test_a_server_that_is_not_there_at_the_start_is_reported_and_tried_again(
    url: str, postgres_server: PostgresServer, open_db: Callable[[Deadlines], PostgresDb]
) -> None:
    db = open_db(Deadlines())
    postgres_server.stop()
    try:
        with pytest.raises(Unavailable, match="nothing listens there"):
            await db.open()
    finally:
        postgres_server.start()
    await db.open()
    await db.write(running(Q["make"]))
    assert await words(db) == []


async def test_a_database_that_does_not_exist_is_named(
    url: str, postgres_server: PostgresServer
) -> None:
    db = connect(postgres_server.dsn("nowhere"), Path())
    with pytest.raises(Unavailable, match=r"database nowhere, .*no database of that name"):
        await db.open()
    await db.close()
