"""Jobs that are asked for at the same moment enter together, and are none the worse for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest

from tests.engine.conftest import Pushing, read
from tests.engine.test_at_once import row
from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Invalid
from windmill_lite.engine import push
from windmill_lite.engine.world import World
from windmill_lite.model.job import JobState, Preview, RunOptions
from windmill_lite.store.db.port import Db, OutcomeUnknown, Tx
from windmill_lite.store.machine import alone
from windmill_lite.store.people.scope import Scope


async def test_what_enters_in_a_group_is_what_enters_alone(
    world: World, push_preview: Pushing, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def pushed() -> dict[str, object]:
        options = {"scheduled_for": world.now() + 5_000_000, "timeout_s": 7, "priority": 3}
        job_id = await push_preview(tag="gpu", trigger_kind="webhook", **options)
        asked, queued = await row(world.db, "asked", job_id), await row(world.db, "queued", job_id)
        return {**asked, **queued, "id": 0}

    together = await pushed()
    monkeypatch.setattr(alone, "is_plain", lambda _: False)
    assert await pushed() == together


async def test_of_many_that_are_asked_for_at_once_each_enters(
    world: World, admin: Scope, push_preview: Pushing, db: Db
) -> None:
    with db.bell.listen("queue") as ear:
        ids = await asyncio.gather(*(push_preview() for _ in range(300)))
        assert await ear.wait(0)
    assert len(set(ids)) == 300
    for job_id in ids[::29]:
        assert (await read(world, admin, job_id)).state is JobState.QUEUED


async def test_one_that_cannot_be_stored_harms_none_beside_it(
    world: World, admin: Scope, push_preview: Pushing
) -> None:
    bad = Preview("def main(): pass", "python3", tag="a\0b")

    async def guilty() -> UUID:
        return await push.run_preview(world, admin, bad, args={}, options=RunOptions())

    found = await asyncio.gather(
        *(push_preview() for _ in range(5)), guilty(), return_exceptions=True
    )
    assert [type(each) for each in found] == [UUID] * 5 + [Invalid]


async def test_a_group_whose_answer_got_lost_is_in_the_queue_once(
    world: World, admin: Scope, push_preview: Pushing, db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    await push_preview()
    enter = alone.enter
    lost: set[str] = set()

    async def answer_lost(tx: Tx, jobs: Sequence[Mapping[str, Json]]) -> set[UUID] | None:
        entered = await enter(tx, jobs)
        if entered is not None and jobs[0]["id"] not in lost:
            lost.add(jobs[0]["id"])
            raise OutcomeUnknown("the answer got lost")
        return entered

    monkeypatch.setattr(alone, "enter", answer_lost)
    ids = await asyncio.gather(*(push_preview() for _ in range(4)))
    for job_id in ids:
        assert (await read(world, admin, job_id)).state is JobState.QUEUED
    assert bool(lost) is (db.dialect == "postgres")
