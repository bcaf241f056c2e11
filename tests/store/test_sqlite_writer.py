"""Group commit: many bodies share one commit, and only a guilty one pays."""

from __future__ import annotations

import asyncio
import sqlite3
import weakref
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.conftest import NewDatabase
from tests.store._exam import Q, adding, running, words
from windmill_lite.base.errors import Bug, NotFound, Unavailable
from windmill_lite.store.db import sqlite_file, sqlite_writer
from windmill_lite.store.db.port import Tx
from windmill_lite.store.db.sqlfile import parse
from windmill_lite.store.db.sqlite import SqliteDb
from windmill_lite.store.db.sqltext import lasts

PATIENCE_S = 40.0
PRAGMAS = parse(
    """
-- name: limit_pages
pragma max_page_count = 60
-- name: settings
select (select journal_mode from pragma_journal_mode) as journal_mode,
       (select synchronous from pragma_synchronous) as synchronous,
       (select foreign_keys from pragma_foreign_keys) as foreign_keys
""",
    "here",
)


@pytest.fixture
def path(new_database: NewDatabase) -> Path:
    return Path(new_database("sqlite").removeprefix("sqlite:///"))


@pytest.fixture
async def db(path: Path) -> AsyncIterator[SqliteDb]:
    db = SqliteDb(path)
    await db.open()
    await db.write(running(Q["make"]))
    yield db
    await db.close()


