"""The exam, part three: reading."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from uuid import UUID

import pytest

from tests.store._exam import Q, adding, running, words
from windmill_lite.base.errors import Bug, NotFound, Unavailable
from windmill_lite.store.db import postgres, sqlite
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.deadlines import Deadlines
from windmill_lite.store.db.port import Db
from windmill_lite.store.db.postgres import PostgresDb
from windmill_lite.store.db.sqlite import SqliteDb

READERS = {"sqlite": sqlite.SNAPSHOTS, "postgres": postgres.READERS}


@pytest.fixture
async def hasty(db_url: str) -> Db:
    """A database whose patience is short, with the empty table `exam`."""
    db = connect(db_url, Path(), deadlines=Deadlines(checkout_s=0.05, statement_s=1.0))
    await db.open()
    await db.write(running(Q["make"]))
    return db


async def test_each_statement_of_a_view_sees_the_latest_commit(exam: Db) -> None:
    async with exam.view() as view:
        assert await view.all(Q["words"]) == []
        await exam.write(adding("a"))
        assert await view.all(Q["words"]) == [{"word": "a"}]


async def test_every_statement_of_a_snapshot_sees_the_same_commit(exam: Db) -> None:
    async with exam.view(snapshot=True) as view:
        assert await view.all(Q["words"]) == []
        await exam.write(adding("a"))
        assert await view.all(Q["words"]) == []
        assert await words(exam) == ["a"]
    async with exam.view(snapshot=True) as view:
        assert await view.all(Q["words"]) == [{"word": "a"}]


async def test_a_view_that_ended_well_leaves_its_connection_to_the_next(exam: Db) -> None:
    assert isinstance(exam, SqliteDb | PostgresDb)
    connections = exam.readers if isinstance(exam, PostgresDb) else exam.snapshots
    for snapshot in (False, True, True, False):
        with suppress(NotFound):
            async with exam.view(snapshot=snapshot) as view:
                await view.all(Q["words"])
                raise NotFound("done")
    assert connections.made == 1


async def test_a_view_cannot_write(exam: Db) -> None:
    for snapshot in (False, True):
        with pytest.raises(Bug, match="cannot write"):
            async with exam.view(snapshot=snapshot) as view:
                await view.all(Q["add_word"], id=UUID(int=1), word="a")
    assert await words(exam) == []


async def test_more_snapshots_than_connections_wait_and_then_are_refused(hasty: Db) -> None:
    async with AsyncExitStack() as held:
        for _ in range(READERS[hasty.dialect]):
            await held.enter_async_context(hasty.view(snapshot=True))
        with pytest.raises(Unavailable, match="too busy"):
            await held.enter_async_context(hasty.view(snapshot=True))
    assert await words(hasty) == []
    await hasty.close()


async def test_a_view_gives_its_connection_back_however_it_ends(hasty: Db) -> None:
    async def raising(*, snapshot: bool) -> None:
        async with hasty.view(snapshot=snapshot) as view:
            await view.all(Q["words"])
            raise NotFound("nothing")

    async def canceled(*, snapshot: bool) -> None:
        async with hasty.view(snapshot=snapshot) as view:
            await view.all(Q["words"])
            asyncio.current_task().cancel()  # type: ignore[union-attr]  # we are in one
            await view.all(Q["words"])

    for n in range(3 * READERS[hasty.dialect]):
        with pytest.raises(NotFound):
            await raising(snapshot=n % 2 == 0)
        with pytest.raises(asyncio.CancelledError):
            await asyncio.create_task(canceled(snapshot=n % 2 == 0))
    assert await words(hasty) == []
    await hasty.close()


async def test_a_query_that_takes_too_long_is_given_up_and_stopped(hasty: Db) -> None:
    async def asking(*, snapshot: bool) -> None:
        with pytest.raises(Unavailable):
            async with hasty.view(snapshot=snapshot) as view:
                await view.one(Q["forever"])

    everybody = [asking(snapshot=n % 2 == 0) for n in range(READERS[hasty.dialect])]
    await asyncio.gather(*everybody)
    await asking(snapshot=True)
    await hasty.write(adding("a"))
    assert await words(hasty) == ["a"]
    await hasty.close()


async def test_many_views_at_once_all_get_their_answer(exam: Db) -> None:
    await exam.write(adding("a"))
    assert await asyncio.gather(*[words(exam) for _ in range(60)]) == [["a"]] * 60
