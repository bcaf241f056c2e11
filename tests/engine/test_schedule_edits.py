"""Schedules are made, changed, paused, removed and tried, by those who may."""

from __future__ import annotations

import json
from dataclasses import replace
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
from tests.engine.conftest import JumpingClock, read
from windmill_lite.base.errors import AlreadyExists, Denied, Invalid, NotFound
from windmill_lite.engine import accounts, schedule, schedule_edit, workspaces
from windmill_lite.engine.world import World
from windmill_lite.model.identity import Identity
from windmill_lite.model.job import RunOptions
from windmill_lite.model.schedule import Plan, Skip
from windmill_lite.store.machine import schedules as machine
from windmill_lite.store.people.scope import Scope

__all__ = ["make"]


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


@pytest.mark.parametrize("enabled", [True, False])
async def test_what_was_due_when_a_schedule_was_edited_is_told_of(
    world: World, admin: Scope, clock: JumpingClock, make: Making, *, enabled: bool
) -> None:
    await make()
    clock.jump(2.5 * HOUR_S)
    if enabled:
        await schedule_edit.update(world, admin, PATH, HOURLY)
    else:
        await schedule_edit.set_enabled(world, admin, PATH, enabled=False)
    [told] = await ticks(world, admin)
    assert (told.at, told.until, told.count) == (moment("01:00"), moment("02:00"), 2)
    assert (told.job_id, told.skipped) == (None, Skip.MISFIRE)
    assert "was changed before they had their turn" in str(told.reason)
    assert await schedule.tick(world) == 0
    await schedule_edit.set_enabled(world, admin, PATH, enabled=True)
    assert (await stored(world, admin)).next_at == moment("03:00")
    clock.jump(HOUR_S)
    assert await schedule.tick(world) == 1
    assert [tick.job_id is None for tick in await ticks(world, admin)] == [True, False]


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


async def test_a_paused_schedule_has_no_tick_before_the_pause_ends(
    world: World, admin: Scope, clock: JumpingClock, make: Making
) -> None:
    await make(replace(HOURLY, paused_until=moment("04:00")))
    assert (await stored(world, admin)).next_at == moment("04:00")
    clock.jump(3 * HOUR_S)
    assert await schedule.tick(world) == 0


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


async def test_a_run_now_is_the_callers_and_no_tick(
    world: World, admin: Scope, make: Making
) -> None:
    await make(enabled=False)
    bob = Scope(Identity(workspace="main", username="bob", email="bob@here.test"))
    job_id = await schedule_edit.run_now(world, bob, PATH, RunOptions(trigger_kind="ui"))
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
        await schedule_edit.run_now(world, bob, "u/ada/mine", RunOptions())
    for verb in (
        schedule_edit.update(world, olga, PATH, HOURLY),
        schedule_edit.delete(world, olga, PATH),
        schedule_edit.set_enabled(world, olga, PATH, enabled=False),
    ):
        with pytest.raises(Denied):
            await verb
