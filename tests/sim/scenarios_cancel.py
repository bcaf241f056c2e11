"""Ending jobs from outside, wherever they are."""

from __future__ import annotations

from unittest.mock import patch

from tests.sim.stage import Stage
from windmill_lite.engine.rules.sweep import end_trees
from windmill_lite.model import limits


async def cancel_a_queued_job(stage: Stage) -> None:
    job_id = await stage.push()
    stage.arm()
    await stage.cancel(job_id)


async def cancel_a_running_job(stage: Stage) -> None:
    one = await stage.claimed()
    stage.arm()
    await stage.cancel(one.job.id)


async def cancel_a_job_twice(stage: Stage) -> None:
    one = await stage.claimed()
    stage.arm()
    await stage.cancel(one.job.id)
    await stage.cancel(one.job.id)


async def cancel_and_claim(stage: Stage) -> None:
    await stage.appear()
    first, _ = await stage.push(), await stage.push()
    stage.arm()
    await stage.cancel(first)
    await stage.claim(wanted=2)


async def cancel_what_waits_for_its_time(stage: Stage) -> None:
    job_id = await stage.push(scheduled_for=stage.world.now() + 5_000_000)
    stage.arm()
    await stage.cancel(job_id)


async def cancel_by_force_what_runs(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.say(one, "began\n")
    stage.arm()
    await stage.cancel(one.job.id, force=True)
    settled = await stage.finish(one, log="too late\n")
    assert not settled.accepted, "a job ended by force was finished"


async def cancel_by_force_what_is_queued(stage: Stage) -> None:
    job_id = await stage.push()
    stage.arm()
    await stage.cancel(job_id, force=True)


async def cancel_gently_then_by_force(stage: Stage) -> None:
    one = await stage.claimed()
    stage.arm()
    await stage.cancel(one.job.id)
    await stage.cancel(one.job.id, force=True)


async def cancel_what_has_completed(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.finish(one)
    stage.arm()
    assert not await stage.cancel(one.job.id), "a completed job was canceled"
    assert not await stage.cancel(one.job.id, force=True), "a completed job was canceled"


async def cancel_a_tree(stage: Stage) -> None:
    top = (await stage.claimed()).job.id
    child = await stage.push(parent_id=top)
    await stage.claim()
    await stage.push(parent_id=child)
    await stage.push(parent_id=child, scheduled_for=stage.world.now() + 5_000_000)
    stage.arm()
    await stage.cancel(top)


async def cancel_a_tree_by_force(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.push(parent_id=one.job.id)
    await stage.claim()
    await stage.push(parent_id=one.job.id)
    stage.arm()
    await stage.cancel(one.job.id, force=True)


async def cancel_a_tree_in_several_steps(stage: Stage) -> None:
    top = await stage.push()
    for _ in range(4):
        await stage.push(parent_id=top)
    stage.arm()
    with patch.object(limits, "CANCEL_BATCH", 2):
        await stage.cancel(top)
        await stage.insist(lambda: end_trees(stage.world))


async def push_below_what_was_canceled(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.cancel(one.job.id)
    stage.arm()
    child = await stage.push(parent_id=one.job.id)
    await stage.push(parent_id=child)


async def push_a_child_and_cancel(stage: Stage) -> None:
    one = await stage.claimed()
    stage.arm()
    await stage.push(parent_id=one.job.id)
    await stage.cancel(one.job.id)
