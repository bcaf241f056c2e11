"""Waiting for a job that one has asked for: its end is heard, however early it comes."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import pytest

from tests.engine.conftest import Pushing, claim_one, read
from tests.engine.test_queue import report
from windmill_lite.base.bell import Ear
from windmill_lite.base.ids import new_id
from windmill_lite.engine import cancel, finish, watch
from windmill_lite.engine.claim import Ask
from windmill_lite.engine.world import World
from windmill_lite.model.job import Finished, Outcome
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.port import View
from windmill_lite.store.people.scope import Scope

PATIENCE_S = 40.0


class ReadsCounted:
    """A database that knows how often somebody began to read."""

    def __init__(self, world: World) -> None:
        self._db = world.db
        self.reads = 0
        self.world = replace(world, db=self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    def view(self, *, snapshot: bool = False) -> AbstractAsyncContextManager[View]:
        self.reads += 1
        return self._db.view(snapshot=snapshot)


async def test_an_end_that_comes_while_one_waits_is_heard(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    fresh = new_id(world.now())
    with watch.ends_of(world, fresh) as ear:
        await push_preview(fresh_id=fresh)
        await claim_one(world, worker)
        waiting = asyncio.create_task(watch.wait_for_own(world, admin, fresh, PATIENCE_S, ear=ear))
        await finish.finish(world, report(fresh, 1))
        job = await waiting
    assert job is not None
    assert job.outcome is Outcome.SUCCESS


async def test_a_job_that_had_ended_is_found_without_a_ring(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    await finish.finish(world, report(job_id, 1))
    job = await watch.wait(world, admin, job_id, PATIENCE_S)
    assert job is not None
    assert job.completed


@pytest.mark.parametrize("outcome", [Outcome.SUCCESS, Outcome.FAILURE])
@pytest.mark.parametrize("next_one", [True, False])
async def test_what_the_commit_of_an_end_says_is_what_a_read_would_say(
    world: World,
    admin: Scope,
    worker: Worker,
    push_preview: Pushing,
    outcome: Outcome,
    next_one: bool,  # noqa: FBT001
) -> None:
    fresh, counted = new_id(world.now()), ReadsCounted(world)
    finished = Finished(outcome, '{"é\\u0000": [1.50, "\\ud83d\\ude00", 1e3]}')
    ask = Ask(worker.id, worker.tags) if next_one else None
    with watch.ends_of(world, fresh) as ear:
        await push_preview(fresh_id=fresh)
        await claim_one(world, worker)
        await finish.finish(world, report(fresh, 1, finished), ask)
        heard = await watch.wait_for_own(counted.world, admin, fresh, PATIENCE_S, ear=ear)
    stored = await read(world, admin, fresh)
    assert heard is not None
    assert counted.reads == 0
    assert (heard.outcome, heard.result) == (outcome, finished.result)
    assert (stored.outcome, stored.result) == (outcome, finished.result)
    assert heard.delete_after_s == stored.delete_after_s


async def test_a_cancellation_that_wins_over_the_report_is_what_is_said(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    fresh = new_id(world.now())
    with watch.ends_of(world, fresh) as ear:
        await push_preview(fresh_id=fresh)
        await claim_one(world, worker)
        await cancel.cancel(world, admin, fresh, reason="enough", force=False)
        await finish.finish(world, report(fresh, 1))
        heard = await watch.wait_for_own(world, admin, fresh, PATIENCE_S, ear=ear)
    stored = await read(world, admin, fresh)
    assert heard is not None
    assert (heard.outcome, heard.result) == (Outcome.CANCELED, stored.result)


async def test_an_end_that_is_rung_and_not_said_is_read(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    """As of another process, whose rings come without words."""
    fresh, counted, ear = new_id(world.now()), ReadsCounted(world), Ear()
    await push_preview(fresh_id=fresh)
    await claim_one(world, worker)
    await finish.finish(world, report(fresh, 1))
    ear.ring()
    heard = await watch.wait_for_own(counted.world, admin, fresh, PATIENCE_S, ear=ear)
    assert heard is not None
    assert (heard.result, counted.reads) == (report(fresh, 1).finished.result, 1)


async def test_a_report_that_changes_nothing_says_nothing(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    fresh = new_id(world.now())
    with watch.ends_of(world, fresh) as ear:
        await push_preview(fresh_id=fresh)
        await claim_one(world, worker)
        for ask in (None, Ask(worker.id, worker.tags)):
            settled = await finish.finish(world, report(fresh, 2), ask)
            assert not settled.accepted
        assert not ear.rang
        assert await watch.wait_for_own(world, admin, fresh, 0.0, ear=ear) is None
