"""Results that answer the same question again, and results that go."""

from __future__ import annotations

import json
from uuid import UUID

import pytest

from tests.engine.conftest import JumpingClock, claim_one, deploy_script, log_of, read
from tests.engine.test_queue import DONE, report
from tests.engine.test_retries import FAILED
from windmill_lite.engine import finish, push, watch
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.rules.sweep import forget_read, sweep
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import Finished, JobState, Outcome, Preview, RunOptions
from windmill_lite.model.page import JobFilter, Page
from windmill_lite.model.worker import Worker
from windmill_lite.store.machine import answers
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope

PATH = "f/ops/hello"


async def run(
    world: World, scope: Scope, args: dict[str, object] | None = None, **options: object
) -> UUID:
    return await push.run_path(
        world,
        scope,
        PATH,
        args=args or {"name": "x", "count": 1},
        options=RunOptions(**options),  # type: ignore[arg-type]
    )


async def work(world: World, worker: Worker, finished: Finished = DONE, *, log: str = "") -> UUID:
    claimed = await claim_one(world, worker)
    told = report(claimed.job.id, claimed.attempt, finished, log=log)
    assert (await finish.finish(world, told)).accepted
    return claimed.job.id


async def test_the_same_question_is_answered_without_running(
    world: World, admin: Scope, worker: Worker
) -> None:
    await deploy_script(world, admin, options={"cache_ttl": 60})
    await run(world, admin)
    first = await work(world, worker)
    second = await run(world, admin, {"count": 1, "name": "x"})
    record = await read(world, admin, second)
    assert (record.state, record.outcome) == (JobState.COMPLETED, Outcome.SUCCESS)
    assert (record.result, record.cached_from, record.attempt) == (DONE.result, first, 0)
    assert json.loads(record.args or "") == {"name": "x", "count": 1}
    assert await claim(world, Ask(worker.id, worker.tags, 1)) == []
    waited = await watch.wait(world, admin, second, 0.0)
    assert waited is not None
    assert waited.result == DONE.result


async def test_other_arguments_other_versions_and_other_people_are_other_questions(
    world: World, admin: Scope, bob: Scope, worker: Worker
) -> None:
    await deploy_script(world, admin, options={"cache_ttl": 60})
    await run(world, admin)
    await work(world, worker)
    for who, args in ((admin, {"name": "y", "count": 1}), (bob, None)):
        job = await run(world, who, args)
        assert (await read(world, admin, job)).state is JobState.QUEUED
        await work(world, worker)
    await deploy_script(world, admin, options={"cache_ttl": 60}, summary="2", auto_parent=True)
    assert (await read(world, admin, await run(world, admin))).state is JobState.QUEUED


async def test_an_answer_is_good_for_its_time_and_then_forgotten(
    world: World, admin: Scope, worker: Worker, clock: JumpingClock
) -> None:
    await deploy_script(world, admin, options={"cache_ttl": 59.5})
    await run(world, admin)
    await work(world, worker)
    clock.jump(59)
    await sweep(world)
    assert (await read(world, admin, await run(world, admin))).completed
    clock.jump(1)
    assert not (await read(world, admin, await run(world, admin))).completed
    await sweep(world)
    async with world.db.view() as view:
        assert not await answers.any_expired(view, now=world.now())


@pytest.mark.parametrize("outcome", ["failure", "canceled"])
async def test_only_a_success_is_an_answer(
    world: World, admin: Scope, worker: Worker, outcome: str
) -> None:
    await deploy_script(world, admin, options={"cache_ttl": 60})
    await run(world, admin)
    ended = FAILED if outcome == "failure" else Finished(Outcome.CANCELED, '{"error": {}}')
    await work(world, worker, ended)
    assert not (await read(world, admin, await run(world, admin))).completed


async def test_a_run_asks_for_the_cache_itself_or_declines_it(
    world: World, admin: Scope, worker: Worker
) -> None:
    await deploy_script(world, admin)
    await run(world, admin, cache_ttl_s=60)
    await work(world, worker)
    assert (await read(world, admin, await run(world, admin, cache_ttl_s=60))).completed
    assert not (await read(world, admin, await run(world, admin))).completed
    await work(world, worker)
    await deploy_script(world, admin, options={"cache_ttl": 60}, summary="2", auto_parent=True)
    await run(world, admin)
    await work(world, worker)
    assert not (await read(world, admin, await run(world, admin, cache_ttl_s=0))).completed


