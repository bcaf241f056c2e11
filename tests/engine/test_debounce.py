"""Runs of a key that come within the delay become one."""

from __future__ import annotations

import asyncio
import json
from uuid import UUID

import pytest

from tests.engine.conftest import JumpingClock, claim_one, deploy_script, read
from tests.engine.test_concurrency import pass_a_moment, put
from tests.engine.test_queue import DONE, report
from tests.engine.test_retries import FAILED
from tests.engine.test_turns import job_in
from windmill_lite.engine import cancel, finish, push, watch
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import Debounce, JobState, Outcome, RunOptions
from windmill_lite.model.retry import Constant, RetryPolicy
from windmill_lite.model.worker import Worker
from windmill_lite.store.people.scope import Scope

PATH = "f/ops/gather"
CODE = "def main(who: str, items: list = []):\n    return items\n"


async def deploy(world: World, scope: Scope, path: str = PATH, **options: object) -> None:
    settings = {"debounce_delay_s": 5} | options
    await deploy_script(world, scope, path, content=CODE, options=settings)


async def run(
    world: World, scope: Scope, who: str = "a", items: object = None, **options: object
) -> UUID:
    pass_a_moment(world)
    args = {"who": who} | ({} if items is None else {"items": items})
    return await push.run_path(
        world,
        scope,
        PATH,
        args=args,
        options=RunOptions(**options),  # type: ignore[arg-type]
    )


async def state(world: World, scope: Scope, job_id: UUID) -> JobState:
    return (await read(world, scope, job_id)).state


async def test_a_newer_run_takes_the_place_of_the_one_that_waits(
    world: World, admin: Scope, worker: Worker, clock: JumpingClock
) -> None:
    await deploy(world, admin)
    first = await run(world, admin)
    clock.jump(4)
    second = await run(world, admin)
    record = await read(world, admin, first)
    assert record.outcome is Outcome.SKIPPED
    assert json.loads(record.result or "") == {
        "skipped": f"debounced: job {second} took its place",
        "debounced_by": str(second),
    }
    assert await claim(world, Ask(worker.id, worker.tags, 1)) == []
    clock.jump(4)
    assert await claim(world, Ask(worker.id, worker.tags, 1)) == []
    clock.jump(1)
    assert (await claim_one(world, worker)).job.id == second


async def test_runs_with_other_arguments_are_their_own(world: World, admin: Scope) -> None:
    await deploy(world, admin)
    first, second = await run(world, admin, "a"), await run(world, admin, "b")
    for job in (first, second):
        assert await state(world, admin, job) is JobState.DELAYED


async def test_a_key_of_ones_own_is_made_of_the_arguments_it_names(
    world: World, admin: Scope
) -> None:
    await deploy(world, admin, debounce_key="gather-$args[who]")
    first, other = await run(world, admin, "a", [1]), await run(world, admin, "b", [1])
    second = await run(world, admin, "a", [2])
    assert (await read(world, admin, first)).outcome is Outcome.SKIPPED
    assert await state(world, admin, other) is JobState.DELAYED
    assert await state(world, admin, second) is JobState.DELAYED


async def test_keys_end_at_the_workspace(world: World, admin: Scope) -> None:
    rule = Debounce("same", 5)
    here, there = (job_in(world, ws, debounce=rule) for ws in ("main", "elsewhere"))
    await put(world, here, there)
    assert await state(world, admin, here.id) is JobState.DELAYED


async def test_a_run_that_is_ready_or_runs_is_left_alone(
    world: World, admin: Scope, worker: Worker, clock: JumpingClock
) -> None:
    await deploy(world, admin)
    first = await run(world, admin)
    clock.jump(5)
    await claim_one(world, worker)
    second = await run(world, admin)
    assert await state(world, admin, first) is JobState.RUNNING
    assert await state(world, admin, second) is JobState.DELAYED


async def test_a_run_that_waits_for_its_next_try_is_left_alone(
    world: World, admin: Scope, worker: Worker, clock: JumpingClock
) -> None:
    await deploy(world, admin)
    first = await run(world, admin, retry=RetryPolicy(Constant(1, 60)))
    clock.jump(5)
    await claim_one(world, worker)
    await finish.finish(world, report(first, 1, FAILED))
    await run(world, admin)
    assert await state(world, admin, first) is JobState.DELAYED


