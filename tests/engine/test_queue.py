"""Push, claim, finish: a job is asked once, run by one, ended once."""

from __future__ import annotations

import asyncio
import json
import random
from uuid import uuid4

import pytest

from tests.engine.conftest import (
    JumpingClock,
    Pushing,
    claim_one,
    deploy_script,
    log_of,
    read,
    worker_named,
)
from windmill_lite.base.errors import AlreadyExists, Busy, Denied, Invalid, NotFound
from windmill_lite.core.jobs.order import order
from windmill_lite.engine import finish, logbook, push, watch
from windmill_lite.engine.claim import Ask, claim, next_due_s
from windmill_lite.engine.finish import Report
from windmill_lite.engine.ping import register
from windmill_lite.engine.world import World
from windmill_lite.model.identity import Identity
from windmill_lite.model.job import Finished, JobState, Outcome, RunOptions
from windmill_lite.model.worker import Worker
from windmill_lite.store.people.scope import Scope

DONE = Finished(Outcome.SUCCESS, '{"ok": true}', memory_peak_kb=7, cpu_ms=3, sandbox="namespaces")


def report(job_id: object, attempt: int, finished: Finished = DONE, **more: object) -> Report:
    return Report(job_id, attempt, "one", finished, **more)  # type: ignore[arg-type]


