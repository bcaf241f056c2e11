"""Every start of a job is told, with the worker and why it ended; a job that succeeds at once costs
nothing for it."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.engine.conftest import JumpingClock, Pushing, claim_one, worker_named
from tests.engine.test_queue import report
from windmill_lite.engine import cancel, finish, ping, rescue
from windmill_lite.engine.keeping import prune
from windmill_lite.engine.rules.sweep import forget_read
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.attempt import Attempt
from windmill_lite.model.job import Finished, Outcome
from windmill_lite.model.retry import Constant, RetryPolicy
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.sqlfile import parse
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope

pytestmark = pytest.mark.usefixtures("shared_time")

FAILED = Finished(Outcome.FAILURE, '{"error": {"name": "ValueError", "message": "no luck"}}')
ONCE_MORE = RetryPolicy(constant=Constant(1, 5))
Q = parse("-- name: all\nselect count(*) as many from job_attempt\n", "here")


async def attempts_of(world: World, scope: Scope, job_id: UUID) -> list[Attempt]:
    async with world.db.view(snapshot=True) as view:
        found = await jobs.attempts(view, scope, job_id)
    assert found is not None, "the job is not there"
    return found


async def remembered(world: World) -> int:
    async with world.db.view() as view:
        row = await view.one(Q["all"])
    assert row is not None
    return int(row["many"])


async def told(world: World, scope: Scope, job_id: UUID) -> list[tuple[int, str | None]]:
    return [(each.number, each.ended) for each in await attempts_of(world, scope, job_id)]


async def test_a_job_that_succeeds_at_once_has_one_attempt_and_no_row_for_it(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview()
    assert await attempts_of(world, admin, job_id) == []
    began = world.now()
    await claim_one(world, worker)
    assert await attempts_of(world, admin, job_id) == [Attempt(1, "one", began)]
    clock.jump(3)
    await finish.finish(world, report(job_id, 1))
    (only,) = await attempts_of(world, admin, job_id)
    assert only == Attempt(1, "one", began, world.now(), "success")
    assert await remembered(world) == 0


async def test_a_lost_attempt_is_told_with_its_worker_and_the_reason(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview()
    began = world.now()
    await claim_one(world, worker)
    clock.jump(limits.WORKER_LEASE_S + 1)
    await rescue.rescue(world)
    lost_at = world.now()
    other = worker_named("two", now=lost_at)
    await ping.register(world, other)
    await claim_one(world, other)
    first, second = await attempts_of(world, admin, job_id)
    assert first == Attempt(1, "one", began, lost_at, "lost", "worker one fell silent")
    assert second == Attempt(2, "two", lost_at)


async def test_a_failed_try_is_told_with_what_it_said(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview(retry=ONCE_MORE)
    await claim_one(world, worker)
    await finish.finish(world, report(job_id, 1, FAILED))
    (first,) = await attempts_of(world, admin, job_id)
    assert (first.ended, first.reason) == ("failed", "try 1 of 2 failed: ValueError: no luck")
    clock.jump(6)
    await claim_one(world, worker)
    await finish.finish(world, report(job_id, 2, FAILED))
    assert await told(world, admin, job_id) == [(1, "failed"), (2, "failure")]


async def test_an_attempt_handed_back_is_told_though_its_number_is_given_again(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    one = await claim_one(world, worker)
    await finish.hand_back(world, job_id, 1, worker_id=worker.id, started_at=one.started_at)
    await claim_one(world, worker)
    first, second = await attempts_of(world, admin, job_id)
    assert (first.number, first.worker, first.ended) == (1, "one", "handed_back")
    assert first.reason == "its worker is stopping"
    assert (second.number, second.ended) == (1, None)


async def test_the_attempt_a_job_was_given_up_after_is_told_once(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    for _ in range(limits.JOB_ATTEMPTS_DEFAULT):
        await rescue.lose(world, await claim_one(world, worker), "its cell broke", worker="one")
    assert await told(world, admin, job_id) == [(1, "lost"), (2, "lost"), (3, "lost")]


async def test_a_cancellation_between_two_tries_leaves_the_first_one_told(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview(retry=ONCE_MORE)
    await claim_one(world, worker)
    await finish.finish(world, report(job_id, 1, FAILED))
    await cancel.cancel(world, admin, job_id, reason=None, force=False)
    assert await told(world, admin, job_id) == [(1, "failed")]


async def test_nobody_is_told_of_what_he_cannot_see(
    world: World, bob: Scope, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    async with world.db.view() as view:
        assert await jobs.attempts(view, bob, job_id) is None


async def test_attempts_go_with_their_job(
    world: World, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview(retry=ONCE_MORE)
    await claim_one(world, worker)
    await finish.finish(world, report(job_id, 1, FAILED))
    clock.jump(6)
    await claim_one(world, worker)
    await finish.finish(world, report(job_id, 2))
    assert await remembered(world) == 1
    clock.jump((limits.RETENTION_DAYS_DEFAULT + 1) * 24 * 3600)
    assert [removed.jobs async for removed in prune.old_runs(world, prune.Progress())] == [1]
    assert await remembered(world) == 0


async def test_what_a_failure_said_goes_with_the_result_that_was_to_be_read_once(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview(retry=ONCE_MORE)
    await claim_one(world, worker)
    await finish.finish(world, report(job_id, 1, FAILED))
    clock.jump(6)
    await claim_one(world, worker)
    await finish.finish(world, report(job_id, 2))
    await forget_read(world, job_id)
    first, _ = await attempts_of(world, admin, job_id)
    assert (first.ended, first.reason) == ("failed", None)