async def test_a_canceled_run_has_no_place_to_take(
    world: World, admin: Scope, clock: JumpingClock
) -> None:
    await deploy(world, admin)
    first = await run(world, admin)
    await cancel.cancel(world, admin, first, reason=None, force=False)
    await run(world, admin)
    assert (await read(world, admin, first)).outcome is Outcome.CANCELED


async def test_nothing_is_put_off_for_ever(
    world: World, admin: Scope, worker: Worker, clock: JumpingClock
) -> None:
    await deploy(world, admin, max_total_debounces_amount=2)
    jobs = [await run(world, admin) for _ in range(4)]
    outcomes = [(await read(world, admin, job)).outcome for job in jobs]
    assert outcomes == [Outcome.SKIPPED, Outcome.SKIPPED, None, None]
    clock.jump(5)
    claimed = await claim(world, Ask(worker.id, worker.tags, 5))
    assert [each.job.id for each in claimed] == jobs[2:]


async def test_nothing_is_put_off_for_too_long(
    world: World, admin: Scope, worker: Worker, clock: JumpingClock
) -> None:
    await deploy(world, admin, max_total_debouncing_time=8)
    jobs = []
    for _ in range(4):
        jobs.append(await run(world, admin))
        clock.jump(4)
    skipped = [(await read(world, admin, job)).outcome is Outcome.SKIPPED for job in jobs]
    assert skipped == [True, False, True, False], "after eight seconds the second one stays"


async def test_named_lists_gather_what_the_skipped_runs_had(
    world: World, admin: Scope, worker: Worker, clock: JumpingClock
) -> None:
    await deploy(world, admin, debounce_args_to_accumulate=["items"])
    jobs = [await run(world, admin, "a", items) for items in ([1, 2], [3], [])]
    clock.jump(5)
    claimed = await claim_one(world, worker)
    assert claimed.job.id == jobs[-1]
    assert json.loads(claimed.job.args) == {"who": "a", "items": [1, 2, 3]}


async def test_what_others_may_not_read_is_not_gathered(
    world: World, admin: Scope, bob: Scope, clock: JumpingClock
) -> None:
    await deploy(world, admin, debounce_args_to_accumulate=["items"])
    mine = await run(world, admin, "a", [1])
    his = await run(world, bob, "a", [2])
    assert await state(world, admin, mine) is JobState.DELAYED
    assert json.loads((await read(world, bob, his)).args or "")["items"] == [2]


async def test_a_list_that_grows_too_large_begins_anew(
    world: World, admin: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ARGS_BYTES_MAX", 200)
    await deploy(world, admin, debounce_args_to_accumulate=["items"])
    first = await run(world, admin, "a", ["x" * 120])
    second = await run(world, admin, "a", ["y" * 120])
    assert await state(world, admin, first) is JobState.DELAYED
    assert await state(world, admin, second) is JobState.DELAYED


async def test_a_run_that_is_scheduled_is_not_put_off(
    world: World, admin: Scope, clock: JumpingClock
) -> None:
    await deploy(world, admin)
    at = world.now() + 3_600_000_000
    first = await run(world, admin, scheduled_for=at)
    await run(world, admin)
    record = await read(world, admin, first)
    assert (record.state, record.scheduled_for) == (JobState.DELAYED, at)


async def test_runs_that_race_leave_one_that_waits(world: World, admin: Scope) -> None:
    await deploy(world, admin)
    jobs = await asyncio.gather(*(run(world, admin) for _ in range(8)))
    states = [await state(world, admin, job) for job in jobs]
    assert sorted(states) == [JobState.COMPLETED] * 7 + [JobState.DELAYED]


async def test_who_waits_for_a_skipped_run_hears_of_it(world: World, admin: Scope) -> None:
    await deploy(world, admin)
    first = await run(world, admin)
    waiting = asyncio.create_task(watch.wait(world, admin, first, 30.0))
    await run(world, admin)
    record = await asyncio.wait_for(waiting, 25)
    assert record is not None
    assert record.outcome is Outcome.SKIPPED


async def test_a_repeated_request_puts_nothing_off(
    world: World, admin: Scope, worker: Worker, clock: JumpingClock
) -> None:
    await deploy(world, admin)
    first = await run(world, admin, idempotency_key="k")
    clock.jump(4)
    assert await run(world, admin, idempotency_key="k") == first
    clock.jump(1)
    claimed = await claim_one(world, worker)
    assert (await finish.finish(world, report(claimed.job.id, 1, DONE))).accepted
