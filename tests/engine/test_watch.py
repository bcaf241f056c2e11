"""Waiting for a job that one has asked for: its end is heard, however early it comes."""

from __future__ import annotations

import asyncio

from tests.engine.conftest import Pushing, claim_one
from tests.engine.test_queue import report
from windmill_lite.base.ids import new_id
from windmill_lite.engine import finish, watch
from windmill_lite.engine.world import World
from windmill_lite.model.worker import Worker
from windmill_lite.store.people.scope import Scope

PATIENCE_S = 40.0


async def test_an_end_before_anybody_waits_is_heard(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    fresh = new_id(world.now())
    with watch.ends_of(world, fresh) as ear:
        assert await push_preview(fresh_id=fresh) == fresh
        await claim_one(world, worker)
        await finish.finish(world, report(fresh, 1))
        job = await watch.wait(world, admin, fresh, PATIENCE_S, heard=ear)
    assert job is not None
    assert job.completed


async def test_an_end_that_comes_while_one_waits_is_heard(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    fresh = new_id(world.now())
    with watch.ends_of(world, fresh) as ear:
        await push_preview(fresh_id=fresh)
        await claim_one(world, worker)
        waiting = asyncio.create_task(watch.wait(world, admin, fresh, PATIENCE_S, heard=ear))
        await finish.finish(world, report(fresh, 1))
        job = await waiting
    assert job is not None
    assert job.completed


async def test_a_job_that_had_ended_is_found_without_a_ring(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    await finish.finish(world, report(job_id, 1))
    job = await watch.wait(world, admin, job_id, PATIENCE_S)
    assert job is not None
    assert job.completed
