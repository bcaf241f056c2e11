"""A job that is to fail when its worker is lost is started at most once."""

from __future__ import annotations

import asyncio
import json

from tests.worker._stage import Stage
from tests.worker.conftest import PLACE, Crew, Hiring, Office
from windmill_lite.engine.claim import claim
from windmill_lite.engine.world import World
from windmill_lite.model.job import JobState, Outcome
from windmill_lite.worker.runner import Interrupted
from windmill_lite.worker.slot import Bench, Slot


async def test_what_began_and_does_not_end_before_the_stop_fails_and_says_why(
    world: World, hire: Hiring, office: Office, stage: Stage
) -> None:
    job_id = await office.push(at_most_once=True)
    async with Crew(world, stage, drain_s=0.05).working():
        act = await stage.next()
        act.say(b"paid\n")
    record = await office.read(job_id)
    assert record.outcome is Outcome.FAILURE
    error = json.loads(record.result or "")["error"]
    assert error["name"] == "WorkerLost"
    assert "its worker is stopping" in error["message"]
    assert "on_worker_loss is fail" in error["message"]
    assert (await office.log(job_id)).startswith("paid\n")
    await hire(name="two")
    other = await office.push()
    assert (await stage.next()).id == other, "the job that failed was started again"


async def test_what_had_not_begun_when_its_worker_stopped_is_handed_back(
    world: World, hire: Hiring, office: Office, stage: Stage
) -> None:
    job_id = await office.push(at_most_once=True)
    crew = Crew(world, stage)
    (claimed,) = await claim(world, crew.roster.ask(1))
    slot = Slot(Bench(world, crew.roster, stage, PLACE), claimed, asyncio.Event())
    slot.enter()
    slot.hand_back()
    await slot.work()
    assert stage.empty(), "it began"
    assert (await office.read(job_id)).state is JobState.QUEUED
    await hire(name="two")
    (await stage.next()).succeed()
    assert (await office.done(job_id)).outcome is Outcome.SUCCESS


async def test_an_attempt_that_is_interrupted_is_the_last_one(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await office.push(at_most_once=True)
    (await stage.next()).fail(Interrupted("the fork server died"))
    record = await office.done(job_id)
    assert record.outcome is Outcome.FAILURE
    assert "the fork server died" in (record.result or "")
    assert stage.empty()
