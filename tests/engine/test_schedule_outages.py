"""What a schedule does after a silence, and when the clock jumps."""

from __future__ import annotations

from dataclasses import replace

from tests.engine._schedules import (
    HOUR_S,
    HOURLY,
    PATH,
    Making,
    make,
    moment,
    runs,
    stored,
    ticks,
)
from tests.engine.conftest import JumpingClock
from windmill_lite.engine import schedule, schedule_edit
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.schedule import Skip
from windmill_lite.store.people.scope import Scope

__all__ = ["make"]


async def test_after_an_outage_one_missed_tick_runs_and_the_others_are_told_of(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    await make()
    clock.jump(5.5 * HOUR_S)
    await schedule.tick(world)
    missed, taken = await ticks(world, admin)
    assert (missed.at, missed.until, missed.count) == (moment("01:00"), moment("04:00"), 4)
    assert (missed.skipped, missed.job_id) == (Skip.MISFIRE, None)
    assert missed.reason == "4 missed: no scheduler was there when they were due"
    assert (taken.at, taken.skipped) == (moment("05:00"), None)
    assert [run.id for run in await runs(world, admin)] == [taken.job_id]


async def test_a_missed_tick_beyond_its_grace_is_not_made_up_for(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    await make(replace(HOURLY, cron="0 0 1 * * *"))
    clock.jump(HOUR_S + limits.SCHEDULE_GRACE_S + 1)
    await schedule.tick(world)
    [missed] = await ticks(world, admin)
    assert (missed.at, missed.skipped) == (moment("01:00"), Skip.MISFIRE)
    assert await runs(world, admin) == []
    assert (await stored(world, admin)).next_at == moment("01:00") + 24 * 3600 * 1_000_000


async def test_ticks_that_a_short_outage_held_up_all_run(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    await make(replace(HOURLY, cron="*/10 * * * * *"))
    clock.jump(35)
    await schedule.tick(world)
    assert [
        (run.scheduled_for - moment("00:00")) // 1_000_000 for run in await runs(world, admin)
    ] == [
        10,
        20,
        30,
    ]


async def test_a_clock_that_is_set_back_repeats_nothing(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    await make()
    clock.jump(2 * HOUR_S)
    await schedule.tick(world)
    clock.jump(-HOUR_S)
    assert await schedule.tick(world) == 0
    await schedule_edit.update(world, admin, PATH, HOURLY)
    assert (await stored(world, admin)).next_at == moment("03:00")
    clock.jump(HOUR_S)
    assert await schedule.tick(world) == 0
    assert len(await runs(world, admin)) == 1


async def test_a_schedule_made_again_after_the_clock_was_set_back_repeats_no_job(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    await make()
    clock.jump(HOUR_S)
    await schedule.tick(world)
    await schedule_edit.delete(world, admin, PATH)
    clock.jump(-60)
    await make()
    clock.jump(60)
    await schedule.tick(world)
    assert [tick.job_id for tick in await ticks(world, admin)] == [
        run.id for run in await runs(world, admin)
    ]
