"""The cleaner: a batch at each tick, a round an hour, and at once when room is short."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from tests.engine._runs import DAY_S, Runs
from tests.engine._schedules import HOUR_S, Making, make, ticks
from tests.engine.conftest import JumpingClock, admin, bob, cheap_passwords, worker
from tests.worker._stage import Shaky
from windmill_lite.base.errors import Unavailable
from windmill_lite.engine import schedule
from windmill_lite.engine.keeping import room
from windmill_lite.engine.world import Room, World, open_world
from windmill_lite.model import limits
from windmill_lite.model.retention import Keeping
from windmill_lite.model.schedule import Skip
from windmill_lite.model.worker import Worker
from windmill_lite.scheduler.cleaner import Cleaner
from windmill_lite.store.db.port import Db
from windmill_lite.store.db.sqlfile import parse
from windmill_lite.store.people.scope import Scope

__all__ = ["admin", "bob", "cheap_passwords", "make", "worker"]

Q = parse(
    "-- name: stale\nselect (select count(*) from token where expires_at < :now) as tokens,"
    " (select count(*) from login_failure) as failures\n"
    "-- name: fail\ninsert into login_failure(key, failures, since) values ('a', 1, 0)\n",
    "here",
)


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def shaky(db: Db) -> Shaky:
    return Shaky(db)


@pytest.fixture
async def world(shaky: Shaky, clock: JumpingClock) -> World:
    return await open_world(shaky, clock, "http://here.test", keeping=Keeping(10))


@pytest.fixture
def runs(world: World, admin: Scope, worker: Worker) -> Runs:
    return Runs(world, admin, worker)


async def test_a_tick_is_a_batch_and_a_round_ends_with_a_long_pause(
    world: World, runs: Runs, clock: JumpingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PRUNE_RUNS", 2)
    for _ in range(5):
        await runs.done()
    clock.jump(11 * DAY_S)
    cleaner = Cleaner(world)
    left = []
    for _ in range(3):
        assert await cleaner.tick() == limits.PRUNE_PAUSE_S
        left.append(len(await runs.ids()))
    assert left == [3, 1, 0]
    assert await cleaner.tick() == limits.CLEAN_S
    assert await cleaner.tick() == limits.CLEAN_S


async def test_an_idle_round_writes_nothing(
    world: World, runs: Runs, clock: JumpingClock, shaky: Shaky
) -> None:
    await runs.done()
    clock.jump(60)
    cleaner, writes = Cleaner(world), shaky.writes
    for _ in range(3):
        assert await cleaner.tick() == limits.CLEAN_S
        clock.jump(limits.CLEAN_S)
    assert shaky.writes == writes


async def test_after_an_outage_the_round_begins_anew(
    world: World, runs: Runs, clock: JumpingClock, shaky: Shaky
) -> None:
    await runs.done()
    clock.jump(11 * DAY_S)
    cleaner = Cleaner(world)
    shaky.away = True
    with pytest.raises(Unavailable):
        await cleaner.tick()
    shaky.away = False
    assert await cleaner.tick() == limits.PRUNE_PAUSE_S
    shaky.away = True
    with pytest.raises(Unavailable):
        await cleaner.tick()
    shaky.away = False
    assert await cleaner.tick() == limits.CLEAN_S
    assert await runs.ids() == set()


async def test_expired_tokens_and_old_failures_go(
    world: World, admin: Scope, clock: JumpingClock
) -> None:
    await world.db.write(lambda tx: tx.run(Q["fail"]))
    clock.jump(limits.SESSION_S + 1)
    assert await stale(world) == (1, 1)
    await Cleaner(world).tick()
    assert await stale(world) == (0, 0)


async def stale(world: World) -> tuple[int, int]:
    async with world.db.view() as view:
        row = await view.one(Q["stale"], now=world.now())
    assert row is not None
    return (row["tokens"], row["failures"])


async def test_a_ring_ends_the_long_pause(world: World, runs: Runs, clock: JumpingClock) -> None:
    cleaner = Cleaner(world)
    await cleaner.start()
    job_id = await runs.done()
    clock.jump(11 * DAY_S)
    with world.db.bell.listen("never") as ear:
        while job_id in await runs.ids():
            world.db.bell.ring(room.RING)
            await ear.wait(0.02)
    await cleaner.stop()


async def test_a_schedule_says_that_there_was_no_room(
    world: World, admin: Scope, make: Making, clock: JumpingClock
) -> None:
    await make()
    clock.jump(HOUR_S + 1)
    full = Room(used_bytes=2, measured_at_s=math.inf)
    await schedule.tick(replace(world, keeping=Keeping(10, 1), room=full))
    [tick] = await ticks(world, admin)
    assert tick.skipped is Skip.ERROR
    assert "the disk budget of 1 B is used up" in (tick.reason or "")
