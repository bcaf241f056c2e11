"""What becomes of an attempt that goes wrong, and of what it said."""

from __future__ import annotations

import json
import logging

import pytest

from tests.worker._stage import Stage
from tests.worker.conftest import Hiring, Office
from windmill_lite.base.errors import Invalid
from windmill_lite.engine import finish
from windmill_lite.engine.claim import Ask
from windmill_lite.engine.finish import Report, Settled
from windmill_lite.engine.world import World
from windmill_lite.model.job import Finished, Outcome
from windmill_lite.worker.runner import Interrupted


async def test_what_a_job_says_is_its_log_and_can_be_read_while_it_runs(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await office.push()
    act = await stage.next()
    act.say("h\u00e9".encode()[:2])  # half a character
    act.say("h\u00e9".encode()[2:] + b"llo\0\n")
    await office.has_logged(job_id, "h\u00e9llo\ufffd\n")
    assert not (await office.read(job_id)).completed
    act.say(b"bye\n")
    act.succeed()
    await office.done(job_id)
    assert await office.log(job_id) == "h\u00e9llo\ufffd\nbye\n"


async def test_an_attempt_that_is_interrupted_is_lost_and_the_job_runs_again(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await office.push()
    act = await stage.next()
    act.say(b"first ")
    act.fail(Interrupted("the fork server died"))
    again = await stage.next()
    assert (again.id, again.claim.attempt) == (job_id, 2)
    again.say(b"second")
    again.succeed(2)
    assert (await office.done(job_id)).result == "2"
    said = await office.log(job_id)
    assert said == "first attempt 1 was lost: the fork server died; the job runs again\nsecond"


async def test_a_job_that_is_interrupted_every_time_fails_and_says_why(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await office.push()
    for _ in range(3):
        (await stage.next()).fail(Interrupted("the cell broke"))
    record = await office.done(job_id)
    error = json.loads(record.result or "")["error"]
    assert error["name"] == "WorkerLost"
    assert "3 times" in error["message"]
    assert "the cell broke" in error["message"]


async def test_a_runner_that_raises_fails_the_job_and_the_worker_works_on(
    hire: Hiring, office: Office, stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await hire(slots=1)
    job_id = await office.push()
    with caplog.at_level(logging.CRITICAL):
        (await stage.next()).fail(ZeroDivisionError("a bug"))
        record = await office.done(job_id)
    assert json.loads(record.result or "")["error"] == {
        "name": "InternalError",
        "message": "the worker could not run the job: ZeroDivisionError: a bug",
    }
    following = await office.push()
    (await stage.next()).succeed()
    assert (await office.done(following)).outcome is Outcome.SUCCESS


async def test_an_outcome_that_cannot_be_stored_fails_the_job_instead_of_losing_it(
    hire: Hiring, office: Office, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = finish.finish

    async def picky(world: World, report: Report, ask: Ask | None = None) -> Settled:
        if report.finished.result == '"too strange"':
            raise Invalid("no column takes it")
        return await real(world, report, ask)

    monkeypatch.setattr(finish, "finish", picky)
    await hire()
    job_id = await office.push()
    (await stage.next()).succeed("too strange")
    record = await office.done(job_id)
    assert json.loads(record.result or "")["error"] == {
        "name": "InternalError",
        "message": "its outcome could not be stored: Invalid: no column takes it",
    }


async def test_a_failure_and_what_it_cost_are_reported_as_they_are(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    job_id = await office.push()
    failed = Finished(Outcome.FAILURE, '{"error": {"name": "E"}}', 77, "landlock", ("red",))
    (await stage.next()).finish(failed)
    record = await office.done(job_id)
    assert (record.outcome, record.result) == (failed.outcome, failed.result)
    assert (record.memory_peak_kb, record.sandbox, record.labels) == (77, "landlock", ("red",))
