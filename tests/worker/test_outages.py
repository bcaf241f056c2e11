"""The database goes away, or loses its answers: no outcome is lost and nothing is done twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from tests.worker._stage import Shaky, Stage, eventually
from tests.worker.conftest import Crew, Hiring, Office
from windmill_lite.base.bell import LocalBell
from windmill_lite.engine import ping, rescue
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import JobState, Outcome
from windmill_lite.model.worker import Worker
from windmill_lite.worker.roster import Roster


async def test_an_outcome_is_kept_while_the_database_is_away_and_told_when_it_is_back(
    hire: Hiring, office: Office, stage: Stage, shaky: Shaky
) -> None:
    await hire(slots=1)
    job_id, waiting = await office.push(), await office.push()
    act = await stage.next()
    act.say(b"before ")
    await office.has_logged(job_id, "before ")
    shaky.away = True
    act.say(b"during")
    act.succeed("kept")
    await eventually(lambda: _refused(shaky, times=2))
    shaky.away = False
    record = await office.done(job_id)
    assert (record.outcome, record.result, record.attempt) == (Outcome.SUCCESS, '"kept"', 1)
    assert await office.log(job_id) == "before during"
    assert (await stage.next()).id == waiting


async def test_a_worker_takes_jobs_again_when_the_database_is_back(
    hire: Hiring, office: Office, stage: Stage, shaky: Shaky
) -> None:
    crew = Crew(office.world, stage)
    await crew.heartbeat.start()
    shaky.away = True
    await crew.loop.start()
    try:
        await eventually(lambda: _refused(shaky, times=1))
        shaky.away = False
        job_id = await office.push()
        assert (await stage.next()).id == job_id
    finally:
        stage.end_all()
        await crew.loop.stop()
        await crew.heartbeat.stop()


async def test_log_batches_whose_answers_got_lost_are_in_the_log_once_and_in_order(
    hire: Hiring, office: Office, stage: Stage, shaky: Shaky
) -> None:
    await hire()
    job_id = await office.push()
    act = await stage.next()
    shaky.answers_to_lose = 2
    act.say(b"one ")
    await eventually(lambda: _lost(shaky, left=1))
    act.say(b"two ")  # must not be taken for what was sent before
    await eventually(lambda: _lost(shaky, left=0))
    act.say(b"three")
    act.succeed()
    await office.done(job_id)
    assert await office.log(job_id) == "one two three"


async def test_a_batch_in_doubt_when_the_job_ends_is_in_the_log_once(
    hire: Hiring, office: Office, stage: Stage, shaky: Shaky
) -> None:
    await hire()
    job_id = await office.push()
    act = await stage.next()
    shaky.answers_to_lose = 1
    act.say(b"one ")
    await eventually(lambda: _lost(shaky, left=0))
    act.say(b"two")
    act.succeed()
    await office.done(job_id)
    assert await office.log(job_id) == "one two"


async def test_a_report_whose_answer_got_lost_is_told_again_and_counts_once(
    hire: Hiring, office: Office, stage: Stage, shaky: Shaky
) -> None:
    await hire(slots=1)
    job_id = await office.push()
    act = await stage.next()
    shaky.answers_to_lose = 1
    act.succeed(1)
    record = await office.done(job_id)
    assert (record.outcome, record.result) == (Outcome.SUCCESS, "1")
    following = await office.push()
    assert (await stage.next()).id == following


@pytest.mark.parametrize("dialect", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_a_job_that_came_along_in_a_lost_answer_is_returned_and_runs(
    hire: Hiring, office: Office, stage: Stage, shaky: Shaky
) -> None:
    crew = await hire(slots=1, world=replace(office.world, lease_s=2.0))
    first, second = await office.push(), await office.push()
    act = await stage.next()
    assert act.id == first
    shaky.answers_to_lose = 1  # the report is heard, and claims the second job
    act.succeed()
    again = await stage.next()
    assert (again.id, again.claim.attempt) == (second, 1)
    assert "never heard that it had claimed the job" in await office.log(second)
    assert await ping.held(office.world, crew.roster.worker.id) == {second: 1}


@pytest.mark.parametrize("dialect", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_what_a_worker_runs_is_not_returned_however_busy_it_is(
    hire: Hiring, office: Office, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WORKER_PINGS", 500)  # one every 4 ms
    crew = await hire(slots=2, world=replace(office.world, lease_s=2.0))
    pushed = [await office.push() for _ in range(40)]
    for _ in pushed:
        act = await stage.next()
        assert act.claim.attempt == 1
        act.succeed()
    for job_id in pushed:
        assert (await office.done(job_id)).outcome is Outcome.SUCCESS
        assert await office.log(job_id) == ""
    assert crew.roster.jobs_done == len(pushed)


@pytest.mark.parametrize("dialect", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_a_worker_that_was_given_up_learns_it_and_the_next_attempt_counts(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    world = replace(office.world, lease_s=2.0)
    crew = await hire(world=world, slots=1)
    job_id = await office.push()
    act = await stage.next()
    await crew.heartbeat.stop()  # it lives, and nobody hears of it
    assert await rescue.rescue_from_dead(world, crew.roster.worker.id) == 1
    await crew.heartbeat.start()
    async with asyncio.timeout(40):
        await act.canceled.wait()
    again = await stage.next()
    assert (again.id, again.claim.attempt) == (job_id, 2)
    again.succeed("right")
    assert (await office.done(job_id)).result == '"right"'


@pytest.mark.parametrize("dialect", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_a_worker_that_gets_back_its_own_job_never_runs_two_attempts_at_once(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    crew = await hire(slots=2)
    job_id = await office.push()
    first = await stage.next()
    stage.obedient = False
    assert await rescue.rescue_from_dead(office.world, crew.roster.worker.id) == 1
    async with asyncio.timeout(40):
        await first.canceled.wait()
    assert crew.roster.attempts() == {job_id: 2}
    assert stage.empty(), "the first one is still there"
    first.succeed("too late")
    second = await stage.next()
    assert second.claim.attempt == 2
    assert crew.roster.attempts() == {job_id: 2}
    second.succeed("right")
    assert (await office.done(job_id)).result == '"right"'


async def test_a_stop_ends_although_the_database_is_away(
    world: World,
    office: Office,
    stage: Stage,
    shaky: Shaky,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "HAND_BACK_S", 0.3)
    job_id = await office.push()
    crew = Crew(world, stage, drain_s=0.0)
    async with asyncio.timeout(40), crew.working():
        await stage.next()
        shaky.away = True
    shaky.away = False
    assert (await office.read(job_id)).state is JobState.RUNNING
    assert await rescue.rescue_after_restart(world) == 1, "whoever comes next finds it"


async def _refused(shaky: Shaky, *, times: int) -> bool:
    return shaky.refused >= times


async def _lost(shaky: Shaky, *, left: int) -> bool:
    return shaky.answers_to_lose <= left


async def test_the_roster_is_quiet_only_while_nobody_asks() -> None:
    roster = Roster(Worker(UUID(int=1), "one", "here", (), 1, "0", "none", 0, 0))
    before = roster.quiet_since()

    async def asked() -> bool:
        return roster.quiet_since() is None

    assert await roster.asking(LocalBell(), asked())
    assert roster.quiet_since() not in (None, before)
