"""A schedule of a deployed script, and what one asks about it afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.engine.conftest import deploy_script
from windmill_lite.base.clock import to_us
from windmill_lite.engine import schedule_edit
from windmill_lite.engine.world import World
from windmill_lite.model.job import JobRecord
from windmill_lite.model.page import JobFilter, Page
from windmill_lite.model.schedule import NewSchedule, Plan, Schedule, Tick
from windmill_lite.store.people import jobs, schedules
from windmill_lite.store.people.scope import Scope

PATH = "f/ops/nightly"
SCRIPT = "f/ops/hello"
HOURLY = Plan("0 0 * * * *", "UTC", args={"name": "Ada"})
HOUR_S = 3600.0

Making = Callable[..., Awaitable[None]]


def moment(text: str) -> int:
    """`"03:00"` of the day on which the clock begins."""
    hour, minute = map(int, text.split(":"))
    return to_us(datetime(2026, 1, 1, hour, minute, tzinfo=UTC))


@pytest.fixture
async def make(world: World, admin: Scope) -> Making:
    """Makes an enabled schedule of a deployed script."""
    await deploy_script(world, admin, SCRIPT)

    async def make(plan: Plan = HOURLY, *, scope: Scope = admin, **more: Any) -> None:
        new = NewSchedule(PATH, SCRIPT, plan, enabled=True)
        await schedule_edit.create(world, scope, replace(new, **more))

    return make


async def stored(world: World, scope: Scope, path: str = PATH) -> Schedule:
    async with world.db.view() as view:
        found = await schedules.by_path(view, scope, path)
    assert found is not None
    return found


async def ticks(world: World, scope: Scope, path: str = PATH) -> list[Tick]:
    """The oldest first."""
    async with world.db.view() as view:
        found = await schedules.ticks(view, scope, path, Page(size=1000))
    assert found is not None
    return found[::-1]


async def runs(world: World, scope: Scope) -> list[JobRecord]:
    """The oldest first."""
    filter_ = JobFilter(schedule_path=PATH, oldest_first=True)
    async with world.db.view() as view:
        return await jobs.list_jobs(view, scope, filter_, Page(size=1000))
