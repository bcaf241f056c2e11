"""A failed job with tries left waits for the next one, under its own id."""

from __future__ import annotations

import json

import pytest

from tests.engine.conftest import JumpingClock, Pushing, claim_one, log_of, read, worker_named
from tests.engine.test_queue import DONE, report
from windmill_lite.engine import cancel, finish, ping, rescue
from windmill_lite.engine.claim import Ask, claim, next_due_s
from windmill_lite.engine.world import World
from windmill_lite.model.job import Finished, JobState, Outcome
from windmill_lite.model.retry import Constant, Exponential, RetryPolicy
from windmill_lite.model.worker import Worker
from windmill_lite.store.people.scope import Scope

pytestmark = pytest.mark.usefixtures("shared_time")

FAILED = Finished(
    Outcome.FAILURE, '{"error": {"name": "ValueError", "message": "no\\nluck", "stack": "..."}}'
)
TWICE = RetryPolicy(Constant(2, 5))


async def fail_once(world: World, worker: Worker) -> None:
    claimed = await claim_one(world, worker)
    failure = report(claimed.job.id, claimed.attempt, FAILED)
    assert (await finish.finish(world, failure)).accepted


async def test_a_failure_with_tries_left_waits_for_the_next_one(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview(retry=TWICE)
    await fail_once(world, worker)
    record = await read(world, admin, job_id)
    assert (record.state, record.retries, record.attempt) == (JobState.DELAYED, 1, 1)
    assert record.scheduled_for == world.now() + 5_000_000
    assert await claim(world, Ask(worker.id, worker.tags, 1)) == []
    assert await next_due_s(world, at_most=60.0) == pytest.approx(5.0)
    clock.jump(5)
    claimed = await claim_one(world, worker)
    assert (claimed.job.id, claimed.attempt, claimed.retries) == (job_id, 2, 1)
    await finish.finish(world, report(job_id, 2, DONE))
    record = await read(world, admin, job_id)
    assert (record.outcome, record.retries, record.attempt) == (Outcome.SUCCESS, 1, 2)


async def test_the_last_failure_is_the_outcome_and_the_log_tells_of_each(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview(retry=TWICE)
    for _ in range(3):
        await fail_once(world, worker)
        clock.jump(5)
    record = await read(world, admin, job_id)
    assert (record.outcome, record.retries, record.attempt) == (Outcome.FAILURE, 2, 3)
    assert json.loads(record.result or "")["error"]["name"] == "ValueError"
    log = await log_of(world, admin, job_id)
    assert log.splitlines() == [
        "try 1 of 3 failed: ValueError: no luck; the next one comes in 5 s",
        "try 2 of 3 failed: ValueError: no luck; the next one comes in 5 s",
    ]


async def test_a_late_report_of_a_try_that_is_over_changes_nothing(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview(retry=TWICE)
    await fail_once(world, worker)
    assert not (await finish.finish(world, report(job_id, 1, FAILED))).accepted
    assert not (await finish.finish(world, report(job_id, 1, DONE))).accepted
    assert (await read(world, admin, job_id)).retries == 1


async def test_a_canceled_job_is_not_tried_again(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview(retry=TWICE)
    await claim_one(world, worker)
    assert await cancel.cancel(world, admin, job_id, reason="enough", force=False)
    await finish.finish(world, report(job_id, 1, FAILED))
    assert (await read(world, admin, job_id)).outcome is Outcome.CANCELED


async def test_a_job_is_canceled_while_it_waits_for_its_next_try(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview(retry=TWICE)
    await fail_once(world, worker)
    assert await cancel.cancel(world, admin, job_id, reason=None, force=False)
    clock.jump(60)
    assert await claim(world, Ask(worker.id, worker.tags, 1)) == []
    record = await read(world, admin, job_id)
    assert (record.outcome, record.retries) == (Outcome.CANCELED, 1)


async def test_tries_and_lost_workers_are_counted_apart(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview(retry=RetryPolicy(Constant(5, 0)))
    for _ in range(3):
        await fail_once(world, worker)
    for number in range(2):
        mayfly = worker_named(f"mayfly {number}", now=world.now())
        await ping.register(world, mayfly)
        await claim_one(world, mayfly)
        clock.jump(world.lease_s + 1)
        await ping.ping(world, worker, jobs_done=0, memory_kb=None)
        assert await rescue.rescue(world) == 1
        assert (await read(world, admin, job_id)).state is JobState.QUEUED
    await fail_once(world, worker)
    assert (await read(world, admin, job_id)).retries == 4
    claimed = await claim_one(world, worker)
    await rescue.lose(world, claimed, "its cell broke", worker="one")
    record = await read(world, admin, job_id)
    assert record.outcome is Outcome.FAILURE
    assert json.loads(record.result or "")["error"]["name"] == "WorkerLost"
    assert "started 3 times" in json.loads(record.result or "")["error"]["message"]


async def test_a_try_that_is_handed_back_is_still_the_same_try(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview(retry=TWICE)
    await fail_once(world, worker)
    clock.jump(5)
    claimed = await claim_one(world, worker)
    assert await finish.hand_back(world, job_id, claimed.attempt, worker_id=worker.id)
    again = await claim_one(world, worker)
    assert (again.attempt, again.retries) == (2, 1)


async def test_a_finish_brings_another_job_along_while_the_failed_one_waits(
    world: World, worker: Worker, push_preview: Pushing
) -> None:
    first = await push_preview(retry=RetryPolicy(None, Exponential(2, 1, 2, 30)))
    claimed = await claim_one(world, worker)
    second = await push_preview()
    settled = await finish.finish(
        world, report(first, claimed.attempt, FAILED), Ask(worker.id, worker.tags, 1)
    )
    assert settled.accepted
    assert [each.job.id for each in settled.next] == [second]
