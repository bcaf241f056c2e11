"""No workspace queues more jobs than the limit."""

from __future__ import annotations

import pytest

from tests.engine.conftest import JumpingClock, Pushing, claim_one
from tests.engine.test_turns import member_of
from windmill_lite.base.errors import Busy
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.worker import Worker


@pytest.fixture(autouse=True)
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "QUEUED_MAX", 3)


async def test_a_full_queue_refuses_and_says_when_to_come_back(push_preview: Pushing) -> None:
    for _ in range(3):
        await push_preview()
    with pytest.raises(Busy, match="3 jobs are queued in workspace main") as caught:
        await push_preview()
    assert caught.value.retry_after_s == limits.QUEUED_RETRY_S
    await push_preview(member_of("elsewhere"))


async def test_a_repeated_request_is_no_further_job(push_preview: Pushing) -> None:
    first = await push_preview(idempotency_key="k")
    for _ in range(2):
        await push_preview()
    assert await push_preview(idempotency_key="k") == first


async def test_there_is_room_again_when_jobs_have_started(
    world: World, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    for _ in range(3):
        await push_preview()
    with pytest.raises(Busy):
        await push_preview()
    await claim_one(world, worker)
    with pytest.raises(Busy):
        await push_preview()
    clock.jump(limits.QUEUED_RETRY_S)
    await push_preview()


async def test_jobs_that_others_let_in_are_seen_at_the_next_count(
    world: World, push_preview: Pushing, clock: JumpingClock
) -> None:
    await push_preview()
    elsewhere = World(world.db, clock, b"", "http://here.test")
    await elsewhere.crowd.admit(world.db, "main", 0.0)
    await push_preview()
    await push_preview()
    clock.jump(limits.QUEUED_COUNT_S)
    with pytest.raises(Busy):
        await elsewhere.crowd.admit(world.db, "main", clock.monotonic_s())


async def test_reaching_the_bound_is_no_refusal_while_there_is_room(
    world: World, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    for _ in range(8):
        await push_preview()
        await claim_one(world, worker)
