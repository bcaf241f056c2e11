"""Attempts that do not come to their end, and workers that come and go."""

from __future__ import annotations

from tests.sim.stage import Stage, silence
from windmill_lite.engine import finish, ping, rescue


async def hand_back(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.say(one, "began\n")
    stage.arm()
    await stage.hand_back(one)


async def hand_back_what_was_canceled(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.cancel(one.job.id)
    stage.arm()
    await stage.hand_back(one)


async def hand_back_and_claim_again(stage: Stage) -> None:
    one = await stage.claimed()
    stage.arm()
    await stage.hand_back(one)
    await stage.claim()


async def hand_back_what_runs_elsewhere(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.hand_back(one)
    first, stage.worker = stage.worker, stage.new_worker(2)
    await stage.appear()
    await stage.claim()
    assert stage.hands[one.job.id].attempt == one.attempt, "the attempt that was returned counts"
    stage.arm()
    returned = await stage.insist(
        lambda: finish.hand_back(stage.world, one.job.id, one.attempt, worker_id=first.id)
    )
    assert not returned, "a job was taken from the worker that runs it"


async def hand_back_what_was_claimed_again(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.hand_back(one)
    stage.clock.jump(1.0)
    (again,) = await stage.claim()
    assert again.attempt == one.attempt, "the attempt that was returned counts"
    stage.arm()
    assert not await stage.hand_back(one), "a job was returned that runs again"


async def lose_an_attempt(stage: Stage) -> None:
    one = await stage.claimed()
    stage.arm()
    await stage.lose(one)


async def lose_the_last_attempt(stage: Stage) -> None:
    one = await stage.claimed()
    for _ in range(one.job.max_attempts - 1):
        await stage.lose(stage.hands[one.job.id])
        await stage.claim()
    stage.arm()
    await stage.lose(stage.hands[one.job.id])


async def lose_what_is_started_once(stage: Stage) -> None:
    one = await stage.claimed(at_most_once=True)
    stage.arm()
    await stage.lose(one)


async def rescue_what_is_started_once(stage: Stage) -> None:
    one = await stage.claimed(at_most_once=True)
    await stage.say(one, "began\n")
    await silence(stage)
    stage.arm()
    await _rescued(stage)


async def lose_what_was_canceled(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.cancel(one.job.id)
    stage.arm()
    await stage.lose(one)


async def rescue_one(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.say(one, "began\n")
    await silence(stage)
    stage.arm()
    await _rescued(stage)


async def rescue_several_of_each_kind(stage: Stage) -> None:
    first = await stage.claimed()
    for _ in range(first.job.max_attempts - 1):
        await stage.lose(stage.hands[first.job.id])
        await stage.claim()
    for _ in range(2):
        await stage.push()
    await stage.claim(wanted=2)
    canceled = max(stage.hands)
    await stage.cancel(canceled)
    await silence(stage)
    stage.arm()
    await _rescued(stage)


async def rescue_nothing(stage: Stage) -> None:
    await stage.claimed()
    stage.arm()
    await stage.insist(lambda: rescue.rescue(stage.world))


async def rescue_after_a_restart(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.say(one, "began\n")
    await stage.push()
    await stage.claim()
    stage.hands.clear()
    stage.arm()
    await stage.insist(lambda: rescue.rescue_after_restart(stage.world))


async def rescue_from_the_dead(stage: Stage) -> None:
    """What it ran runs again; what another one runs does not notice."""
    for _ in range(3):
        await stage.push()
    await stage.claim(wanted=2)
    await stage.cancel(min(stage.hands))
    mine, dead = dict(stage.hands), stage.worker
    stage.worker = stage.new_worker(2)
    await stage.appear()
    (other,) = await stage.claim()
    for job_id in mine:
        del stage.hands[job_id]
    stage.arm()
    await stage.insist(lambda: rescue.rescue_from_dead(stage.world, dead.id))
    await stage.finish(other)


async def appear_and_leave(stage: Stage) -> None:
    stage.arm()
    await stage.insist(lambda: ping.register(stage.world, stage.new_worker(7)))
    await stage.appear()
    await stage.insist(lambda: ping.leave(stage.world, stage.worker.id))


async def forget_the_silent(stage: Stage) -> None:
    await stage.claimed()
    await ping.register(stage.world, stage.new_worker(7))
    stage.clock.jump(30 * 24 * 3600)
    stage.arm()
    await stage.insist(lambda: rescue.forget(stage.world))
    stage.hands.clear()


async def obey_orders(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.cancel(one.job.id)
    running = {one.job.id: one.attempt}
    stage.arm()
    orders = await stage.insist(lambda: ping.orders(stage.world, stage.worker.id, running))
    assert orders.keys() == running.keys(), "a worker was not told to stop"
    await stage.finish(one)


async def a_life_with_everything(stage: Stage) -> None:
    stage.arm()
    await stage.appear()
    job_id = await stage.push()
    await stage.push()
    await stage.claim()
    await stage.say(stage.hands[job_id], "began\n")
    await stage.lose(stage.hands[job_id])
    await stage.claim()
    again = stage.hands[job_id]
    await stage.finish(again, log="done\n", take=1)


async def _rescued(stage: Stage) -> None:
    while await stage.insist(lambda: rescue.rescue(stage.world)):
        continue


async def change_workers_in_the_middle(stage: Stage) -> None:
    await stage.push()
    await stage.push()
    stage.arm()
    await stage.appear()
    for one in await stage.claim(wanted=2):
        await stage.say(one, "began\n")
        await stage.hand_back(one)
    await stage.insist(lambda: ping.leave(stage.world, stage.worker.id))
    stage.worker = stage.new_worker(2)
    await stage.appear()
    for one in await stage.claim(wanted=2):
        await stage.finish(one, log="done\n")


async def cancel_and_rescue(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.push()
    await stage.claim()
    await silence(stage)
    stage.arm()
    await stage.cancel(one.job.id)
    await _rescued(stage)
