"""Schedules: each tick is one job or one reason, whoever looks and whoever dies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.engine._schedules import (
    HOUR_S,
    HOURLY,
    PATH,
    SCRIPT,
    Making,
    make,
    moment,
    runs,
    stored,
    ticks,
)
from tests.engine.conftest import JumpingClock, claim_one, deploy_script, read
from windmill_lite.engine import deploy, finish, schedule, schedule_edit
from windmill_lite.engine.finish import Report
from windmill_lite.engine.world import World, open_world
from windmill_lite.model import limits
from windmill_lite.model.job import Finished, JobState, Outcome
from windmill_lite.model.page import JobFilter, Page
from windmill_lite.model.schedule import Schedule, Skip
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.connect import connect
from windmill_lite.store.machine import schedules as machine
from windmill_lite.store.people import jobs, schedules
from windmill_lite.store.people.scope import Scope

__all__ = ["make"]


async def test_a_due_schedule_starts_one_job_as_its_owner(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    await make(replace(HOURLY, tag="python3"))
    assert (await stored(world, admin)).next_at == moment("01:00")
    assert await schedule.tick(world) == 0
    clock.jump(HOUR_S + 0.2)
    assert await schedule.tick(world) == 1
    [run] = await runs(world, admin)
    job = await read(world, admin, run.id)
    assert (job.state, job.path, job.tag) == (JobState.QUEUED, SCRIPT, "python3")
    assert (job.created_by, job.schedule_path) == ("schedule-f-ops-nightly", PATH)
    assert (job.permissioned_as, job.email) == (admin.me, admin.identity.email)
    assert (job.trigger_kind, job.scheduled_for) == ("schedule", moment("01:00"))
    assert json.loads(job.args or "") == {"name": "Ada"}
    [tick] = await ticks(world, admin)
    assert (tick.at, tick.job_id, tick.skipped) == (moment("01:00"), job.id, None)
    after = await stored(world, admin)
    assert (after.last_at, after.next_at) == (moment("01:00"), moment("02:00"))


async def test_the_job_of_a_tick_is_claimed_and_ends_like_any_other(
    world: World, admin: Scope, clock: JumpingClock, worker: Worker, make: Making
) -> None:
    await make()
    clock.jump(HOUR_S)
    await schedule.tick(world)
    claimed = await claim_one(world, worker)
    done = Finished(Outcome.SUCCESS, "1")
    await finish.finish(world, Report(claimed.job.id, claimed.attempt, worker.name, done))
    async with world.db.view() as view:
        found = await schedules.last_runs(view, admin, [await stored(world, admin)])
    assert [(run.id, run.success) for run in found[PATH]] == [(claimed.job.id, True)]


async def test_many_schedulers_make_one_job_of_each_tick(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    for number in range(5):
        await make(path=f"f/ops/s{number}")
    for _ in range(3):
        clock.jump(HOUR_S)
        await asyncio.gather(*[schedule.tick(world) for _ in range(6)])
    for number in range(5):
        found = await ticks(world, admin, f"f/ops/s{number}")
        assert [tick.at for tick in found] == [moment(f"0{hour}:00") for hour in (1, 2, 3)]
        assert None not in [tick.job_id for tick in found]
    async with world.db.view() as view:
        pushed = await jobs.list_jobs(view, admin, JobFilter(), Page(size=1000))
    assert len(pushed) == 15


@pytest.fixture
async def neighbour(db_url: str, world: World, clock: JumpingClock) -> AsyncIterator[World]:
    """Another node on the same Postgres."""
    db = connect(db_url, Path())
    await db.open()
    yield await open_world(db, clock, "http://there.test")
    await db.close()


@pytest.mark.postgres
@pytest.mark.parametrize("dialect", ["postgres"])
async def test_schedulers_of_two_nodes_make_one_job_of_each_tick(
    world: World, neighbour: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    await make(replace(HOURLY, cron="*/10 * * * * *"))
    for _ in range(20):
        clock.jump(10)
        await asyncio.gather(schedule.tick(world), schedule.tick(neighbour))
    found = await ticks(world, admin)
    assert len(found) == len({tick.job_id for tick in found}) == 20
    assert len(await runs(world, admin)) == 20


async def test_schedulers_that_look_at_the_same_moment_share_what_is_due(
    world: World, clock: JumpingClock, make: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SCHEDULE_BATCH", 5)
    for number in range(20):
        await make(path=f"f/ops/s{number}")
    clock.jump(HOUR_S)
    taken = list[str]()

    async def looks(_: Any, seen: Schedule, **more: Any) -> bool:
        taken.append(seen.path)
        return False  # somebody else was faster, so that the next one finds as much due

    with monkeypatch.context() as patch:
        patch.setattr(machine, "advance", looks)
        assert [await schedule.tick(world) for _ in range(3)] == [5, 5, 5]
    assert len(set(taken)) > 5  # the same five thrice: once in 200 million
    assert [await schedule.tick(world) for _ in range(5)] == [5, 5, 5, 5, 0]


class Crash(Exception):  # noqa: N818
    """The process ends here."""


@pytest.mark.parametrize("where", ["advance", "record", "trim"])
async def test_a_crash_in_the_middle_leaves_nothing_and_the_next_one_does_all_of_it(
    world: World, admin: Scope, clock: JumpingClock, make: Making,
    monkeypatch: pytest.MonkeyPatch, where: str,
) -> None:  # fmt: skip
    await make()
    clock.jump(HOUR_S)
    real = getattr(machine, where)

    async def crash(*args: Any, **more: Any) -> None:
        await real(*args, **more)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(machine, where, crash)
        with pytest.raises(Crash):
            await schedule.tick(world)
    assert await ticks(world, admin) == []
    assert await runs(world, admin) == []
    assert await schedule.tick(world) == 1
    assert [tick.job_id for tick in await ticks(world, admin)] == [
        run.id for run in await runs(world, admin)
    ]


async def test_one_schedule_that_fails_does_not_hold_up_the_others(
    world: World, admin: Scope, clock: JumpingClock, make: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make(path="f/ops/bad")
    await make()
    clock.jump(HOUR_S)
    real = machine.advance

    async def advance(tx: Any, seen: Schedule, **more: Any) -> bool:
        if seen.path == "f/ops/bad":
            raise Crash
        return await real(tx, seen, **more)

    monkeypatch.setattr(machine, "advance", advance)
    with pytest.raises(Crash):
        await schedule.tick(world)
    assert len(await runs(world, admin)) == 1


async def test_a_tick_is_skipped_while_an_earlier_job_is_alive_when_they_may_not_overlap(
    world: World, admin: Scope, clock: JumpingClock, worker: Worker, make: Making
) -> None:
    await make(replace(HOURLY, no_overlap=True))
    clock.jump(HOUR_S)
    await schedule.tick(world)
    claimed = await claim_one(world, worker)
    clock.jump(HOUR_S)
    await schedule.tick(world)
    done = Finished(Outcome.SUCCESS, "1")
    await finish.finish(world, Report(claimed.job.id, claimed.attempt, worker.name, done))
    clock.jump(HOUR_S)
    await schedule.tick(world)
    found = await ticks(world, admin)
    assert [tick.skipped for tick in found] == [None, Skip.OVERLAP, None]
    assert found[1].reason == "a job of an earlier tick had not ended"
    assert len(await runs(world, admin)) == 2


async def archive(world: World, admin: Scope) -> None:
    await deploy.archive_path(world, admin, SCRIPT)


async def delete(world: World, admin: Scope) -> None:
    await deploy.delete_path(world, admin, SCRIPT)


async def redeploy(world: World, admin: Scope) -> None:
    content = "def main(name: str, where: str):\n    return name\n"
    await deploy_script(world, admin, SCRIPT, content, auto_parent=True)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (archive, "script f/ops/hello is archived"),
        (delete, "deployed script not found at name f/ops/hello"),
        (redeploy, "arguments of f/ops/hello: where"),
    ],
)
async def test_a_tick_that_can_start_nothing_says_why_and_the_next_one_tries_again(
    world: World, admin: Scope, clock: JumpingClock, make: Making,
    spoil: Callable[[World, Scope], Awaitable[None]], reason: str,
) -> None:  # fmt: skip
    await make()
    await spoil(world, admin)
    clock.jump(HOUR_S)
    await schedule.tick(world)
    [tick] = await ticks(world, admin)
    assert (tick.skipped, tick.job_id) == (Skip.ERROR, None)
    told = await stored(world, admin)
    assert told.error == tick.reason
    assert told.error is not None
    assert told.error.startswith(reason)
    assert (told.enabled, told.next_at) == (True, moment("02:00"))
    await deploy_script(world, admin, SCRIPT, auto_parent=True)
    clock.jump(HOUR_S)
    await schedule.tick(world)
    assert (await stored(world, admin)).error is None
    assert len(await runs(world, admin)) == 1


async def test_a_zone_that_is_no_longer_known_ends_the_schedule_and_says_so(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    await make()
    seen = await stored(world, admin)
    await world.db.write(lambda tx: machine.edit(tx, replace(seen, timezone="Gone/Away")))
    clock.jump(HOUR_S)
    await schedule.tick(world)
    told = await stored(world, admin)
    assert told.error is not None
    assert "Gone/Away" in told.error
    assert told.next_at is None
    assert [tick.skipped for tick in await ticks(world, admin)] == [Skip.ERROR]
    await schedule_edit.set_enabled(world, admin, PATH, enabled=False)


async def test_only_the_newest_ticks_are_remembered(
    world: World, admin: Scope, clock: JumpingClock, make: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SCHEDULE_TICKS_KEPT", 3)
    await make()
    for _ in range(5):
        clock.jump(HOUR_S)
        await schedule.tick(world)
    assert [tick.at for tick in await ticks(world, admin)] == [
        moment(f"0{hour}:00") for hour in (3, 4, 5)
    ]


async def test_the_sleeper_knows_the_earliest_tick(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    assert await schedule.next_tick_s(world) is None
    await make()
    await make(replace(HOURLY, cron="0 30 * * * *"), path="f/ops/half")
    assert await schedule.next_tick_s(world) == HOUR_S / 2
    clock.jump(HOUR_S)
    assert await schedule.next_tick_s(world) == 0.0