async def test_a_pushed_job_waits_until_it_is_claimed_and_then_ends_with_its_result(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    assert (await read(world, admin, job_id)).state is JobState.QUEUED
    claimed = await claim_one(world, worker)
    assert (claimed.job.id, claimed.attempt, claimed.code) == (job_id, 1, "def main(): pass")
    assert json.loads(claimed.job.args) == {"x": 1}
    assert (await read(world, admin, job_id)).worker == "one"
    settled = await finish.finish(world, report(job_id, 1, log="hi\n"))
    assert settled.accepted
    record = await read(world, admin, job_id)
    assert record.outcome is Outcome.SUCCESS
    assert record.result == '{"ok": true}'
    assert (record.worker, record.sandbox, record.memory_peak_kb) == ("one", "namespaces", 7)
    assert record.cpu_ms == 3
    assert await log_of(world, admin, job_id) == "hi\n"


async def test_a_report_of_another_attempt_changes_nothing(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    late = await finish.finish(world, report(job_id, 2, log="nonsense"))
    assert not late.accepted
    assert (await read(world, admin, job_id)).state is JobState.RUNNING
    assert await log_of(world, admin, job_id) == ""


async def test_a_second_report_of_the_same_attempt_is_refused_and_the_first_stays(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    assert (await finish.finish(world, report(job_id, 1))).accepted
    again = report(job_id, 1, Finished(Outcome.FAILURE, '{"error": {}}'))
    assert not (await finish.finish(world, again)).accepted
    assert (await read(world, admin, job_id)).outcome is Outcome.SUCCESS


async def test_a_finish_brings_the_next_job_along(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    await push_preview()
    first = (await claim_one(world, worker)).job.id
    second = await push_preview()
    settled = await finish.finish(world, report(first, 1), Ask(worker.id, worker.tags, 1))
    assert [found.job.id for found in settled.next] == [second]
    assert (await read(world, admin, second)).state is JobState.RUNNING


async def test_no_job_is_claimed_twice_however_many_workers_ask_at_once(
    world: World, push_preview: Pushing
) -> None:
    pushed = {await push_preview() for _ in range(12)}
    workers = [worker_named(f"w{n}", now=world.now()) for n in range(6)]
    for worker in workers:
        await register(world, worker)
    asked = [claim(world, Ask(worker.id, worker.tags, 3)) for worker in workers]
    claimed = [found.job.id for claims in await asyncio.gather(*asked) for found in claims]
    assert len(claimed) == len(set(claimed))
    while rest := await claim(world, Ask(workers[0].id, workers[0].tags, 5)):
        claimed += [found.job.id for found in rest]
    assert set(claimed) == pushed


async def test_jobs_are_claimed_in_the_order_that_the_specification_gives(
    world: World, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    dice = random.Random(7)  # noqa: S311  a fixed seed, on purpose
    tags = ("python3", "gpu", "big")
    for _ in range(40):
        at = world.now() - dice.randrange(5) * 1_000_000
        await push_preview(tag=dice.choice(tags), scheduled_for=at)
    claimed = []
    while found := await claim(world, Ask(worker.id, tags, 1)):
        claimed += [one.job for one in found]
    assert claimed == sorted(claimed, key=lambda job: order(job, after=""))
    assert len(claimed) == 40


async def test_a_worker_gets_only_jobs_of_its_tags(
    world: World, worker: Worker, push_preview: Pushing
) -> None:
    await push_preview(tag="gpu")
    assert await claim(world, Ask(worker.id, ("python3",), 5)) == []


async def test_a_run_may_choose_its_tag_by_an_argument(
    world: World, worker: Worker, admin: Scope
) -> None:
    await deploy_script(world, admin, tag="$workspace-$args[name]")
    args = {"name": "gpu"}
    wanted = await push.run_path(world, admin, "f/ops/hello", args=args, options=RunOptions())
    [found] = await claim(world, Ask(worker.id, ("main-gpu",), 5))
    assert found.job.id == wanted


async def test_a_delayed_job_is_claimed_when_its_time_has_come(
    world: World, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    await push_preview(scheduled_for=world.now() + 30_000_000)
    assert await claim(world, Ask(worker.id, worker.tags, 1)) == []
    assert await next_due_s(world, at_most=60.0) == pytest.approx(30.0)
    clock.jump(30)
    await claim_one(world, worker)


async def test_a_client_may_choose_the_id_but_not_one_that_exists(
    world: World, push_preview: Pushing
) -> None:
    chosen = uuid4()
    assert await push_preview(job_id=chosen) == chosen
    with pytest.raises(AlreadyExists, match=str(chosen)):
        await push_preview(job_id=chosen)


async def test_a_parent_must_be_a_job_of_the_workspace(push_preview: Pushing) -> None:
    with pytest.raises(Invalid, match="parent_job"):
        await push_preview(parent_id=uuid4())


async def test_a_queue_limit_refuses_when_too_many_wait(push_preview: Pushing) -> None:
    await push_preview(queue_limit=0)
    with pytest.raises(Busy, match="more than 0 jobs"):
        await push_preview(queue_limit=0)


async def test_an_operator_runs_what_is_deployed_but_not_code_of_his_own(
    world: World, admin: Scope, push_preview: Pushing
) -> None:
    await deploy_script(world, admin)
    operator = Scope(Identity("main", "otto", "otto@here.test", operator=True))
    await push.run_path(world, operator, "f/ops/hello", args={"name": "a"}, options=RunOptions())
    with pytest.raises(Denied, match="operator"):
        await push_preview(operator)


async def test_arguments_are_checked_and_the_field_is_named(world: World, admin: Scope) -> None:
    await deploy_script(world, admin)
    with pytest.raises(Invalid, match="count") as caught:
        await push.run_path(
            world,
            admin,
            "f/ops/hello",
            args={"name": "a", "count": "many"},
            options=RunOptions(),
        )
    assert caught.value.field == "count"
    with pytest.raises(Invalid, match="name"):
        await push.run_path(world, admin, "f/ops/hello", args={}, options=RunOptions())


async def test_a_path_that_is_not_there_says_so(world: World, admin: Scope) -> None:
    with pytest.raises(NotFound, match="f/none/x"):
        await push.run_path(world, admin, "f/none/x", args={}, options=RunOptions())


async def test_somebody_elses_path_looks_as_if_it_were_not_there(
    world: World, admin: Scope, bob: Scope
) -> None:
    await deploy_script(world, admin, "u/ada/private")
    with pytest.raises(NotFound):
        await push.run_path(world, bob, "u/ada/private", args={"name": "a"}, options=RunOptions())


async def test_waiting_ends_as_soon_as_the_job_has(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    waiting = asyncio.create_task(watch.wait(world, admin, job_id, 30.0))
    await claim_one(world, worker)
    await finish.finish(world, report(job_id, 1))
    record = await asyncio.wait_for(waiting, 25)
    assert record is not None
    assert record.result == '{"ok": true}'


async def test_waiting_gives_up_after_its_time(
    world: World, admin: Scope, push_preview: Pushing
) -> None:
    assert await watch.wait(world, admin, await push_preview(), 0.0) is None


async def test_the_log_grows_only_for_the_attempt_that_runs(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    assert await logbook.append(world, job_id, 1, start=0, chunk="one ")
    assert not await logbook.append(world, job_id, 2, start=4, chunk="forged")
    assert await logbook.append(world, job_id, 1, start=4, chunk="two")
    assert not await logbook.append(world, job_id, 1, start=4, chunk="two"), "once is enough"
    assert await log_of(world, admin, job_id) == "one two"


async def test_a_strangers_job_is_not_there_for_those_who_may_not_see_it(
    world: World, bob: Scope, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    with pytest.raises(NotFound):
        await watch.wait(world, bob, job_id, 0.0)
