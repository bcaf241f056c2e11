"""Whoever cancels a job cancels all that hangs from it; and nothing grows there again."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from tests.engine.conftest import (
    JumpingClock,
    Pushing,
    claim_one,
    deploy_script,
    read,
    worker_named,
)
from tests.engine.test_attempts import FAILED, ONCE_MORE
from tests.engine.test_queue import report
from windmill_lite.base.errors import Unavailable
from windmill_lite.engine import cancel, finish, ping, push, rescue
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.rules.sweep import end_trees
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import JobState, Outcome, RunOptions
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import cancels
from windmill_lite.store.people.scope import Scope

pytestmark = pytest.mark.usefixtures("shared_time")

LATER_S = 100_000_000


async def outcomes(world: World, scope: Scope, ids: list[UUID]) -> list[Outcome | None]:
    return [(await read(world, scope, job_id)).outcome for job_id in ids]


async def test_a_tree_ends_wherever_its_members_are(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    top = await push_preview()
    await claim_one(world, worker)
    running = await push_preview(parent_id=top)
    await claim_one(world, worker)
    tried = await push_preview(parent_id=top, retry=ONCE_MORE)
    await claim_one(world, worker)
    await finish.finish(world, report(tried, 1, FAILED))
    over = await push_preview(parent_id=top)
    await claim_one(world, worker)
    await finish.finish(world, report(over, 1))
    queued = await push_preview(parent_id=top)
    delayed = await push_preview(parent_id=queued, scheduled_for=world.now() + LATER_S)
    below_what_is_over = await push_preview(parent_id=over)
    stranger = await push_preview()
    assert await cancel.cancel(world, admin, top, reason="enough", force=False)
    ended = [tried, queued, delayed, below_what_is_over]
    assert await outcomes(world, admin, ended) == [Outcome.CANCELED] * 4
    assert (await read(world, admin, delayed)).canceled_reason == "enough"
    orders = await ping.orders(world, worker.id, {top: 1, running: 1})
    assert {job_id: order.canceled_by for job_id, order in orders.items()} == {
        top: "ada",
        running: "ada",
    }
    for job_id in (top, running):
        await finish.finish(world, report(job_id, 1))
    assert await outcomes(world, admin, [top, running, over, stranger]) == [
        Outcome.CANCELED,
        Outcome.CANCELED,
        Outcome.SUCCESS,
        None,
    ]


async def test_force_ends_a_whole_tree_at_once_whatever_workers_do(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    top = await push_preview()
    child = await push_preview(parent_id=top)
    for _ in range(2):
        await claim_one(world, worker)
    await cancel.cancel(world, admin, top, reason="first", force=False)
    assert await cancel.cancel(world, admin, top, reason="stuck", force=True)
    assert await outcomes(world, admin, [top, child]) == [Outcome.CANCELED] * 2
    assert (await read(world, admin, child)).canceled_reason == "first", "the first is named"
    orders = await ping.orders(world, worker.id, {top: 1, child: 1})
    assert len(orders) == 2, "the worker learns that they are no longer its"
    assert not (await finish.finish(world, report(child, 1))).accepted


async def test_a_child_of_a_canceled_job_is_canceled_as_it_enters(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    marked = await push_preview()
    await claim_one(world, worker)
    over = await push_preview()
    for job_id in (marked, over):
        await cancel.cancel(world, admin, job_id, reason="enough", force=False)
    assert (await read(world, admin, marked)).state is JobState.RUNNING
    children = [await push_preview(parent_id=job_id) for job_id in (marked, over)]
    for child in children:
        record = await read(world, admin, child)
        assert (record.outcome, record.canceled_by) == (Outcome.CANCELED, "ada")
        assert (record.canceled_reason, record.started_at) == ("enough", None)
    grandchild = await push_preview(parent_id=children[0])
    assert (await read(world, admin, grandchild)).outcome is Outcome.CANCELED
    assert await claim(world, Ask(worker.id, worker.tags, 9)) == []


async def test_a_child_of_a_job_that_has_ended_otherwise_runs(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    parent = await push_preview()
    await claim_one(world, worker)
    await finish.finish(world, report(parent, 1))
    child = await push_preview(parent_id=parent)
    assert (await claim_one(world, worker)).job.id == child


@pytest.mark.parametrize("force", [False, True])
async def test_a_tree_larger_than_a_batch_ends_in_several(
    world: World,
    admin: Scope,
    push_preview: Pushing,
    monkeypatch: pytest.MonkeyPatch,
    force: bool,  # noqa: FBT001  a parameter of the test
) -> None:
    monkeypatch.setattr(limits, "CANCEL_BATCH", 3)
    top = await push_preview()
    members = [await push_preview(parent_id=top) for _ in range(4)]
    members += [await push_preview(parent_id=members[0]) for _ in range(4)]
    assert await cancel.cancel(world, admin, top, reason="enough", force=force)
    assert set(await outcomes(world, admin, [top, *members])) == {Outcome.CANCELED}
    async with world.db.view() as view:
        assert await cancels.put_off_so_far(view, most=1) == []


async def test_what_a_dead_process_left_of_a_tree_is_ended_by_the_next_sweep(
    world: World, admin: Scope, push_preview: Pushing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CANCEL_BATCH", 3)
    top = await push_preview()
    members = [await push_preview(parent_id=top) for _ in range(8)]

    async def dies(world: World, order: cancels.Order) -> bool:
        raise Unavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(cancel, "go_on", dies)
        with pytest.raises(Unavailable):
            await cancel.cancel(world, admin, top, reason="enough", force=False)
    assert None in await outcomes(world, admin, members)
    while await end_trees(world):
        continue
    assert set(await outcomes(world, admin, members)) == {Outcome.CANCELED}


async def test_a_canceled_tree_makes_room_in_its_concurrency_keys(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    await deploy_script(world, admin, options={"concurrent_limit": 1})
    top = await push_preview()
    await claim_one(world, worker)
    of_top = RunOptions(parent_id=top)
    args = {"name": "x"}
    child = await push.run_path(world, admin, "f/ops/hello", args=args, options=of_top)
    await claim_one(world, worker)
    other = await push.run_path(world, admin, "f/ops/hello", args=args, options=RunOptions())
    assert await claim(world, Ask(worker.id, worker.tags, 1)) == []
    assert (await read(world, admin, other)).state is JobState.BLOCKED
    await cancel.cancel(world, admin, top, reason=None, force=True)
    assert (await read(world, admin, child)).outcome is Outcome.CANCELED
    assert (await claim_one(world, worker)).job.id == other


async def test_a_canceled_job_of_a_dead_worker_ends_with_the_next_rescue(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    clock.jump(limits.WORKER_LEASE_S + 1)
    with world.db.bell.listen("cancel") as ear:  # what the rescuer wakes by
        await cancel.cancel(world, admin, job_id, reason="enough", force=False)
        assert await ear.wait(10.0)
    assert (await read(world, admin, job_id)).state is JobState.RUNNING
    await rescue.rescue(world)
    record = await read(world, admin, job_id)
    assert (record.outcome, record.canceled_reason) == (Outcome.CANCELED, "enough")


async def test_pushes_and_a_cancellation_that_race_leave_nothing_alive(
    world: World, admin: Scope, push_preview: Pushing
) -> None:
    for _ in range(10):
        top = await push_preview()
        child = await push_preview(parent_id=top)
        parents = [top, child, top, child, top, child]
        pushing = [asyncio.ensure_future(push_preview(parent_id=parent)) for parent in parents]
        assert await cancel.cancel(world, admin, top, reason=None, force=False)
        pushed = await asyncio.gather(*pushing)
        assert set(await outcomes(world, admin, [top, child, *pushed])) == {Outcome.CANCELED}


async def test_a_cancellation_ends_a_job_that_is_handed_back_at_the_same_moment(
    world: World, admin: Scope, push_preview: Pushing
) -> None:
    for number in range(10):
        job_id = await push_preview()
        worker = worker_named(f"w{number}", now=world.now())
        await ping.register(world, worker)
        one = await claim_one(world, worker)
        held = {"worker_id": worker.id, "started_at": one.started_at}
        _, done = await asyncio.gather(
            finish.hand_back(world, job_id, 1, **held),  # type: ignore[arg-type]
            cancel.cancel(world, admin, job_id, reason=None, force=False),
        )
        assert done
        await finish.hand_back(world, job_id, 1, **held)  # type: ignore[arg-type]
        assert (await read(world, admin, job_id)).outcome is Outcome.CANCELED


async def test_a_tree_is_looked_at_within_the_transaction(
    world: World, admin: Scope, push_preview: Pushing
) -> None:
    """What another transaction pushes below a member after it was marked is canceled, too."""
    top = await push_preview()
    child = await push_preview(parent_id=top)

    async def marked(tx: Tx) -> None:
        await cancels.mark(tx, [child], cancels.Order(child, "ada", "enough", by_force=False))

    await world.db.write(marked)
    late = await push_preview(parent_id=child)
    assert (await read(world, admin, late)).outcome is Outcome.CANCELED
    assert await cancel.cancel(world, admin, top, reason=None, force=True)
    assert await outcomes(world, admin, [top, child]) == [Outcome.CANCELED] * 2
