"""The scheduler's sleep: until the earliest tick, awake for every edit, and nothing when idle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.engine.conftest import JumpingClock, admin, cheap_passwords, clock, deploy_script, world
from windmill_lite.base.clock import SystemClock
from windmill_lite.engine import schedule_edit
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import JobRecord
from windmill_lite.model.page import JobFilter, Page
from windmill_lite.model.schedule import NewSchedule, Plan
from windmill_lite.scheduler.periodic import Periodic
from windmill_lite.store.db.connect import connect
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope

__all__ = ["admin", "cheap_passwords", "clock", "world"]

PLAN = Plan("0 0 * * * *", "UTC", args={"name": "Ada"})
DEADLINE_S = 20


async def make(world: World, admin: Scope, plan: Plan = PLAN) -> None:
    await deploy_script(world, admin, "f/ops/hello")
    await schedule_edit.create(
        world, admin, NewSchedule("f/ops/nightly", "f/ops/hello", plan, enabled=True)
    )


async def runs(world: World, scope: Scope) -> list[JobRecord]:
    async with world.db.view() as view:
        return await jobs.list_jobs(view, scope, JobFilter(oldest_first=True), Page(size=100))


async def test_without_schedules_it_sleeps(world: World) -> None:
    pause_s = await Periodic(world).tick()
    assert pause_s == (limits.SCHEDULE_IDLE_S if world.solo else limits.SCHEDULE_POLL_S)


async def test_it_sleeps_until_the_earliest_tick_and_never_too_long(
    world: World, admin: Scope, clock: JumpingClock
) -> None:
    await make(world, admin)
    periodic = Periodic(world)
    assert await periodic.tick() == limits.SCHEDULE_POLL_S
    clock.jump(3600 - 2.5)
    assert await periodic.tick() == 2.5
    clock.jump(2.5)
    assert await periodic.tick() == 0
    assert await periodic.tick() == limits.SCHEDULE_POLL_S
    assert len(await runs(world, admin)) == 1


async def test_an_edit_wakes_it(world: World, admin: Scope, clock: JumpingClock) -> None:
    clock.moment = datetime.now(UTC)
    periodic = Periodic(replace(world, clock=SystemClock()))
    await periodic.start()
    with world.db.bell.listen("queue") as ear:
        await make(world, admin, replace(PLAN, cron="* * * * * *"))
        assert await ear.wait(DEADLINE_S), "no tick came"
    await periodic.stop()
    first = (await runs(world, admin))[0]
    assert first.created_at - first.scheduled_for < DEADLINE_S * 1_000_000


@pytest.fixture
async def nodes(db_url: str, world: World) -> AsyncIterator[list[World]]:
    """Three schedulers: nodes of their own where the database allows it."""
    others = [] if world.solo else [connect(db_url, Path()) for _ in range(2)]
    for db in others:
        await db.open()
    here = replace(world, clock=SystemClock())
    yield [here, *(replace(here, db=db) for db in others)] if others else [here] * 3
    for db in others:
        await db.close()


async def test_of_several_schedulers_some_may_stop_and_no_tick_is_lost_or_doubled(
    world: World, nodes: list[World], admin: Scope, clock: JumpingClock
) -> None:
    clock.moment = datetime.now(UTC)
    schedulers = [Periodic(node) for node in nodes]
    for scheduler in schedulers:
        await scheduler.start()
    with world.db.bell.listen("queue") as ear:
        await make(world, admin, replace(PLAN, cron="* * * * * *"))
        async with asyncio.timeout(DEADLINE_S):
            for left in (3, 2, 1):
                found = len(await runs(world, admin))
                while len(await runs(world, admin)) < found + 1:
                    await ear.wait(1)
                if left > 1:
                    await schedulers.pop().stop()
    await schedulers.pop().stop()
    seconds = [run.scheduled_for // 1_000_000 for run in await runs(world, admin)]
    assert seconds == list(range(seconds[0], seconds[0] + len(seconds)))