async def test_a_preview_is_answered_by_the_same_code(
    world: World, admin: Scope, worker: Worker
) -> None:
    async def preview(code: str) -> UUID:
        options = RunOptions(cache_ttl_s=60)
        return await push.run_preview(
            world, admin, Preview(code, "python3"), args={}, options=options
        )

    await preview("def main(): return 1")
    await work(world, worker)
    assert (await read(world, admin, await preview("def main(): return 1"))).completed
    assert not (await read(world, admin, await preview("def main(): return 2"))).completed


async def test_what_is_to_run_later_is_not_answered_today(
    world: World, admin: Scope, worker: Worker, clock: JumpingClock
) -> None:
    await deploy_script(world, admin, options={"cache_ttl": 600})
    await run(world, admin)
    await work(world, worker)
    later = await run(world, admin, scheduled_for=world.now() + 5_000_000)
    assert (await read(world, admin, later)).state is JobState.DELAYED


async def test_an_answer_that_is_repeated_by_key_is_the_same_job(
    world: World, admin: Scope, worker: Worker
) -> None:
    await deploy_script(world, admin, options={"cache_ttl": 60})
    await run(world, admin)
    await work(world, worker)
    first = await run(world, admin, idempotency_key="k")
    assert await run(world, admin, idempotency_key="k") == first


async def test_what_a_job_carried_goes_after_the_time_its_script_gives_it(
    world: World, admin: Scope, worker: Worker, clock: JumpingClock
) -> None:
    await deploy_script(world, admin, options={"delete_after_secs": 30, "cache_ttl": 600})
    await run(world, admin)
    job = await work(world, worker, log="secret\n")
    clock.jump(29)
    await sweep(world)
    assert (await read(world, admin, job)).result == DONE.result
    clock.jump(1)
    await sweep(world)
    record = await read(world, admin, job)
    assert (record.deleted, record.outcome) == (True, Outcome.SUCCESS)
    assert (record.result, record.args, await log_of(world, admin, job)) == ("null", "{}", "")
    again = await read(world, admin, await run(world, admin))
    assert not again.completed, "a result that is gone answers nothing"


@pytest.mark.parametrize("options", [{"delete_after_secs": 0}, {"delete_after_use": True}])
async def test_what_is_to_be_read_once_waits_a_little_for_its_reader(
    world: World, admin: Scope, worker: Worker, clock: JumpingClock, options: dict[str, object]
) -> None:
    await deploy_script(world, admin, options=options)
    read_job, unread = await run(world, admin), await run(world, admin)
    for _ in range(2):
        await work(world, worker)
    await sweep(world)
    assert (await read(world, admin, read_job)).delete_after_s == 0
    await forget_read(world, read_job)
    assert (await read(world, admin, read_job)).deleted
    assert (await read(world, admin, unread)).result == DONE.result
    clock.jump(limits.DELETE_GRACE_S)
    await sweep(world)
    assert (await read(world, admin, unread)).deleted


async def test_priority_comes_from_the_script_unless_the_run_says_otherwise(
    world: World, admin: Scope, worker: Worker
) -> None:
    await deploy_script(world, admin, options={"priority": 5})
    first, second = await run(world, admin, priority=0), await run(world, admin)
    third = await run(world, admin, priority=100)
    claimed = await claim(world, Ask(worker.id, worker.tags, 3))
    assert [each.job.id for each in claimed] == [third, second, first]


async def test_labels_come_with_an_answer_and_go_with_a_result(
    world: World, admin: Scope, worker: Worker
) -> None:
    async def labelled() -> set[UUID]:
        async with world.db.view() as view:
            found = await jobs.list_jobs(view, admin, JobFilter(label="red"), Page())
        return {job.id for job in found}

    await deploy_script(world, admin, options={"cache_ttl": 600})
    await run(world, admin)
    first = await work(world, worker, DONE._replace(labels=("red",)))
    second = await run(world, admin)
    assert await labelled() == {first, second}
    await forget_read(world, first)
    assert await labelled() == {second}
