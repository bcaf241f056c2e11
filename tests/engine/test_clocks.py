"""Machines disagree about the time: who is silent is told by the clock that they share."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.engine._schedules import HOUR_S, Making, make, runs
from tests.engine.conftest import JumpingClock, Pushing, claim_one, read, worker_named
from windmill_lite.base.clock import SystemClock
from windmill_lite.engine import ping, rescue, schedule
from windmill_lite.engine.world import World
from windmill_lite.model.job import JobState
from windmill_lite.store.people.scope import Scope

__all__ = ["make"]

cluster = pytest.mark.parametrize("dialect", [pytest.param("postgres", marks=pytest.mark.postgres)])


class WrongClock(SystemClock):
    """An hour or a day away from everybody else's."""

    def __init__(self, hours: float) -> None:
        self._wrong_by = timedelta(hours=hours)

    def now(self) -> datetime:
        return super().now() + self._wrong_by


@cluster
@pytest.mark.parametrize("hours", [-24, -1, 1, 24])
async def test_a_scheduler_with_a_wrong_clock_takes_nobody_for_silent(
    world: World, push_preview: Pushing, hours: float
) -> None:
    right = replace(world, clock=SystemClock())
    worker = worker_named("one", now=right.now())
    await ping.register(right, worker)
    await push_preview()
    await claim_one(right, worker)
    assert await rescue.rescue(replace(world, clock=WrongClock(hours))) == 0


@cluster
@pytest.mark.parametrize("hours", [-24, -1, 1, 24])
async def test_a_worker_with_a_wrong_clock_is_missed_like_any_other(
    world: World, push_preview: Pushing, hours: float
) -> None:
    wrong = replace(world, clock=WrongClock(hours))
    worker = worker_named("one", now=wrong.now())
    await ping.register(wrong, worker)
    await push_preview()
    await claim_one(wrong, worker)
    right = replace(world, clock=SystemClock())
    assert await rescue.rescue(right) == 0
    await ping.ping(wrong, worker, jobs_done=0, memory_kb=None)
    assert await rescue.rescue(right) == 0
    overdue = replace(right, lease_s=-1.0)
    assert await rescue.rescue(overdue) == 0, "it was promised more"
    await ping.register(replace(wrong, lease_s=-1.0), worker)
    assert await rescue.rescue(overdue) == 1


class SetBack(JumpingClock):
    """Goes an hour back as soon as it has been looked at."""

    def now(self) -> datetime:
        seen = self.moment
        self.moment = seen - timedelta(hours=1)
        return seen


async def test_a_clock_that_is_set_back_in_the_middle_of_a_tick_does_not_delay_its_job(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    await make()
    late = SetBack(clock.moment + timedelta(seconds=HOUR_S))
    assert await schedule.tick(replace(world, clock=late)) == 1
    [run] = await runs(world, admin)
    assert (await read(world, admin, run.id)).state is JobState.QUEUED
