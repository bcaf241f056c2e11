"""Workspaces take turns, delayed jobs wait aside, and a claim costs the same however many wait."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from functools import partial

import pytest

from tests._plans import analyze, plan, scans
from tests.engine.conftest import JumpingClock, Pushing, claim_one, worker_named
from tests.engine.test_queue import report
from windmill_lite.base.ids import new_id
from windmill_lite.core.jobs.order import order
from windmill_lite.engine import finish
from windmill_lite.engine.claim import Ask, claim, next_due_s
from windmill_lite.engine.ping import register
from windmill_lite.engine.world import World
from windmill_lite.model.identity import Identity
from windmill_lite.model.job import JobKind, NewJob
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.port import Db, Tx
from windmill_lite.store.machine import claims, queue
from windmill_lite.store.machine.places import Spot
from windmill_lite.store.people.scope import Scope

TAGS = ("big", "gpu", "python3")


def member_of(workspace: str) -> Scope:
    return Scope(Identity(workspace, "ada", "ada@here.test"))


def job_in(world: World, workspace: str, **facts: object) -> NewJob:
    now = world.now()
    job = NewJob(
        id=new_id(now),
        workspace=workspace,
        kind=JobKind.PREVIEW,
        created_by="ada",
        permissioned_as="u/ada",
        email="ada@here.test",
        created_at=now,
        scheduled_for=now,
        tag="python3",
        args="{}",
        raw_code="def main(): pass",
        raw_lock="",
    )
    return job._replace(**facts)  # type: ignore[arg-type]


async def put(db: Db, jobs: list[NewJob]) -> None:
    async def body(tx: Tx, some: list[NewJob]) -> None:
        for job in some:
            await queue.insert(tx, job, Spot(job.begins))

    for first in range(0, len(jobs), 500):  # a write has to end in time
        await db.write(partial(body, some=jobs[first : first + 500]))


async def test_a_flood_in_one_workspace_does_not_starve_another(
    world: World, worker: Worker, push_preview: Pushing, clock: JumpingClock
) -> None:
    for _ in range(20):
        await push_preview(member_of("flood"))
    clock.jump(1)
    for _ in range(3):
        await push_preview(member_of("calm"))
    served = []
    job = await claim_one(world, worker)
    while True:
        served.append(job.job.workspace)
        ask = Ask(worker.id, worker.tags, 1, after=job.job.workspace)
        settled = await finish.finish(world, report(job.job.id, job.attempt), ask)
        if not settled.next:
            break
        job = settled.next[0]
    assert Counter(served[:6]) == {"flood": 3, "calm": 3}
    assert len(served) == 23


async def test_many_free_slots_are_shared_by_the_workspaces(
    world: World, worker: Worker, push_preview: Pushing
) -> None:
    for workspace, count in (("a", 9), ("b", 2), ("c", 1)):
        for _ in range(count):
            await push_preview(member_of(workspace))
    claimed = await claim(world, Ask(worker.id, worker.tags, 6))
    assert [each.job.workspace for each in claimed] == ["a", "b", "c", "a", "b", "a"]


async def test_priority_comes_before_turns(world: World, worker: Worker, db: Db) -> None:
    await put(db, [job_in(world, "a"), job_in(world, "b"), job_in(world, "c", priority=5)])
    claimed = await claim(world, Ask(worker.id, worker.tags, 3, after="a"))
    assert [each.job.workspace for each in claimed] == ["c", "a", "b"]


@pytest.mark.parametrize("seed", range(3))
async def test_every_claim_takes_what_the_specification_puts_first(
    world: World, worker: Worker, db: Db, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311  a fixed seed, on purpose
    waiting = [
        job_in(
            world,
            dice.choice("abcd"),
            tag=dice.choice(TAGS),
            priority=dice.choice((0, 0, 0, 7, 100)),
            scheduled_for=world.now() - dice.randrange(4) * 1_000_000,
        )
        for _ in range(30)
    ]
    await put(db, waiting)
    after = ""
    while waiting:
        best = min(waiting, key=lambda job: order(job, after))
        (found,) = await claim(world, Ask(worker.id, TAGS, 1, after=after))
        assert found.job == best
        waiting.remove(best)
        after = best.workspace


async def test_a_claim_finds_work_whichever_rows_others_hold(world: World, db: Db) -> None:
    await put(db, [job_in(world, ws, tag=tag) for ws in "abc" for tag in TAGS for _ in range(4)])
    workers = [worker_named(f"w{n}", now=world.now(), tags=TAGS) for n in range(6)]
    for worker in workers:
        await register(world, worker)
    found = await asyncio.gather(*(claim(world, Ask(w.id, TAGS, 6)) for w in workers))
    assert [len(claims) for claims in found] == [6] * 6


async def test_delayed_jobs_become_ready_for_everybody_when_their_time_has_come(
    world: World, worker: Worker, db: Db, clock: JumpingClock
) -> None:
    later = world.now() + 30_000_000
    await put(db, [job_in(world, "a", tag="gpu", scheduled_for=later)])
    await put(db, [job_in(world, "a", scheduled_for=later + 1_000_000)])
    assert await next_due_s(world, at_most=60.0) == pytest.approx(30.0)
    clock.jump(30)
    assert await next_due_s(world, at_most=60.0) == 0.0
    assert await claim(world, Ask(worker.id, ("python3",), 1)) == []
    assert await next_due_s(world, at_most=60.0) == pytest.approx(1.0)
    async with world.db.view() as view:
        assert await claims.next_due_at(view) == later + 1_000_000
    other = Ask(worker.id, ("gpu",), 1)
    found = await db.write(
        lambda tx: claims.take(tx, claims.Turn(other.worker_id, other.tags, ""), now=world.now())
    )
    assert found is not None, "whoever asked first made it ready"


async def test_a_claim_reads_no_more_rows_when_many_wait(world: World, db: Db) -> None:
    due, later = world.now(), world.now() + 3_600_000_000
    ready = [job_in(world, f"w{n % 5}", tag=TAGS[n % 3]) for n in range(3000)]
    delayed = [job_in(world, f"w{n % 5}", scheduled_for=later + n) for n in range(2000)]
    await put(db, ready + delayed)
    await analyze(db)
    q = claims.Q
    plans = {
        "take": await plan(
            db, q.claim, worker_id=new_id(), tags='{"gpu": 0, "big": 0}', after="w1", now=due
        ),
        "due": await plan(db, q.come_due, now=due, most=500),
        "next": await plan(db, q.next_due_at),
    }
    for name, text in plans.items():
        assert not scans(text), (name, text)
        assert "queue_" in text, (name, text)
    assert "queue_ready" in plans["take"]
    assert plans["take"].count("TEMP B-TREE") <= 1, plans["take"]  # of one row for each tag
