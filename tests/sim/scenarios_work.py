"""Claiming, speaking, finishing. What comes before `arm` always succeeds."""

from __future__ import annotations

from tests.sim.stage import Stage, silence
from windmill_lite.engine import rescue
from windmill_lite.model.job import Claim


async def claim_one(stage: Stage) -> None:
    await stage.appear()
    await stage.push()
    stage.arm()
    await stage.claim()


async def claim_several(stage: Stage) -> None:
    await stage.appear()
    for _ in range(4):
        await stage.push()
    stage.arm()
    await stage.claim(wanted=3)


async def claim_nothing(stage: Stage) -> None:
    await stage.appear()
    await stage.push(scheduled_for=stage.world.now() + 5_000_000)
    stage.arm()
    await stage.claim()


async def claim_before_anybody_knows_the_worker(stage: Stage) -> None:
    await stage.push()
    stage.arm()
    await stage.claim()


async def finish_one(stage: Stage) -> None:
    one = await stage.claimed()
    stage.arm()
    await stage.finish(one)


async def finish_with_the_rest_of_the_log(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.say(one, "first\n")
    stage.arm()
    await stage.finish(one, log="last\n", log_start=6)


async def finish_and_take_the_next(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.push()
    await stage.push()
    stage.arm()
    await stage.finish(one, log="said\n", take=1)


async def finish_and_find_nothing(stage: Stage) -> None:
    one = await stage.claimed()
    stage.arm()
    await stage.finish(one, take=2)


async def finish_what_was_canceled(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.cancel(one.job.id)
    stage.arm()
    await stage.finish(one, take=1)


async def finish_what_was_taken_away(stage: Stage) -> None:
    one = await stage.claimed()
    await silence(stage)
    await rescue.rescue(stage.world)
    stage.arm()
    settled = await stage.finish(one, log="too late\n")
    assert not settled.accepted, "a late report was accepted"


async def finish_what_runs_elsewhere(stage: Stage) -> None:
    one = await _taken_over(stage)
    stage.arm()
    again = stage.hands[one.job.id]
    settled = await stage.finish(one, log="too late\n")
    assert not settled.accepted, "a late report was accepted"
    stage.hands[one.job.id] = again


async def _taken_over(stage: Stage) -> Claim:
    """An attempt that was lost; the next one runs in another worker."""
    one = await stage.claimed()
    await silence(stage)
    await rescue.rescue(stage.world)
    stage.worker = stage.new_worker(2)
    await stage.appear()
    await stage.claim()
    return one


async def say_something_while_it_runs_elsewhere(stage: Stage) -> None:
    one = await _taken_over(stage)
    stage.arm()
    assert not await stage.say(one, "late\n", start=0), "a lost attempt still speaks"
    assert not await stage.say(one, "later\n", start=5), "a lost attempt still speaks"


async def finish_twice(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.push()
    stage.arm()
    await stage.finish(one, log="once\n", take=1)
    settled = await stage.finish(one, log="once\n")
    assert not settled.accepted, "a job was finished twice"


async def say_one_thing(stage: Stage) -> None:
    one = await stage.claimed()
    stage.arm()
    await stage.say(one, "hello\n")


async def say_three_things(stage: Stage) -> None:
    one = await stage.claimed()
    stage.arm()
    await stage.say(one, "one\n", start=0)
    await stage.say(one, "three\n", start=4)
    await stage.say(one, "five\n", start=10)


async def say_it_twice(stage: Stage) -> None:
    one = await stage.claimed()
    stage.arm()
    await stage.say(one, "hello\n")
    await stage.say(one, "hello\n")
    await stage.finish(one, log="bye\n", log_start=6)


async def say_it_too_late(stage: Stage) -> None:
    one = await stage.claimed()
    await stage.finish(one)
    stage.arm()
    assert not await stage.say(one, "hello\n"), "a job that has ended still speaks"


async def work_through_a_row_of_jobs(stage: Stage) -> None:
    await stage.appear()
    for _ in range(4):
        await stage.push()
    stage.arm()
    for _ in range(3):
        await stage.claim()
        for one in list(stage.hands.values()):
            await stage.say(one, "began\n")
            await stage.finish(one, log="done\n", log_start=one.log_length + 6, take=1)
