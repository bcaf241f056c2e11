"""The chores that keep the promises: when they act, and when they had better not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from tests._time import share_time
from tests.engine.conftest import JumpingClock, worker_named
from tests.worker._stage import Shaky
from tests.worker.conftest import ADA, Office, open_office
from windmill_lite.base.errors import Unavailable
from windmill_lite.engine import cancel, ping
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import JobState, Outcome
from windmill_lite.scheduler.cleaner import Cleaner
from windmill_lite.scheduler.rescuer import Rescuer
from windmill_lite.store.db.port import Db


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> JumpingClock:
    share_time(monkeypatch)
    return JumpingClock()


@pytest.fixture
def shaky(db: Db) -> Shaky:
    return Shaky(db)


@pytest.fixture
async def office(shaky: Shaky, clock: JumpingClock) -> Office:
    found = await open_office(shaky)
    return Office(replace(found.world, clock=clock))


@pytest.fixture
def world(office: Office) -> World:
    return office.world


async def run_by(world: World, office: Office, name: str) -> UUID:
    """A job that the worker runs."""
    worker = worker_named(name, now=world.now())
    await ping.register(world, worker)
    job_id = await office.push()
    (found,) = await claim(world, Ask(worker.id, worker.tags, 1))
    assert found.job.id == job_id
    return job_id


async def test_a_job_of_a_silent_worker_is_taken_back_after_a_lease(
    world: World, office: Office, clock: JumpingClock
) -> None:
    job_id = await run_by(world, office, "one")
    rescuer = Rescuer(world)
    assert await rescuer.tick() == limits.RESCUE_SWEEP_S
    clock.jump(world.lease_s + 1)
    await rescuer.tick()
    assert (await office.read(job_id)).state is JobState.QUEUED


async def test_a_canceled_job_of_a_dead_worker_ends_without_waiting_for_the_next_look(
    world: World, office: Office, clock: JumpingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = asyncio.Event()

    class Seldom(Rescuer):
        async def tick(self) -> float:
            await super().tick()
            looked.set()
            return 3600.0

    job_id = await run_by(world, office, "one")
    rescuer = Seldom(world)
    await rescuer.start()
    await looked.wait()
    clock.jump(world.lease_s + 1)
    await cancel.cancel(world, ADA, job_id, reason="enough", force=False)
    record = await office.done(job_id)
    assert (record.outcome, record.canceled_reason) == (Outcome.CANCELED, "enough")
    await rescuer.stop()


async def test_more_than_a_batch_is_taken_back_without_a_pause(
    world: World, office: Office, clock: JumpingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "RESCUE_BATCH", 2)
    for name in ("one", "two", "three"):
        await run_by(world, office, name)
    clock.jump(world.lease_s + 1)
    rescuer = Rescuer(world)
    assert await rescuer.tick() == 0
    assert await rescuer.tick() > 0


async def test_after_an_outage_nobody_is_rescued_for_a_lease(
    world: World, office: Office, clock: JumpingClock, shaky: Shaky
) -> None:
    alive, dead = await run_by(world, office, "alive"), await run_by(world, office, "dead")
    worker = worker_named("alive", now=world.now())
    rescuer = Rescuer(world)
    shaky.away = True
    with pytest.raises(Unavailable):
        await rescuer.tick()
    clock.jump(world.lease_s - 1)
    with pytest.raises(Unavailable):
        await Rescuer(world).tick()
    shaky.away = False
    assert await rescuer.tick() == 1.0, "what is left of the quiet lease"
    clock.jump(1)
    await ping.ping(world, worker, jobs_done=0, memory_kb=1)
    clock.jump(1)
    await rescuer.tick()
    assert (await office.read(alive)).state is JobState.RUNNING
    assert (await office.read(dead)).state is JobState.QUEUED


async def test_a_short_lease_is_looked_after_often(world: World) -> None:
    assert await Rescuer(replace(world, lease_s=2.4)).tick() == pytest.approx(0.2)


async def test_workers_that_were_killed_are_forgotten_after_a_day(
    world: World, clock: JumpingClock, shaky: Shaky
) -> None:
    await ping.register(world, worker_named("killed", now=world.now()))
    cleaner = Cleaner(world)
    before = shaky.writes
    assert await cleaner.tick() == 3600
    assert shaky.writes == before, "idle means idle"
    clock.jump(limits.WORKER_ROW_S + 1)
    await cleaner.tick()
    await ping.register(world, worker_named("killed", now=world.now()))


async def test_several_rescuers_take_a_job_back_once(
    world: World, office: Office, clock: JumpingClock
) -> None:
    job_id = await run_by(world, office, "one")
    clock.jump(world.lease_s + 1)
    await asyncio.gather(*(Rescuer(world).tick() for _ in range(4)))
    log = await office.log(job_id)
    assert log == "attempt 1 was lost: worker one fell silent; the job runs again\n"


async def test_after_a_jump_of_the_clock_nobody_is_rescued_for_a_lease(
    world: World, office: Office, clock: JumpingClock
) -> None:
    job_id = await run_by(world, office, "one")
    rescuer = Rescuer(world)
    await rescuer.tick()
    clock.moment += timedelta(hours=1)  # as when a machine wakes up
    assert await rescuer.tick() == world.lease_s
    clock.jump(world.lease_s / 2)
    await rescuer.tick()
    assert (await office.read(job_id)).state is JobState.RUNNING
    clock.jump(world.lease_s)
    await rescuer.tick()
    await rescuer.tick()
    assert (await office.read(job_id)).state is JobState.QUEUED
