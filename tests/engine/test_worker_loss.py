"""What becomes of a job whose worker is lost: it runs again, a few times; or it fails at once."""

from __future__ import annotations

import json

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
from tests.engine.test_attempts import FAILED, ONCE_MORE, told
from tests.engine.test_queue import report
from windmill_lite.base.errors import Invalid
from windmill_lite.engine import finish, ping, push, rescue
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import Outcome, RunOptions
from windmill_lite.model.worker import Worker
from windmill_lite.store.people.scope import Scope

pytestmark = pytest.mark.usefixtures("shared_time")


async def test_a_job_at_most_once_fails_as_soon_as_its_worker_is_missed(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview(at_most_once=True)
    await claim_one(world, worker)
    clock.jump(limits.WORKER_LEASE_S + 1)
    assert await rescue.rescue(world) == 1
    record = await read(world, admin, job_id)
    assert (record.outcome, record.at_most_once) == (Outcome.FAILURE, True)
    assert json.loads(record.result or "") == {
        "error": {
            "name": "WorkerLost",
            "message": "the job did not come to its end: worker one fell silent; what it had done "
            "by then is not known, and as on_worker_loss is fail it is not started again",
        }
    }
    assert await told(world, admin, job_id) == [(1, "lost")]
    assert not (await finish.finish(world, report(job_id, 1))).accepted, "the lost one came back"


async def test_a_job_at_most_once_fails_when_the_appliance_starts_again(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    once, restarted = await push_preview(at_most_once=True), await push_preview()
    for _ in range(2):
        await claim_one(world, worker)
    assert await rescue.rescue_after_restart(world) == 2
    assert (await read(world, admin, once)).outcome is Outcome.FAILURE
    assert (await read(world, admin, restarted)).outcome is None


async def test_a_failure_of_a_job_at_most_once_is_tried_again_but_no_loss_is(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview(at_most_once=True, retry=ONCE_MORE)
    await claim_one(world, worker)
    await finish.finish(world, report(job_id, 1, FAILED))
    clock.jump(6)
    await rescue.lose(world, await claim_one(world, worker), "its cell broke", worker="one")
    assert (await read(world, admin, job_id)).outcome is Outcome.FAILURE
    assert await told(world, admin, job_id) == [(1, "failed"), (2, "lost")]


async def test_a_version_says_what_a_lost_worker_means_for_its_runs(
    world: World, admin: Scope, worker: Worker
) -> None:
    first = await deploy_script(world, admin, options={"on_worker_loss": "fail"})
    second = await deploy_script(
        world, admin, parent_hash=first, options={"on_worker_loss": "restart"}
    )
    for hash_, most in ((first, 1), (second, limits.JOB_ATTEMPTS_DEFAULT)):
        await push.run_hash(world, admin, hash_, args={"name": "x"}, options=RunOptions())
        assert (await claim_one(world, worker)).job.max_attempts == most
    stricter = RunOptions(at_most_once=True)
    await push.run_path(world, admin, "f/ops/hello", args={"name": "x"}, options=stricter)
    assert (await claim_one(world, worker)).job.max_attempts == 1


@pytest.mark.parametrize("word", ["never", 1, True, ["fail"]])
async def test_any_other_word_is_refused(world: World, admin: Scope, word: object) -> None:
    with pytest.raises(Invalid, match="on_worker_loss must be restart or fail"):
        await deploy_script(world, admin, options={"on_worker_loss": word})


async def test_a_job_that_takes_its_workers_down_does_not_walk_through_the_fleet(
    world: World, admin: Scope, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview()
    names = [f"w{number}" for number in range(limits.JOB_ATTEMPTS_DEFAULT + 2)]
    fallen = []
    for name in names:
        worker = worker_named(name, now=world.now())
        await ping.register(world, worker)
        if await claim(world, Ask(worker.id, worker.tags, 1)):
            fallen.append(name)
        clock.jump(limits.WORKER_LEASE_S + 1)
        await rescue.rescue(world)
    assert fallen == names[: limits.JOB_ATTEMPTS_DEFAULT]
    assert (await read(world, admin, job_id)).outcome is Outcome.FAILURE
    log = await log_of(world, admin, job_id)
    assert all(f"worker {name} fell silent" in log for name in fallen)
