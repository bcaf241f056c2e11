"""Several become the first admin at once; on Postgres, where they can."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path

import asyncpg
import pytest

from tests.engine.test_cancel_races import somebody_waits
from windmill_lite.base.clock import SystemClock
from windmill_lite.engine import setup
from windmill_lite.engine.world import open_world
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.port import Db

pytestmark = pytest.mark.parametrize(
    "dialect", [pytest.param("postgres", marks=pytest.mark.postgres)]
)

PASSWORD = "a long enough password"


async def both(db_url: str, *verbs: Awaitable[object]) -> list[object]:
    """What came of two of them, held up in the middle until both had begun."""
    between = await asyncpg.connect(db_url)
    async with between.transaction():
        await between.execute("lock table account in share row exclusive mode")
        begun = asyncio.gather(*verbs, return_exceptions=True)
        await somebody_waits(db_url, len(verbs))
    await between.close()
    return list(await begun)


async def test_of_nodes_that_start_at_once_one_makes_the_first_admin(db: Db, db_url: str) -> None:
    other = connect(db_url, Path())
    await other.open()
    worlds = [await open_world(each, SystemClock(), "http://here.test") for each in (db, other)]
    made = await both(
        db_url,
        *(setup.first_account(world, email="ada@here.test", password=PASSWORD) for world in worlds),
    )
    await other.close()
    assert sorted(made, key=str) == [False, True]


async def test_a_link_that_two_follow_at_once_makes_one_admin(db: Db, db_url: str) -> None:
    world = await open_world(db, SystemClock(), "http://here.test")
    token = await setup.new_setup_token(world)
    assert token is not None

    def become(email: str) -> Awaitable[str]:
        return setup.set_up(world, setup_token=token, email=email, password=PASSWORD, name=None)

    ends = await both(db_url, become("ada@here.test"), become("eve@here.test"))
    assert sorted(type(end).__name__ for end in ends) == ["Unauthenticated", "str"]
