"""The same key of the same person is the same job, for a day."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.engine.conftest import JumpingClock, Pushing, deploy_script
from windmill_lite.base.errors import AlreadyExists, Busy, Conflict
from windmill_lite.engine import deploy, push
from windmill_lite.engine.rules.sweep import sweep
from windmill_lite.engine.world import World, open_world
from windmill_lite.model import limits
from windmill_lite.model.job import Preview, RunOptions
from windmill_lite.store.machine import requests
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope

KEYED = RunOptions(idempotency_key="order-7")
alone = pytest.mark.parametrize("dialect", ["sqlite"])


async def jobs_queued(world: World, scope: Scope) -> int:
    async with world.db.view() as view:
        return (await jobs.counts(view, scope))[0]


async def test_a_request_that_is_sent_again_is_the_same_job(
    world: World, admin: Scope, push_preview: Pushing
) -> None:
    first = await push_preview(idempotency_key="order-7")
    assert await push_preview(idempotency_key="order-7") == first
    assert await push_preview(idempotency_key="order-8") != first
    assert await push_preview() != first
    assert await jobs_queued(world, admin) == 3


async def test_requests_that_race_become_one_job(
    world: World, admin: Scope, push_preview: Pushing
) -> None:
    found = await asyncio.gather(*(push_preview(idempotency_key="order-7") for _ in range(12)))
    assert len(set(found)) == 1
    assert await jobs_queued(world, admin) == 1


async def test_a_key_that_comes_with_something_else_is_refused_and_named(
    world: World, admin: Scope
) -> None:
    preview = Preview("def main(): pass", "python3")
    first = await push.run_preview(world, admin, preview, args={"a": 1, "b": 2}, options=KEYED)
    again = await push.run_preview(world, admin, preview, args={"b": 2, "a": 1}, options=KEYED)
    assert again == first, "the order of the arguments means nothing"
    with pytest.raises(Conflict, match="order-7"):
        await push.run_preview(world, admin, preview, args={"a": 1, "b": 3}, options=KEYED)
    other = Preview("def main(): return 1", "python3")
    with pytest.raises(Conflict, match="order-7"):
        await push.run_preview(world, admin, other, args={"a": 1, "b": 2}, options=KEYED)
    assert await jobs_queued(world, admin) == 1


async def test_two_different_requests_that_race_for_a_key_become_one_job_and_one_refusal(
    world: World, admin: Scope
) -> None:
    preview = Preview("def main(): pass", "python3")
    asked = [
        push.run_preview(world, admin, preview, args={"n": n}, options=KEYED) for n in range(2)
    ]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(isinstance(each, Conflict) for each in found) == [False, True]
    assert await jobs_queued(world, admin) == 1


async def test_keys_are_ones_own(world: World, admin: Scope, bob: Scope) -> None:
    preview = Preview("def main(): pass", "python3")
    mine = await push.run_preview(world, admin, preview, args={}, options=KEYED)
    assert await push.run_preview(world, bob, preview, args={"x": 1}, options=KEYED) != mine


async def test_a_run_is_known_again_after_its_script_has_changed_and_gone(
    world: World, admin: Scope
) -> None:
    await deploy_script(world, admin)
    path = "f/ops/hello"
    first = await push.run_path(world, admin, path, args={"name": "a"}, options=KEYED)
    await deploy_script(world, admin, content="def main(age: int): ...", auto_parent=True)
    again = await push.run_path(world, admin, path, args={"name": "a"}, options=KEYED)
    await deploy.archive_path(world, admin, path)
    third = await push.run_path(world, admin, path, args={"name": "a"}, options=KEYED)
    assert first == again == third


async def test_what_is_refused_leaves_its_key_unused(push_preview: Pushing) -> None:
    first = await push_preview()
    with pytest.raises(Busy):
        await push_preview(idempotency_key="order-7", queue_limit=0)
    with pytest.raises(AlreadyExists):
        await push_preview(idempotency_key="order-7", job_id=first)
    assert await push_preview(idempotency_key="order-7") != first


async def test_a_repeated_request_is_known_even_when_the_queue_is_full(
    push_preview: Pushing,
) -> None:
    first = await push_preview(idempotency_key="order-7", queue_limit=0)
    assert await push_preview(idempotency_key="order-7", queue_limit=0) == first


@pytest.mark.usefixtures("shared_time")
async def test_a_day_later_the_key_is_swept_and_free(
    world: World, clock: JumpingClock, push_preview: Pushing
) -> None:
    first = await push_preview(idempotency_key="order-7")
    clock.jump(limits.IDEMPOTENCY_S - 1)
    await sweep(world)
    assert await push_preview(idempotency_key="order-7") == first
    clock.jump(1)
    await sweep(world)
    assert await push_preview(idempotency_key="order-7") != first
    clock.jump(limits.IDEMPOTENCY_S)
    assert not await sweep(world)
    async with world.db.view() as view:
        assert await requests.oldest(view) is None


@pytest.mark.parametrize("days", [-2, 2])
async def test_a_clock_that_is_set_neither_forgets_a_key_nor_keeps_it(
    world: World, clock: JumpingClock, push_preview: Pushing, days: int
) -> None:
    """On Postgres another node with the right time sweeps; on SQLite there is no other."""
    first = await push_preview(idempotency_key="order-7")
    clock.moment += timedelta(days=days)
    await sweep(world)
    assert await push_preview(idempotency_key="order-7") == first
    again = await push_preview(idempotency_key="order-8")
    clock.moment -= timedelta(days=days)
    await sweep(world)
    assert await push_preview(idempotency_key="order-8") == again


@alone
async def test_the_age_of_a_key_goes_on_after_a_restart_whatever_the_clock_says(
    world: World, clock: JumpingClock, push_preview: Pushing, admin: Scope
) -> None:
    preview = Preview("def main(): pass", "python3")
    first = await push.run_preview(world, admin, preview, args={}, options=KEYED)
    clock.jump(3600)
    await push_preview(idempotency_key="order-8")
    later = JumpingClock(clock.moment + timedelta(days=400))
    begun = await open_world(world.db, later, world.base_url, vault=world.vault)
    await sweep(begun)
    assert await push.run_preview(begun, admin, preview, args={}, options=KEYED) == first
    later.jump(limits.IDEMPOTENCY_S - 3600)
    await sweep(begun)
    assert await push.run_preview(begun, admin, preview, args={}, options=KEYED) != first


@pytest.mark.usefixtures("shared_time")
async def test_sweeping_goes_on_in_small_batches(
    world: World, clock: JumpingClock, push_preview: Pushing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SWEEP_BATCH", 2)
    for number in range(5):
        await push_preview(idempotency_key=str(number))
    clock.jump(limits.IDEMPOTENCY_S)
    assert [await sweep(world) for _ in range(3)] == [True, True, False]