class ForeignLock:
    """Another program that is writing to the file."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)

    def __enter__(self) -> None:
        self._connection.execute("begin immediate")

    def __exit__(self, *_: object) -> None:
        self._connection.execute("rollback")
        self._connection.close()


async def test_writes_that_wait_share_a_commit(db: SqliteDb) -> None:
    before = db.writer.commits
    await asyncio.gather(*[db.write(adding(f"{n}")) for n in range(200)])
    assert 1 <= db.writer.commits - before <= 20
    assert len(await words(db)) == 200
    assert db.writer.replays == 0


async def test_what_lasts_has_changed_before_anybody_hears_of_it(db: SqliteDb) -> None:
    before = db.changes
    await db.write(adding("a"))
    assert db.changes != before


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select * from script for update", False),
        ("insert into job(id) values (?1) on conflict do update set id = 1", False),
        ("with a as (select 1)\nupdate job_queue set state = 'queued'", False),
        ("insert or ignore into script(hash) values (?1)", True),
        ("delete\nfrom token where hash = ?1", True),
        ("with a as (select 1) update or fail member set operator = 1", True),
    ],
)
def test_a_statement_lasts_when_it_writes_to_other_tables_than_those_of_jobs(
    sql: str, *, told: bool
) -> None:
    assert lasts(sql) is told


async def test_a_batch_is_bounded(
    db: SqliteDb, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_writer, "BATCH_MAX", 10)
    before = db.writer.commits
    await asyncio.gather(*[db.write(adding(f"{n}")) for n in range(100)])
    assert db.writer.commits - before >= 10


async def test_a_batch_runs_again_only_when_a_neighbour_failed(db: SqliteDb, path: Path) -> None:
    runs: list[int] = []

    def counting(n: int, error: Exception | None = None) -> Any:
        async def body(tx: Tx) -> None:
            runs.append(n)
            await tx.run(Q["add_word"], id=uuid4(), word=f"{n}")
            if error:
                raise error

        return body

    with pytest.raises(NotFound):
        await db.write(counting(0, NotFound("alone")))
    assert (runs, db.writer.replays) == ([0], 0)

    before = db.writer.commits
    with ForeignLock(path):  # so that all of them wait for one batch
        writes = [
            asyncio.create_task(db.write(counting(n, NotFound("two") if n == 2 else None)))
            for n in range(4)
        ]
        await asyncio.sleep(0)  # all of them have asked
        assert not any(write.done() for write in writes)
    await asyncio.gather(*writes, return_exceptions=True)
    assert db.writer.replays == 1
    assert sorted(await words(db)) == ["0", "1", "3"]
    assert db.writer.commits - before <= 2


async def test_a_body_that_fails_once_may_succeed_when_the_batch_runs_again(
    db: SqliteDb, path: Path
) -> None:
    runs: list[str] = []

    async def flaky(tx: Tx) -> str:
        runs.append("run")
        await tx.run(Q["add_word"], id=uuid4(), word=f"run {len(runs)}")
        if len(runs) == 1:
            raise NotFound("not yet")
        return "there"

    with ForeignLock(path):  # so that it shares a batch with one of its neighbours
        bodies = (adding("a"), flaky, adding("b"))
        writes = [asyncio.create_task(db.write(body)) for body in bodies]
        await asyncio.sleep(0)  # all of them have asked
    assert (await asyncio.gather(*writes))[1] == "there"
    assert db.writer.replays == 1
    assert await words(db) == ["a", "b", "run 2"]


async def test_a_commit_that_fails_reaches_every_caller_and_rings_nothing(
    db: SqliteDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(connection: sqlite3.Connection) -> None:
        connection.execute("select * from no_such_table")

    monkeypatch.setattr(db.writer, "_commit", full)
    with db.bell.listen("added") as ear:
        outcomes = await asyncio.gather(
            *[db.write(adding(f"{n}", ring="added")) for n in range(5)], return_exceptions=True
        )
        assert {type(outcome) for outcome in outcomes} == {Bug}
        assert not await ear.wait(0)
    monkeypatch.undo()
    assert await words(db) == []
    await db.write(adding("a"))
    assert await words(db) == ["a"]


async def test_a_commit_is_on_the_disk(db: SqliteDb) -> None:
    async def body(tx: Tx) -> object:
        return await tx.one(PRAGMAS["settings"])

    full = 2
    assert await db.write(body) == {
        "journal_mode": "wal",
        "synchronous": full,
        "foreign_keys": 1,
    }


async def test_a_writer_that_waits_holds_on_to_nothing(db: SqliteDb) -> None:
    class Large:
        """What a body was asked to store."""

    async def store(tx: Tx) -> Large:
        return Large()

    stored = weakref.ref(await db.write(store))
    async with asyncio.timeout(PATIENCE_S):
        while stored() is not None:  # noqa: ASYNC110 - its thread is on its way to wait
            await asyncio.sleep(0.001)


async def test_a_foreign_lock_is_a_pause(db: SqliteDb, path: Path) -> None:
    with ForeignLock(path):
        write = asyncio.create_task(db.write(adding("a")))
        assert await words(db) == []  # reading goes on meanwhile
        assert not write.done()
    await write
    assert await words(db) == ["a"]


async def test_a_foreign_lock_that_stays_is_reported(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_MS", 30)
    db = SqliteDb(path)
    await db.open()
    await db.write(running(Q["make"]))
    with ForeignLock(path):
        outcomes = await asyncio.gather(
            *[db.write(adding(f"{n}")) for n in range(3)], return_exceptions=True
        )
    for outcome in outcomes:
        assert isinstance(outcome, Unavailable)
        assert "locked by another program" in outcome.message
        assert str(path) in outcome.message
    await db.write(adding("later"))
    assert await words(db) == ["later"]
    await db.close()


async def test_more_waiting_writes_than_are_allowed_are_refused(
    db: SqliteDb, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_writer, "WAITING_MAX", 3)
    with ForeignLock(path):
        writes = [asyncio.create_task(db.write(adding(f"{n}"))) for n in range(5)]
        await asyncio.sleep(0)  # all of them have asked
        assert [write.done() for write in writes] == [False, False, False, True, True]
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(each) for each in outcomes] == [UUID] * 3 + [Unavailable] * 2
    await db.write(adding("later"))


async def test_what_was_asked_in_the_moment_of_closing_is_written(db: SqliteDb) -> None:
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(db.write(adding("last")), db.writer.close())
    assert await words(db) == ["last"]


async def test_a_full_disk_is_reported_and_harms_nothing_that_was_there(
    db: SqliteDb, path: Path
) -> None:
    await db.write(adding("before"))
    await db.write(running(PRAGMAS["limit_pages"]))
    large = "x" * 4_000_000
    outcomes = await asyncio.gather(
        *[db.write(adding(word)) for word in ("a", large, "b")], return_exceptions=True
    )
    assert isinstance(outcomes[1], Unavailable)
    assert "the disk is full" in outcomes[1].message
    kept = [word for word, each in zip("a-b", outcomes, strict=True) if isinstance(each, UUID)]
    assert await words(db) == sorted([*kept, "before"])
    await db.write(adding("later"))
    assert "later" in await words(db)


async def test_a_reader_that_still_needs_the_log_does_not_hold_back_the_writer(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_writer, "IDLE_S", 0.02)
    db = SqliteDb(path)
    await db.open()
    await db.write(running(Q["make"]))
    async with db.view(snapshot=True) as view:
        assert await view.all(Q["words"]) == []
        await db.write(adding("a"))
        checkpoints = db.writer.checkpoints
        async with asyncio.timeout(PATIENCE_S):
            while db.writer.checkpoints == checkpoints:
                await words(db)
            await db.write(adding("b"))
        assert await view.all(Q["words"]) == []
    assert await words(db) == ["a", "b"]
    await db.close()
