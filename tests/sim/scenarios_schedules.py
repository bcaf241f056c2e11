"""Schedules, their ticks, and what people do to them. The clock of a scenario only moves when it is
told to, so the ticks that are due are known.
"""

from __future__ import annotations

import asyncio
import contextlib

from tests.sim.facts import Q
from tests.sim.invariants import ViolationError
from tests.sim.scenarios_push import PATH, deployed
from tests.sim.stage import ADA, Stage
from tests.sim.ticks import Turn, tick_faults
from windmill_lite.base.errors import AlreadyExists, NotFound
from windmill_lite.engine import deploy, schedule, schedule_edit
from windmill_lite.model.schedule import NewSchedule, Plan

EVERY_S = 10
SCHEDULE = "f/ops/often"
PLAN = Plan(cron=f"*/{EVERY_S} * * * * *", timezone="UTC", args={"name": "x"})


async def scheduled(stage: Stage, plan: Plan = PLAN) -> None:
    """A schedule whose first tick is not due yet."""
    await deployed(stage)
    new = NewSchedule(SCHEDULE, PATH, plan, enabled=True)
    await schedule_edit.create(stage.world, ADA, new)


async def make_a_schedule(stage: Stage) -> None:
    await deployed(stage)
    stage.arm()
    await made(stage)


async def made(stage: Stage) -> None:
    new = NewSchedule(SCHEDULE, PATH, PLAN, enabled=True)
    with contextlib.suppress(AlreadyExists):
        await stage.insist(lambda: schedule_edit.create(stage.world, ADA, new))
    stage.clock.jump(EVERY_S)
    await ticked(stage)


async def have_one_tick(stage: Stage) -> None:
    await scheduled(stage)
    stage.clock.jump(EVERY_S)
    stage.arm()
    await ticked(stage)


async def have_several_ticks_at_once(stage: Stage) -> None:
    await scheduled(stage)
    stage.clock.jump(4 * EVERY_S)
    stage.arm()
    await ticked(stage)


async def have_a_tick_after_a_long_silence(stage: Stage) -> None:
    await scheduled(stage)
    stage.clock.jump(3600.0)
    stage.arm()
    await ticked(stage)


async def have_a_tick_that_overlaps(stage: Stage) -> None:
    await scheduled(stage, Plan(PLAN.cron, "UTC", args={"name": "x"}, no_overlap=True))
    stage.clock.jump(2 * EVERY_S)
    stage.arm()
    await ticked(stage)


async def have_a_tick_of_nothing(stage: Stage) -> None:
    await scheduled(stage)
    await deploy.delete_path(stage.world, ADA, PATH)
    stage.clock.jump(EVERY_S)
    stage.arm()
    await ticked(stage)


async def have_a_tick_in_two_schedulers(stage: Stage) -> None:
    await scheduled(stage)
    stage.clock.jump(EVERY_S)
    stage.arm()
    two = [asyncio.create_task(ticked(stage)) for _ in range(2)]
    try:
        for task in two:
            await task
    finally:
        await asyncio.wait(two)


async def ticked(stage: Stage) -> None:
    """A scheduler's look, again if it fails; then every tick has had its turn."""
    await stage.insist(lambda: schedule.tick(stage.world))
    async with stage.db.view() as view:
        turns = [Turn(*row.values()) for row in await view.all(Q["ticks"])]
    assert turns, "no tick has a record"
    jobs = (await stage.facts()).jobs
    for fault in tick_faults(turns, jobs, EVERY_S * 1_000_000):
        raise ViolationError(fault)
    async with stage.db.view() as view:
        found = await view.one(Q["overdue"], now=stage.world.now())
    assert found is None, "a tick had no turn"


async def edit_a_schedule(stage: Stage) -> None:
    await scheduled(stage)
    stage.clock.jump(EVERY_S)
    stage.arm()
    await stage.insist(lambda: schedule_edit.update(stage.world, ADA, SCHEDULE, PLAN))


async def pause_a_schedule(stage: Stage) -> None:
    await scheduled(stage)
    stage.clock.jump(EVERY_S)
    stage.arm()
    await paused(stage)


async def paused(stage: Stage) -> None:
    await stage.insist(lambda: schedule_edit.set_enabled(stage.world, ADA, SCHEDULE, enabled=False))
    stage.clock.jump(10 * EVERY_S)
    assert not await stage.insist(lambda: schedule.tick(stage.world)), "a paused schedule ticks"


async def remove_a_schedule(stage: Stage) -> None:
    await scheduled(stage)
    stage.clock.jump(EVERY_S)
    await schedule.tick(stage.world)
    stage.arm()
    await removed(stage)


async def removed(stage: Stage) -> None:
    with contextlib.suppress(NotFound):
        await stage.insist(lambda: schedule_edit.delete(stage.world, ADA, SCHEDULE))
    stage.clock.jump(10 * EVERY_S)
    assert not await stage.insist(lambda: schedule.tick(stage.world)), "a removed schedule ticks"
