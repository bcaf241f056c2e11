"""Cancel, hand back, rescue: every other way in which an attempt ends."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.engine.conftest import JumpingClock, Pushing, claim_one, log_of, read, worker_named
from tests.engine.test_queue import report
from windmill_lite.base.errors import NotFound, Unauthenticated
from windmill_lite.engine import cancel, finish, job_token, ping, rescue
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.login import authenticate, enter
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import Finished, JobState, Outcome
from windmill_lite.model.worker import Worker
from windmill_lite.store.people.scope import Scope

pytestmark = pytest.mark.usefixtures("shared_time")


async def test_a_queued_job_that_is_canceled_completes_at_once(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    assert await cancel.cancel(world, admin, job_id, reason="not needed", force=False)
    record = await read(world, admin, job_id)
    assert record.outcome is Outcome.CANCELED
    assert json.loads(record.result or "") == {
        "error": {
            "name": "Canceled",
            "message": "Job canceled: not needed by ada",
            "reason": "not needed",
            "canceler": "ada",
        }
    }
    assert await claim(world, Ask(worker.id, worker.tags, 1)) == []


async def test_a_running_job_that_is_canceled_is_ended_by_its_worker_and_named_so(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    assert await ping.orders(world, worker.id, {job_id: 1}) == {}
    assert await cancel.cancel(world, admin, job_id, reason=None, force=False)
    orders = await ping.orders(world, worker.id, {job_id: 1})
    assert orders[job_id].canceled_by == "ada"
    assert (await read(world, admin, job_id)).state is JobState.RUNNING
    await finish.finish(world, report(job_id, 1))  # it had succeeded just before the order came
    record = await read(world, admin, job_id)
    assert record.outcome is Outcome.CANCELED
    assert record.canceled_reason == "unexplicited reasons"


async def test_force_ends_a_running_job_whatever_its_worker_does(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    assert await cancel.cancel(world, admin, job_id, reason="stuck", force=True)
    assert (await read(world, admin, job_id)).outcome is Outcome.CANCELED
    orders = await ping.orders(world, worker.id, {job_id: 1})
    assert orders[job_id].canceled_by is None, "the worker learns that it is no longer its"
    assert not (await finish.finish(world, report(job_id, 1))).accepted


async def test_canceling_what_is_over_changes_nothing(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    await finish.finish(world, report(job_id, 1))
    for force in (False, True):
        assert not await cancel.cancel(world, admin, job_id, reason=None, force=force)
    assert (await read(world, admin, job_id)).outcome is Outcome.SUCCESS


async def test_nobody_cancels_what_he_cannot_see(
    world: World, bob: Scope, push_preview: Pushing
) -> None:
    with pytest.raises(NotFound):
        await cancel.cancel(world, bob, await push_preview(), reason=None, force=True)


async def test_the_first_to_cancel_is_the_one_who_is_named(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    for reason in ("first", "second"):
        assert await cancel.cancel(world, admin, job_id, reason=reason, force=False)
    await finish.finish(world, report(job_id, 1))
    assert (await read(world, admin, job_id)).canceled_reason == "first"


async def test_a_job_handed_back_runs_again_and_the_attempt_does_not_count(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    assert await finish.hand_back(world, job_id, 1, worker_id=worker.id)
    assert not await finish.hand_back(world, job_id, 1, worker_id=worker.id)
    claimed = await claim_one(world, worker)
    log = await log_of(world, admin, job_id)
    assert (claimed.attempt, claimed.log_length) == (1, len(log))
    assert "worker is stopping" in log


async def test_a_job_handed_back_twice_is_not_taken_from_whoever_runs_it_next(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    assert await finish.hand_back(world, job_id, 1, worker_id=worker.id)
    other = worker_named("two", now=world.now())
    await ping.register(world, other)
    await claim_one(world, other)
    assert not await finish.hand_back(world, job_id, 1, worker_id=worker.id)
    assert await ping.held(world, other.id) == {job_id: 1}


async def test_a_job_that_is_canceled_and_handed_back_is_canceled(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    await cancel.cancel(world, admin, job_id, reason="enough", force=False)
    assert await finish.hand_back(world, job_id, 1, worker_id=worker.id)
    record = await read(world, admin, job_id)
    assert (record.outcome, record.canceled_reason) == (Outcome.CANCELED, "enough")


async def test_a_repeated_hand_back_does_not_take_the_job_from_its_next_claim(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview()
    first = await claim_one(world, worker)
    held = {"worker_id": worker.id, "started_at": first.started_at}
    assert await finish.hand_back(world, job_id, 1, **held)  # type: ignore[arg-type]
    clock.jump(1)
    assert (await claim_one(world, worker)).attempt == 1, "the number is given again"
    assert not await finish.hand_back(world, job_id, 1, **held)  # type: ignore[arg-type]
    assert (await read(world, admin, job_id)).state is JobState.RUNNING
    await cancel.cancel(world, admin, job_id, reason=None, force=False)
    assert not await finish.hand_back(world, job_id, 1, **held)  # type: ignore[arg-type]
    assert (await read(world, admin, job_id)).state is JobState.RUNNING


async def test_jobs_of_a_silent_worker_run_again_elsewhere(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    clock.jump(limits.WORKER_LEASE_S - 1)
    assert await rescue.rescue(world) == 0, "it may still come back"
    clock.jump(2)
    assert await rescue.rescue(world) == 1
    other = worker_named("two", now=world.now())
    await ping.register(world, other)
    assert (await claim_one(world, other)).attempt == 2
    assert not (await finish.finish(world, report(job_id, 1))).accepted, "the lost one came back"
    assert (await finish.finish(world, report(job_id, 2))).accepted
    assert "worker one fell silent; the job runs again" in await log_of(world, admin, job_id)


async def test_a_ping_keeps_a_workers_jobs(
    world: World, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    await push_preview()
    await claim_one(world, worker)
    clock.jump(limits.WORKER_LEASE_S)
    await ping.ping(world, worker, jobs_done=0, memory_kb=1)
    clock.jump(limits.WORKER_LEASE_S / 2)
    assert await rescue.rescue(world) == 0


async def test_a_worker_that_was_forgotten_is_alive_from_its_next_ping(
    world: World, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    clock.jump(limits.WORKER_ROW_S + 1)
    assert await rescue.forget(world) == 1
    assert await rescue.forget(world) == 0
    await ping.ping(world, worker, jobs_done=0, memory_kb=1)
    await push_preview()
    await claim_one(world, worker)
    assert await rescue.rescue(world) == 0


async def test_a_silent_worker_is_not_forgotten_while_it_holds_a_job(
    world: World, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    await push_preview()
    await claim_one(world, worker)
    clock.jump(limits.WORKER_ROW_S + 1)
    assert await rescue.forget(world) == 0


async def test_how_long_a_worker_may_be_silent_is_a_setting(
    world: World, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    await push_preview()
    await claim_one(world, worker)
    short = replace(world, lease_s=2.0)
    await ping.register(short, worker)
    clock.jump(3)
    assert await rescue.rescue(replace(world, lease_s=4.0)) == 0
    assert await rescue.rescue(short) == 1


async def test_a_worker_has_the_lease_it_was_started_with_whatever_a_scheduler_was_told(
    world: World, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    await push_preview()
    await claim_one(world, worker)
    hasty = replace(world, lease_s=2.0)
    clock.jump(world.lease_s - 1)
    assert await rescue.rescue(hasty) == 0
    clock.jump(2)
    assert await rescue.rescue(hasty) == 1


async def test_a_job_that_loses_every_worker_fails_with_a_name_for_it(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview()
    for attempt in (1, 2, 3):
        await ping.ping(world, worker, jobs_done=0, memory_kb=1)
        assert (await claim_one(world, worker)).attempt == attempt
        clock.jump(limits.WORKER_LEASE_S + 1)
        assert await rescue.rescue(world) == 1
    record = await read(world, admin, job_id)
    assert record.outcome is Outcome.FAILURE
    assert json.loads(record.result or "")["error"]["name"] == "WorkerLost"
    assert await claim(world, Ask(worker.id, worker.tags, 1)) == []


async def test_a_canceled_job_of_a_silent_worker_is_not_started_again(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    await cancel.cancel(world, admin, job_id, reason="enough", force=False)
    clock.jump(limits.WORKER_LEASE_S + 1)
    await rescue.rescue(world)
    assert (await read(world, admin, job_id)).outcome is Outcome.CANCELED


async def test_an_attempt_that_broke_in_its_cell_is_tried_again(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    claimed = await claim_one(world, worker)
    await rescue.lose(world, claimed, "the fork server died", worker="one")
    assert (await claim_one(world, worker)).attempt == 2
    assert "the fork server died; the job runs again" in await log_of(world, admin, job_id)


async def test_after_a_restart_what_ran_before_runs_again_at_once(
    world: World, worker: Worker, push_preview: Pushing
) -> None:
    await push_preview()
    await claim_one(world, worker)
    assert await rescue.rescue_after_restart(world) == 1
    newer = worker_named("two", now=world.now())
    await ping.register(world, newer)
    assert (await claim_one(world, newer)).attempt == 2


async def test_a_jobs_token_speaks_for_its_user_while_that_attempt_runs(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    token = job_token.issue(world.instance_key, job_id, 1)
    login = await authenticate(world, token)
    scope = await enter(world, login, "main")
    assert (scope.me, scope.identity.job_id) == (admin.me, job_id)
    with pytest.raises(Unauthenticated):
        await enter(world, login, "elsewhere")
    with pytest.raises(Unauthenticated):
        await authenticate(world, job_token.issue(world.instance_key, job_id, 2))
    with pytest.raises(Unauthenticated):
        await authenticate(world, job_token.issue(b"another instance", job_id, 1))
    await finish.finish(world, report(job_id, 1, Finished(Outcome.SUCCESS, "1")))
    with pytest.raises(Unauthenticated, match="ended"):
        await authenticate(world, token)
