"""At most so many jobs of a key run at once, and start within its window."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.engine.conftest import JumpingClock, deploy_script, read, worker_named
from tests.engine.test_queue import DONE, report
from tests.engine.test_retries import FAILED
from tests.engine.test_turns import job_in
from windmill_lite.engine import cancel, finish, ping, push, rescue
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.rules.entry import place
from windmill_lite.engine.rules.sweep import sweep
from windmill_lite.engine.rules.wake import next_wake_s, wake
from windmill_lite.engine.world import World
from windmill_lite.model.job import JobState, NewJob, RunOptions
from windmill_lite.model.retry import Constant, RetryPolicy
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import keys
from windmill_lite.store.people.scope import Scope

PATH = "f/ops/hello"


def pass_a_moment(world: World) -> None:
    assert isinstance(world.clock, JumpingClock)
    world.clock.jump(1e-6)


async def run(world: World, scope: Scope, name: str = "x", **options: object) -> UUID:
    """Each is younger than the one before."""
    pass_a_moment(world)
    return await push.run_path(
        world,
        scope,
        PATH,
        args={"name": name},
        options=RunOptions(**options),  # type: ignore[arg-type]
    )


async def put(world: World, *jobs: NewJob) -> list[UUID]:
    async def body(tx: Tx) -> None:
        for job in jobs:
            await place(tx, job)

    await world.db.write(body)
    return [job.id for job in jobs]


def keyed(world: World, key: str = "k", limit: int = 1, **facts: object) -> NewJob:
    """Each is younger than the one before."""
    pass_a_moment(world)
    return job_in(world, "main", concurrency_key=key, concurrent_limit=limit, **facts)


async def claimed(world: World, worker: Worker, wanted: int = 10) -> list[UUID]:
    return [each.job.id for each in await claim(world, Ask(worker.id, worker.tags, wanted))]


async def done(world: World, job_id: UUID, attempt: int = 1) -> None:
    assert (await finish.finish(world, report(job_id, attempt, DONE))).accepted


async def state(world: World, scope: Scope, job_id: UUID) -> JobState:
    return (await read(world, scope, job_id)).state


async def test_a_script_runs_no_more_often_at_once_than_it_says(
    world: World, admin: Scope, worker: Worker
) -> None:
    await deploy_script(world, admin, options={"concurrent_limit": 2})
    jobs = [await run(world, admin) for _ in range(4)]
    assert await claimed(world, worker) == jobs[:2]
    record = await read(world, admin, jobs[2])
    assert (record.state, record.attempt) == (JobState.BLOCKED, 0)
    assert record.concurrency_key == f"main/script/{PATH}"
    await done(world, jobs[1])
    assert await claimed(world, worker) == [jobs[2]]
    await done(world, jobs[0])
    await done(world, jobs[2])
    assert await claimed(world, worker) == [jobs[3]]


async def test_a_finish_brings_the_next_job_of_its_key_along(
    world: World, admin: Scope, worker: Worker
) -> None:
    await deploy_script(world, admin, options={"concurrent_limit": 1})
    jobs = [await run(world, admin) for _ in range(3)]
    assert await claimed(world, worker) == jobs[:1]
    settled = await finish.finish(world, report(jobs[0], 1), Ask(worker.id, worker.tags, 1))
    assert [each.job.id for each in settled.next] == [jobs[1]]
    assert settled.next[0].attempt == 1, "being held back was no start"


async def test_blocked_jobs_are_in_nobodys_way(world: World, admin: Scope, worker: Worker) -> None:
    await deploy_script(world, admin, options={"concurrent_limit": 1})
    await deploy_script(world, admin, "f/ops/free")
    jobs = [await run(world, admin) for _ in range(5)]
    free = await push.run_path(world, admin, "f/ops/free", args={"name": "x"}, options=RunOptions())
    assert await claimed(world, worker) == [jobs[0], free]
    late = await run(world, admin)
    assert await state(world, admin, late) is JobState.BLOCKED, "it queues behind the others"


async def test_keys_are_made_of_the_workspace_and_arguments(
    world: World, admin: Scope, worker: Worker
) -> None:
    options = {"concurrent_limit": 1, "concurrency_key": "$workspace-$args[name]"}
    await deploy_script(world, admin, options=options)
    jobs = [await run(world, admin, name) for name in ("a", "b", "a")]
    assert await claimed(world, worker) == jobs[:2]
    assert (await read(world, admin, jobs[2])).concurrency_key == "main-a"


async def test_the_first_of_a_key_is_woken_by_priority_then_time_then_age(
    world: World, admin: Scope, worker: Worker
) -> None:
    now = world.now()
    (first,) = await put(world, keyed(world))
    assert await claimed(world, worker) == [first]
    old, older, dear, new = await put(
        world,
        keyed(world, scheduled_for=now - 1),
        keyed(world, scheduled_for=now - 2),
        keyed(world, priority=3),
        keyed(world),
    )
    assert await claimed(world, worker) == []
    order, running = [], first
    for _ in range(4):
        await done(world, running)
        (running,) = await claimed(world, worker)
        order.append(running)
    assert order == [dear, older, old, new]


async def test_starts_within_a_window_are_limited_and_the_window_wakes(
    world: World, admin: Scope, worker: Worker, clock: JumpingClock
) -> None:
    options = {"concurrent_limit": 2, "concurrency_time_window_s": 10}
    await deploy_script(world, admin, options=options)
    jobs = [await run(world, admin) for _ in range(5)]
    assert await claimed(world, worker, 1) == jobs[:1]
    await done(world, jobs[0])
    clock.jump(4)
    assert await claimed(world, worker) == jobs[1:2]
    await done(world, jobs[1])
    assert await claimed(world, worker) == []
    assert await next_wake_s(world, at_most=60) == pytest.approx(6)
    assert await wake(world) == 0
    clock.jump(6)
    assert await wake(world) == 1
    assert await claimed(world, worker) == jobs[2:3], "the second start still counts"
    assert await next_wake_s(world, at_most=60) == pytest.approx(4)
    clock.jump(20)
    assert await wake(world) == 1
    assert await claimed(world, worker) == jobs[3:4], "one still runs"
    await done(world, jobs[2])
    await done(world, jobs[3])
    assert await claimed(world, worker) == jobs[4:], "the first three have left the window"
    await done(world, jobs[4])
    clock.jump(20)
    await sweep(world)
    async with world.db.view() as view:
        assert not await keys.any_old_start(view, now=world.now() + 10**9)


@pytest.mark.parametrize("way", ["cancel", "force", "fail", "retry", "hand back", "lose"])
async def test_every_way_in_which_a_job_stops_makes_room_for_the_next(
    world: World, admin: Scope, worker: Worker, clock: JumpingClock, way: str
) -> None:
    policy = RetryPolicy(Constant(1, 60)) if way == "retry" else None
    await deploy_script(world, admin, options={"concurrent_limit": 1})
    first, second = await run(world, admin, retry=policy), await run(world, admin)
    found = await claim(world, Ask(worker.id, worker.tags, 10))
    assert [each.job.id for each in found] == [first]
    expected = second
    match way:
        case "cancel":
            await cancel.cancel(world, admin, first, reason=None, force=False)
            await finish.finish(world, report(first, 1))
        case "force":
            await cancel.cancel(world, admin, first, reason=None, force=True)
        case "fail" | "retry":
            await finish.finish(world, report(first, 1, FAILED))
        case "hand back":
            await finish.hand_back(world, first, 1, worker_id=worker.id)
            expected = first  # older
        case "lose":
            await rescue.lose(world, found[0], "its cell broke", worker="one")
            expected = first
    assert await claimed(world, worker) == [expected]


async def test_a_ready_job_that_is_canceled_leaves_its_place_to_the_next(
    world: World, admin: Scope, worker: Worker
) -> None:
    first, second, third = await put(world, keyed(world), keyed(world), keyed(world))
    assert await claimed(world, worker) == [first]
    assert await claimed(world, worker) == []
    await done(world, first)
    assert await state(world, admin, second) is JobState.QUEUED
    await cancel.cancel(world, admin, second, reason=None, force=False)
    assert await state(world, admin, third) is JobState.QUEUED


async def test_blocked_jobs_are_canceled_like_others(
    world: World, admin: Scope, worker: Worker
) -> None:
    first, second = await put(world, keyed(world), keyed(world))
    await claimed(world, worker)
    assert await cancel.cancel(world, admin, second, reason=None, force=False)
    assert await state(world, admin, second) is JobState.COMPLETED
    await done(world, first)
    assert await claimed(world, worker) == []


async def test_a_tag_without_workers_holds_up_no_other_tag_of_the_key(
    world: World, admin: Scope, worker: Worker
) -> None:
    first, gpu, second = await put(
        world, keyed(world), keyed(world, tag="gpu", priority=5), keyed(world)
    )
    assert await claimed(world, worker) == [first]
    assert await claimed(world, worker) == []
    await done(world, first)
    assert await state(world, admin, gpu) is JobState.QUEUED
    assert await claimed(world, worker) == [second]


@pytest.mark.usefixtures("shared_time")
async def test_a_silent_workers_jobs_make_room_when_they_are_given_up(
    world: World, admin: Scope, worker: Worker, clock: JumpingClock
) -> None:
    facts = {"max_attempts": 1}
    jobs = await put(
        world,
        keyed(world, "a", **facts),
        keyed(world, "b", **facts),
        keyed(world, "a"),
        keyed(world, "b"),
    )
    assert await claimed(world, worker) == jobs[:2]
    clock.jump(world.lease_s + 1)
    other = worker_named("two", now=world.now())
    await ping.register(world, other)
    assert await rescue.rescue(world) == 2
    assert await claimed(world, other) == jobs[2:]
