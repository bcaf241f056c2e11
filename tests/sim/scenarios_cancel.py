"""Ending jobs from outside, wherever they are."""

from __future__ import annotations

from tests.sim.stage import Stage


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
