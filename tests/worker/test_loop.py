"""From the queue into slots, and out again when the worker stops."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from uuid import UUID

from tests.worker._stage import PATIENCE_S, Shaky, Stage, eventually
from tests.worker.conftest import ADA, Crew, Hiring, Office
from windmill_lite.base.config import DEFAULT_TAGS
from windmill_lite.engine import cancel
from windmill_lite.engine.world import World
from windmill_lite.model.job import JobState, Outcome
from windmill_lite.store.db.port import Db
from windmill_lite.store.people import jobs


async def test_a_job_is_started_as_soon_as_it_is_asked_for(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await office.push()
    act = await stage.next()
    assert (act.id, act.claim.attempt, act.claim.code) == (job_id, 1, "def main(): pass")
    act.succeed({"x": 1})
    record = await office.done(job_id)
    assert (record.outcome, record.result, record.worker) == (Outcome.SUCCESS, '{"x": 1}', "one")


async def test_what_waits_is_started_when_the_worker_comes(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    job_id = await office.push()
    await hire()
    assert (await stage.next()).id == job_id


async def test_no_more_jobs_run_than_there_are_slots(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    pushed = [await office.push() for _ in range(3)]
    await hire(slots=2)
    first, second = await stage.next(), await stage.next()
    assert {first.id, second.id} == set(pushed[:2])
    assert (await office.read(pushed[2])).state is JobState.QUEUED
    first.succeed()
    assert (await stage.next()).id == pushed[2]


async def test_a_report_brings_the_next_job_along_in_the_same_write(
    hire: Hiring, office: Office, stage: Stage, shaky: Shaky
) -> None:
    first, second = await office.push(), await office.push()
    await hire(slots=1)
    act = await stage.next()
    before = shaky.writes
    act.succeed()
    assert (await stage.next()).id == second
    assert shaky.writes == before + 1
    assert (await office.read(first)).completed


async def test_a_job_that_comes_while_the_last_slot_ends_is_not_overlooked(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire(slots=1)
    for _ in range(20):
        job_id = await office.push()
        act = await stage.next()
        assert act.id == job_id
        act.succeed()


async def test_a_job_whose_time_comes_while_no_slot_is_free_is_taken_along_by_the_next_report(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire(slots=1)
    busy = await office.push()
    act = await stage.next()
    with office.world.db.bell.listen("queue") as ear:
        due = await office.push(scheduled_for=office.world.now() + 300_000)
        while (await office.read(due)).state is JobState.DELAYED:
            assert await ear.wait(PATIENCE_S)
    assert act.id == busy
    act.succeed()
    assert (await stage.next()).id == due


async def test_a_delayed_job_is_started_when_its_time_comes(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    at = office.world.now() + 300_000
    job_id = await office.push(scheduled_for=at)
    assert (await stage.next()).id == job_id
    assert office.world.now() >= at


async def test_a_canceled_job_is_ended_and_says_who_canceled_it(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await office.push()
    await stage.next()
    assert await cancel.cancel(office.world, ADA, job_id, reason="enough", force=False)
    record = await office.done(job_id)
    assert (record.outcome, record.canceled_by) == (Outcome.CANCELED, "ada")
    assert json.loads(record.result or "")["error"]["message"] == "Job canceled: enough by ada"


async def test_a_cancellation_that_overtakes_the_answer_to_a_claim_is_obeyed(
    hire: Hiring, office: Office, stage: Stage, shaky: Shaky, db: Db
) -> None:
    crew = await hire()
    await eventually(lambda: _waits(crew))
    shaky.answering.clear()
    direct = Office(replace(office.world, db=db))
    job_id = await direct.push()
    await eventually(lambda: _runs(direct, job_id))
    await cancel.cancel(direct.world, ADA, job_id, reason="at once", force=False)
    await eventually(lambda: _heard(crew))
    shaky.answering.set()
    assert (await office.done(job_id)).outcome is Outcome.CANCELED


async def test_a_job_that_is_no_longer_ours_is_stopped_and_its_report_changes_nothing(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    crew = await hire()
    job_id = await office.push()
    act = await stage.next()
    assert await cancel.cancel(office.world, ADA, job_id, reason="stuck", force=True)
    async with asyncio.timeout(40):
        await act.canceled.wait()
    ended = await office.read(job_id)
    await eventually(lambda: _idle(crew))
    assert await office.read(job_id) == ended
    following = await office.push()
    (await stage.next()).succeed()
    assert (await office.done(following)).outcome is Outcome.SUCCESS


async def test_a_worker_that_stops_waits_for_its_jobs_and_takes_no_more(
    world: World, office: Office, stage: Stage
) -> None:
    running = await office.push()
    crew = Crew(world, stage, slots=1)
    async with crew.working():
        act = await stage.next()
        waiting = await office.push()
        stopping = asyncio.create_task(crew.loop.stop())
        await eventually(lambda: _stops(crew))
        act.succeed("done")
        await stopping
    assert (await office.read(running)).result == '"done"'
    assert (await office.read(waiting)).state is JobState.QUEUED
    assert stage.empty()


async def test_what_does_not_end_in_time_is_handed_back_and_the_attempt_does_not_count(
    world: World, hire: Hiring, office: Office, stage: Stage
) -> None:
    job_id = await office.push()
    async with Crew(world, stage, drain_s=0.05).working():
        act = await stage.next()
        act.say(b"half done\n")
    record = await office.read(job_id)
    assert (record.state, record.attempt, record.worker) == (JobState.QUEUED, 0, None)
    await hire(name="two")
    again = await stage.next()
    assert (again.id, again.claim.attempt) == (job_id, 1)
    again.say(b"all done\n")
    again.succeed()
    assert (await office.done(job_id)).worker == "two"
    assert await office.log(job_id) == (
        "half done\nattempt 1 was interrupted: its worker is stopping\nall done\n"
    )


async def test_a_job_may_ask_whether_its_worker_only_waits_for_it(
    world: World, office: Office, stage: Stage
) -> None:
    async def told(job_id: UUID) -> bool | None:
        async with world.db.view() as view:
            return await jobs.draining(view, ADA, job_id)

    async def drains() -> bool:
        return await told(job_id) is True

    job_id, crew = await office.push(), Crew(world, stage)
    async with crew.working():
        act = await stage.next()
        assert await told(job_id) is False
        stopping = asyncio.create_task(crew.loop.stop())
        await eventually(drains)
        act.succeed()
        await stopping
        assert await told(job_id) is False, "nothing waits for what has ended"
        await crew.loop.start()
        assert crew.roster.worker.tags == DEFAULT_TAGS
    assert await told(UUID(int=5)) is None


async def test_a_job_that_has_just_been_claimed_is_handed_back_by_a_stop_without_patience(
    world: World, office: Office, stage: Stage
) -> None:
    job_id = await office.push()
    crew = Crew(world, stage, drain_s=0)
    async with crew.working():
        await eventually(lambda: _busy(crew))
    assert (await office.read(job_id)).state is JobState.QUEUED


async def test_a_stop_in_a_hurry_hands_back_at_once(
    world: World, office: Office, stage: Stage
) -> None:
    job_id = await office.push()
    crew = Crew(world, stage, drain_s=3600)
    async with crew.working():
        await stage.next()
        stopping = asyncio.create_task(crew.loop.stop())
        await eventually(lambda: _stops(crew))
        crew.loop.hurry()
        await stopping
    assert (await office.read(job_id)).state is JobState.QUEUED


async def test_a_job_canceled_while_it_is_handed_back_stays_canceled(
    world: World, office: Office, stage: Stage
) -> None:
    job_id = await office.push()
    crew = Crew(world, stage, drain_s=0)
    async with crew.working():
        act = await stage.next()
        stage.obedient = False
        stopping = asyncio.create_task(crew.loop.stop())
        await act.canceled.wait()
        await crew.heartbeat.stop()
        await cancel.cancel(world, ADA, job_id, reason="enough", force=False)
        stage.obedient = True
        stage.cancel(job_id)
        await stopping
    assert (await office.read(job_id)).outcome is Outcome.CANCELED


async def test_stopping_twice_or_before_the_start_is_harmless(world: World, stage: Stage) -> None:
    crew = Crew(world, stage)
    await crew.loop.stop()
    await crew.heartbeat.stop()
    async with crew.working():
        await crew.heartbeat.start()
        await crew.loop.start()
        await crew.loop.stop()


async def test_a_worker_can_start_again_after_a_stop(
    world: World, office: Office, stage: Stage
) -> None:
    crew = Crew(world, stage)
    async with crew.working():
        pass
    async with crew.working():
        job_id = await office.push()
        (await stage.next()).succeed()
        await office.done(job_id)


async def _waits(crew: Crew) -> bool:
    """It has asked once, and waits for a ring."""
    return crew.roster.quiet_since() not in (None, 0)


async def _heard(crew: Crew) -> bool:
    return not crew.heartbeat._ear.rang


async def _runs(office: Office, job_id: UUID) -> bool:
    return (await office.read(job_id)).state is JobState.RUNNING


async def _idle(crew: Crew) -> bool:
    return not crew.roster.running


async def _busy(crew: Crew) -> bool:
    return bool(crew.roster.running)


async def _stops(crew: Crew) -> bool:
    return crew.loop._closing.is_set()
