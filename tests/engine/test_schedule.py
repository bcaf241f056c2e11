"""Schedules: each tick is one job or one reason, whoever looks and whoever dies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import JumpingClock, claim_one, deploy_script, read
from windmill_lite.base.clock import to_us
from windmill_lite.base.errors import AlreadyExists, Denied, Invalid, NotFound
from windmill_lite.engine import accounts, deploy, finish, schedule, schedule_edit, workspaces
from windmill_lite.engine.finish import Report
from windmill_lite.engine.world import World, open_world
from windmill_lite.model import limits
from windmill_lite.model.identity import Identity
from windmill_lite.model.job import Finished, JobFilter, JobRecord, JobState, Outcome
from windmill_lite.model.page import Page
from windmill_lite.model.schedule import NewSchedule, Plan, Schedule, Skip, Tick
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.connect import connect
from windmill_lite.store.machine import schedules as machine
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


async def test_a_disabled_schedule_starts_nothing_and_begins_anew_when_enabled(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    await make(enabled=False)
    assert (await stored(world, admin)).next_at is None
    clock.jump(1.5 * HOUR_S)
    assert await schedule.tick(world) == 0
    await schedule_edit.set_enabled(world, admin, PATH, enabled=True)
    assert (await stored(world, admin)).next_at == moment("02:00")
    await schedule_edit.set_enabled(world, admin, PATH, enabled=False)
    clock.jump(HOUR_S)
    assert await schedule.tick(world) == 0
    assert await ticks(world, admin) == []


async def test_an_edit_counts_from_now_on(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    await make()
    clock.jump(0.5 * HOUR_S)
    plan = Plan("0 45 * * * *", "UTC", args={"name": "Bob"}, summary="later")
    await schedule_edit.update(world, admin, PATH, plan)
    edited = await stored(world, admin)
    assert (edited.next_at, edited.enabled, edited.script_path) == (moment("00:45"), True, SCRIPT)
    clock.jump(0.5 * HOUR_S)
    await schedule.tick(world)
    [run] = await runs(world, admin)
    job = await read(world, admin, run.id)
    assert (job.scheduled_for, json.loads(job.args or "")) == (moment("00:45"), {"name": "Bob"})


async def test_an_edit_while_a_tick_is_under_way_is_never_overruled(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    await make()
    clock.jump(HOUR_S)
    seen = await stored(world, admin)
    await schedule_edit.update(world, admin, PATH, HOURLY)
    turn = machine.advance
    assert not await world.db.write(
        lambda tx: turn(tx, seen, last_at=moment("01:00"), next_at=moment("02:00"), error=None)
    )


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


async def test_a_paused_schedule_has_no_tick_before_the_pause_ends(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    await make(replace(HOURLY, paused_until=moment("04:00")))
    assert (await stored(world, admin)).next_at == moment("04:00")
    clock.jump(3 * HOUR_S)
    assert await schedule.tick(world) == 0


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


async def member(world: World, admin: Scope, name: str) -> Scope:
    email = f"{name}@here.test"
    await accounts.make_account(world, email=email, password=None, name=name, super_admin=False)
    await workspaces.add_member(
        world, admin, email=email, username=name, is_admin=False, operator=False
    )
    return Scope(Identity(workspace="main", username=name, email=email))


async def test_jobs_have_the_rights_of_who_enabled_the_schedule_last(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    bob = await member(world, admin, "bob")
    await make()
    await schedule_edit.set_enabled(world, bob, PATH, enabled=True)
    clock.jump(HOUR_S)
    await schedule.tick(world)
    [run] = await runs(world, admin)
    assert (run.permissioned_as, run.email) == ("u/bob", "bob@here.test")
    assert (await stored(world, admin)).edited_by == "bob"


async def test_an_admin_may_leave_the_rights_with_somebody_else(
    world: World, admin: Scope, make: Making
) -> None:
    bob = await member(world, admin, "bob")
    await make(replace(HOURLY, owner="u/bob"))
    told = await stored(world, admin)
    assert (told.permissioned_as, told.email) == ("u/bob", "bob@here.test")
    assert told.edited_by == admin.identity.username
    with pytest.raises(Denied):
        await make(replace(HOURLY, owner=admin.me), scope=bob, path="f/ops/mine")
    for nobody in ("u/carol", "g/all", "bob"):
        with pytest.raises(Invalid, match="is no member"):
            await make(replace(HOURLY, owner=nobody), path="f/ops/mine")


async def test_a_schedule_whose_owner_is_gone_starts_nothing(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    await make()
    seen = await stored(world, admin)
    await world.db.write(lambda tx: machine.edit(tx, replace(seen, email="eve@here.test")))
    clock.jump(HOUR_S)
    await schedule.tick(world)
    assert (await stored(world, admin)).error == "the account eve@here.test is gone or disabled"
    assert await runs(world, admin) == []


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


async def test_a_run_now_is_the_callers_and_no_tick(
    world: World, admin: Scope, make: Making
) -> None:
    await make(enabled=False)
    bob = Scope(Identity(workspace="main", username="bob", email="bob@here.test"))
    job_id = await schedule_edit.run_now(world, bob, PATH, trigger_kind="ui")
    job = await read(world, admin, job_id)
    assert (job.created_by, job.schedule_path, job.trigger_kind) == ("bob", PATH, "ui")
    assert json.loads(job.args or "") == {"name": "Ada"}
    assert await ticks(world, admin) == []


@pytest.mark.parametrize(
    ("change", "refusal", "told"),
    [
        ({"plan": replace(HOURLY, cron="0 25 * * *")}, Invalid, "schedule f/ops/nightly: '0 25"),
        ({"plan": replace(HOURLY, timezone="Mars")}, Invalid, "'Mars' is not a time zone"),
        ({"plan": replace(HOURLY, args={})}, Invalid, "arguments of f/ops/hello: name"),
        ({"plan": replace(HOURLY, summary="x" * 1001)}, Invalid, "summary is longer"),
        ({"plan": replace(HOURLY, paused_until=2**60)}, Invalid, "ten years"),
        ({"plan": replace(HOURLY, cron="0 0 0 * * 1", version="v1")}, Invalid, "v1"),
        ({"plan": replace(HOURLY, version="v3")}, Invalid, "neither v1 nor v2"),
        ({"script_path": "f/no/thing"}, NotFound, "script not found"),
        ({"path": "nightly"}, Invalid, "is not of the form"),
    ],
)
async def test_what_cannot_work_is_refused_at_once(
    make: Making, change: dict[str, Any], refusal: type[Exception], told: str
) -> None:
    with pytest.raises(refusal, match=told.replace("(", r"\(")):
        await make(**change)


async def test_a_schedule_that_is_not_enabled_may_wait_for_its_script(
    world: World, make: Making, admin: Scope
) -> None:
    await make(enabled=False, script_path="f/not/yet")
    with pytest.raises(NotFound):
        await schedule_edit.set_enabled(world, admin, PATH, enabled=True)


async def test_a_path_holds_one_schedule(make: Making) -> None:
    await make()
    with pytest.raises(AlreadyExists):
        await make()


async def test_who_may_not_write_a_path_changes_no_schedule_there(
    world: World, admin: Scope, make: Making
) -> None:
    bob = Scope(Identity(workspace="main", username="bob", email="bob@here.test"))
    olga = Scope(Identity(workspace="main", username="olga", email="olga@here.test", operator=True))
    await make()
    await make(path="u/ada/mine")
    with pytest.raises(NotFound):
        await schedule_edit.set_enabled(world, bob, "u/ada/mine", enabled=False)
    with pytest.raises(NotFound):
        await schedule_edit.run_now(world, bob, "u/ada/mine", trigger_kind=None)
    for verb in (
        schedule_edit.update(world, olga, PATH, HOURLY),
        schedule_edit.delete(world, olga, PATH),
        schedule_edit.set_enabled(world, olga, PATH, enabled=False),
    ):
        with pytest.raises(Denied):
            await verb


async def test_the_sleeper_knows_the_earliest_tick(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    assert await schedule.next_tick_s(world) is None
    await make()
    await make(replace(HOURLY, cron="0 30 * * * *"), path="f/ops/half")
    assert await schedule.next_tick_s(world) == HOUR_S / 2
    clock.jump(HOUR_S)
    assert await schedule.next_tick_s(world) == 0.0
