"""A cancellation meets another transaction in the middle; on Postgres, where there can be two."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TypeAlias
from uuid import UUID

import asyncpg
import pytest

from tests.engine.conftest import Pushing, claim_one, read
from windmill_lite.engine import cancel
from windmill_lite.engine.world import World
from windmill_lite.model.job import JobState, Outcome
from windmill_lite.model.worker import Worker
from windmill_lite.store.people.scope import Scope

pytestmark = pytest.mark.parametrize(
    "dialect", [pytest.param("postgres", marks=pytest.mark.postgres)]
)

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

HAND_BACK = """
update job_queue set state = 'queued', attempt = attempt - 1, worker_id = null, started_at = null
where id = $1
"""
CLAIM = """
update job_queue set state = 'running', attempt = attempt + 1, worker_id = $1, started_at = 1
where id = $1
"""
FAIL = """
update job_queue set state = 'delayed', retries = retries + 1, worker_id = null, started_at = null
where id = $1
"""
MARK = "update job_queue set canceled_by = 'eve', canceled_reason = 'so' where id = $1"
#: What a push does, of a child that is like its parent but for the id.
HOLD_PARENT = "select 1 from job_queue where id = $1 for share"
CHILD = (
    "create temp table child as select * from job where id = $1",
    "update child set parent_id = $1",
    "update child set id = '00000000-0000-0000-0000-0000000000cc' where id = $1",
    "insert into job select * from child where parent_id = $1",
    "create temp table place as select * from job_queue where id = $1",
    "update place set id = '00000000-0000-0000-0000-0000000000cc' where id = $1",
    "insert into job_queue select * from place where id <> $1",
)
CHILD_ID = UUID(int=0xCC)


@pytest.fixture
async def other(db_url: str) -> AsyncIterator[Connection]:
    """Whoever else writes."""
    connection: Connection = await asyncpg.connect(db_url)
    yield connection
    await connection.close()


async def somebody_waits(db_url: str, count: int = 1) -> None:
    """Until so many transactions wait for a lock of another one."""
    watcher: Connection = await asyncpg.connect(db_url)
    waiting = """select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'"""
    async with asyncio.timeout(40):
        while await watcher.fetchval(waiting) < count:  # noqa: ASYNC110  (nobody announces it)
            await asyncio.sleep(0.01)
    await watcher.close()


@pytest.mark.parametrize("move", [HAND_BACK, FAIL], ids=["handed back", "to be tried again"])
async def test_a_job_that_goes_back_to_the_queue_meanwhile_is_canceled_there(
    world: World,
    admin: Scope,
    worker: Worker,
    push_preview: Pushing,
    other: Connection,
    db_url: str,
    move: str,
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    async with other.transaction():
        await other.execute(move, job_id)
        canceling = asyncio.create_task(
            cancel.cancel(world, admin, job_id, reason=None, force=False)
        )
        await somebody_waits(db_url)
    assert await canceling
    assert (await read(world, admin, job_id)).outcome is Outcome.CANCELED


async def test_a_job_that_is_claimed_meanwhile_is_marked_for_its_worker(
    world: World, admin: Scope, push_preview: Pushing, other: Connection, db_url: str
) -> None:
    job_id = await push_preview()
    async with other.transaction():
        await other.execute(CLAIM, job_id)
        canceling = asyncio.create_task(
            cancel.cancel(world, admin, job_id, reason=None, force=False)
        )
        await somebody_waits(db_url)
    assert await canceling
    record = await read(world, admin, job_id)
    assert (record.state, record.canceled_by) == (JobState.RUNNING, "ada")


async def test_a_child_that_is_pushed_while_its_parent_is_canceled_is_canceled(
    world: World, admin: Scope, push_preview: Pushing, other: Connection, db_url: str
) -> None:
    parent = await push_preview()
    async with other.transaction():
        await other.execute(MARK, parent)
        pushing = asyncio.ensure_future(push_preview(parent_id=parent))
        await somebody_waits(db_url)
    child = await read(world, admin, await pushing)
    assert (child.outcome, child.canceled_by) == (Outcome.CANCELED, "eve")


async def test_a_cancellation_waits_for_the_child_that_is_being_pushed(
    world: World, admin: Scope, push_preview: Pushing, other: Connection, db_url: str
) -> None:
    parent = await push_preview()
    async with other.transaction():
        await other.fetchval(HOLD_PARENT, parent)
        canceling = asyncio.create_task(
            cancel.cancel(world, admin, parent, reason=None, force=False)
        )
        await somebody_waits(db_url)
        for step in CHILD:
            await other.execute(step, *([parent] if "$1" in step else []))
    assert await canceling
    assert (await read(world, admin, CHILD_ID)).outcome is Outcome.CANCELED
