"""What the queue can do beyond first come, first served."""

from __future__ import annotations

from uuid import UUID

from tests.sim.stage import Stage, preview
from windmill_lite.engine.rules import sweep
from windmill_lite.model.job import RunOptions
from windmill_lite.model.retry import Constant, RetryPolicy

TWICE = RetryPolicy(constant=Constant(attempts=2, seconds=3))


async def fail_and_be_tried_again(stage: Stage) -> None:
    one = await stage.claimed(retry=TWICE)
    stage.arm()
    await stage.finish(one, log="said\n", fails=True)


async def fail_and_take_the_next(stage: Stage) -> None:
    one = await stage.claimed(retry=TWICE)
    await stage.push()
    stage.arm()
    await stage.finish(one, log="said\n", fails=True, take=1)


async def fail_for_the_last_time(stage: Stage) -> None:
    one = await stage.claimed(retry=TWICE)
    for _ in range(2):
        await stage.finish(one, log="said\n", fails=True)
        stage.clock.jump(3.0)
        (one,) = await stage.claim()
    stage.arm()
    await stage.finish(one, log="said\n", fails=True)


async def fail_what_was_canceled(stage: Stage) -> None:
    one = await stage.claimed(retry=TWICE)
    await stage.cancel(one.job.id)
    stage.arm()
    await stage.finish(one, fails=True)


async def fail_what_runs_elsewhere(stage: Stage) -> None:
    one = await stage.claimed(retry=TWICE)
    await stage.lose(one)
    await stage.claim()
    again = stage.hands[one.job.id]
    stage.arm()
    settled = await stage.finish(one, fails=True)
    assert not settled.accepted, "a lost attempt was tried again"
    stage.hands[one.job.id] = again


async def cancel_what_waits_for_its_next_try(stage: Stage) -> None:
    one = await stage.claimed(retry=TWICE)
    await stage.finish(one, fails=True)
    stage.arm()
    await stage.cancel(one.job.id)


async def claim_the_next_try(stage: Stage) -> None:
    one = await stage.claimed(retry=TWICE)
    await stage.finish(one, fails=True)
    stage.clock.jump(3.0)
    stage.arm()
    await stage.claim()


async def push_with_a_key(stage: Stage) -> None:
    stage.arm()
    first = await stage.push(idempotency_key="one")
    again = UUID(int=99)
    stage.ledger.asked.add(again)
    options = RunOptions(job_id=again, idempotency_key="one")
    found = await stage.insist(lambda: preview(stage.world, options))
    assert found == first, "a request that was repeated is another job"


async def forget_old_keys(stage: Stage) -> None:
    await stage.push(idempotency_key="one")
    await stage.push(idempotency_key="two")
    stage.clock.jump(3 * 24 * 3600)
    stage.arm()
    while await stage.insist(lambda: sweep.sweep(stage.world)):
        continue
    await stage.push(idempotency_key="one")
