"""Jobs of workers that died on this machine do not wait for a lease."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from tests.worker._stage import Shaky, Stage, eventually
from tests.worker.conftest import Crew, Hiring, Office
from windmill_lite.engine import claim, ping
from windmill_lite.model.worker import Worker
from windmill_lite.worker.heir import Heir
from windmill_lite.worker.seats import Seats

DEAD, HEIR = UUID(int=1), UUID(int=2)


@pytest.fixture
def seats(tmp_path: Path) -> Seats:
    return Seats(tmp_path, b"key")


@pytest.fixture
async def heir(office: Office, seats: Seats) -> AsyncIterator[Heir]:
    found = Heir(office.world, seats, HEIR)
    yield found
    await found.stop()


async def held_by_the_dead(office: Office) -> UUID:
    """A job that was claimed by a worker of which nothing more is heard."""
    world, now = office.world, office.world.now()
    await ping.register(world, Worker(DEAD, "one", "here", ("python3",), 1, "0", "none", now, now))
    job_id = await office.push()
    assert [each.job.id for each in await claim.claim(world, claim.Ask(DEAD, ("python3",)))]
    return job_id


async def test_the_jobs_of_a_dead_predecessor_run_again_at_once(
    hire: Hiring, office: Office, stage: Stage, seats: Seats, heir: Heir
) -> None:
    os.close(seats.take(DEAD))
    job_id = await held_by_the_dead(office)
    await hire()
    await heir.start()
    act = await stage.next()
    assert (act.id, act.claim.attempt) == (job_id, 2)
    assert "worker one ended before the job did; the job runs again" in await office.log(job_id)
    await eventually(lambda: _nobody_is_dead(seats))


async def test_what_is_alive_of_a_predecessor_is_waited_for(
    hire: Hiring, office: Office, stage: Stage, seats: Seats, heir: Heir
) -> None:
    seat = seats.take(DEAD)
    job_id = await held_by_the_dead(office)
    await hire()
    await heir.tick()
    assert stage.empty()
    assert await ping.held(office.world, DEAD) == {job_id: 1}
    os.close(seat)
    await heir.start()
    assert (await stage.next()).id == job_id


async def test_jobs_of_other_workers_are_left_to_them_though_they_have_the_same_name(
    hire: Hiring, office: Office, stage: Stage, seats: Seats, heir: Heir
) -> None:
    other: Crew = await hire(name="one")
    theirs = await office.push()
    await stage.next()
    os.close(seats.take(DEAD))
    await heir.tick()
    assert await ping.held(office.world, other.roster.worker.id) == {theirs: 1}


async def test_a_dead_worker_is_remembered_until_its_jobs_could_be_taken_back(
    office: Office, shaky: Shaky, seats: Seats, heir: Heir
) -> None:
    os.close(seats.take(DEAD))
    await held_by_the_dead(office)
    shaky.away = True
    await heir.start()
    refused = shaky.refused
    await eventually(lambda: _refused(shaky, refused + 1))
    assert seats.look().dead == (DEAD,)
    shaky.away = False
    await eventually(lambda: _nobody_is_dead(seats))
    assert await ping.held(office.world, DEAD) == {}


async def _nobody_is_dead(seats: Seats) -> bool:
    return not seats.look().dead


async def _refused(shaky: Shaky, count: int) -> bool:
    return shaky.refused >= count
