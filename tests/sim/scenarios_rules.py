"""What the queue can do beyond first come, first served."""

from __future__ import annotations

from uuid import UUID

from tests.sim.scenarios_push import PATH, by_path, inhabited
from tests.sim.stage import ADA, Stage, preview, silence
from windmill_lite.base.codec import Json
from windmill_lite.engine import deploy, rescue
from windmill_lite.engine.rules import sweep, wake
from windmill_lite.model.job import RunOptions
from windmill_lite.model.retry import Constant, RetryPolicy
from windmill_lite.model.script import NewScript

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


async def ruled(stage: Stage, **options: Json) -> None:
    """A script under PATH whose version says something about the queue."""
    await inhabited(stage)
    new = NewScript(PATH, "def main(name: str): return name", "python3", options=options)
    await deploy.create_script(stage.world, ADA, new)
    await stage.appear()


async def crowded(stage: Stage) -> None:
    """Three jobs of a key that lets one of them run."""
    await ruled(stage, concurrent_limit=1)
    for _ in range(3):
        await stage.push(by_path)


async def full(stage: Stage) -> UUID:
    """The job that runs; two more of its key are blocked."""
    await crowded(stage)
    (one,) = await stage.claim(wanted=3)
    return one.job.id


async def claim_of_a_full_key(stage: Stage) -> None:
    await crowded(stage)
    stage.arm()
    claimed = await stage.claim(wanted=3)
    assert len(claimed) == 1, "a full key lets jobs start"


async def push_behind_a_full_key(stage: Stage) -> None:
    await full(stage)
    stage.arm()
    await stage.push(by_path)


async def finish_and_make_room(stage: Stage) -> None:
    running = await full(stage)
    stage.arm()
    await stage.finish(stage.hands[running], take=1)


async def fail_and_make_room(stage: Stage) -> None:
    await ruled(stage, concurrent_limit=1)
    for _ in range(2):
        await stage.push(by_path, retry=TWICE)
    (one,) = await stage.claim(wanted=2)
    stage.arm()
    await stage.finish(one, fails=True)


async def cancel_by_force_and_make_room(stage: Stage) -> None:
    running = await full(stage)
    stage.arm()
    await stage.cancel(running, force=True)


async def cancel_what_is_blocked(stage: Stage) -> None:
    await full(stage)
    blocked = max(stage.ledger.pushed)
    stage.arm()
    await stage.cancel(blocked)


async def hand_back_and_make_room(stage: Stage) -> None:
    running = await full(stage)
    stage.arm()
    await stage.hand_back(stage.hands[running])


async def lose_and_make_room(stage: Stage) -> None:
    running = await full(stage)
    stage.arm()
    await stage.lose(stage.hands[running])


async def rescue_and_make_room(stage: Stage) -> None:
    await full(stage)
    await silence(stage)
    stage.arm()
    await stage.insist(lambda: rescue.rescue(stage.world))


async def wait_for_a_window(stage: Stage) -> None:
    await ruled(stage, concurrent_limit=1, concurrency_time_window_s=5)
    for _ in range(2):
        await stage.push(by_path)
    (one,) = await stage.claim(wanted=2)
    await stage.finish(one)
    stage.clock.jump(6.0)
    stage.arm()
    await stage.insist(lambda: wake.wake(stage.world))
    await stage.claim()


async def push_the_newer_of_two(stage: Stage) -> None:
    await ruled(stage, debounce_delay_s=3)
    await stage.push(by_path)
    stage.arm()
    await stage.push(by_path)


async def push_what_was_answered(stage: Stage) -> None:
    await ruled(stage, cache_ttl=60)
    await stage.push(by_path)
    (one,) = await stage.claim()
    await stage.finish(one)
    stage.arm()
    await stage.push(by_path)


async def finish_what_answers_others(stage: Stage) -> None:
    await ruled(stage, cache_ttl=60)
    await stage.push(by_path)
    (one,) = await stage.claim()
    stage.arm()
    await stage.finish(one)
    await stage.push(by_path)


async def delete_what_was_kept_long_enough(stage: Stage) -> None:
    await ruled(stage, delete_after_secs=10)
    await stage.push(by_path)
    (one,) = await stage.claim()
    await stage.finish(one, log="said\n")
    stage.clock.jump(11.0)
    stage.arm()
    await stage.insist(lambda: sweep.sweep(stage.world))
