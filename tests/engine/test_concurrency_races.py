"""Many workers at one key, and many jobs behind it."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import UUID

from tests._plans import analyze, plan, scans
from tests.engine.conftest import worker_named
from tests.engine.test_concurrency import keyed, put
from tests.engine.test_queue import report
from tests.engine.test_turns import job_in
from windmill_lite.engine import finish, ping
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.world import World
from windmill_lite.model.job import Claim
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.port import Db
from windmill_lite.store.db.postgres import PostgresDb
from windmill_lite.store.machine import keys


async def test_workers_that_race_for_a_key_never_run_too_many(world: World, db: Db) -> None:
    crew = [worker_named(f"w{n}", now=world.now()) for n in range(6)]
    for each in crew:
        await ping.register(world, each)
    await put(world, *(keyed(world, f"k{n % 3}", 2) for n in range(60)))
    running: Counter[str] = Counter()
    most: Counter[str] = Counter()
    ended = set[UUID]()

    def starts(found: Claim) -> None:
        key = str(found.job.concurrency_key)
        running[key] += 1
        most[key] = max(most[key], running[key])

    async def work(each: Worker) -> None:
        mine = list(await claim(world, Ask(each.id, each.tags, 2)))
        for found in mine:
            starts(found)
        while mine:
            found = mine.pop()
            running[str(found.job.concurrency_key)] -= 1
            ask = Ask(each.id, each.tags, 1)
            settled = await finish.finish(world, report(found.job.id, found.attempt), ask)
            assert settled.accepted
            ended.add(found.job.id)
            following = settled.next or await claim(world, ask)
            for other in following:
                starts(other)
            mine += following

    while len(ended) < 60:
        before = len(ended)
        await asyncio.gather(*(work(each) for each in crew))
        assert len(ended) > before
    assert max(most.values()) <= 2
    if isinstance(db, PostgresDb):
        assert db.writer.repeats == 0, "nobody ran into a deadlock"


async def test_the_verbs_of_a_key_read_no_more_rows_when_many_wait(world: World, db: Db) -> None:
    await put(world, *(job_in(world, "main") for _ in range(1500)))
    await put(world, *(keyed(world, f"k{n % 10}") for n in range(1500)))
    worker = worker_named("one", now=world.now())
    await ping.register(world, worker)
    held = (await claim(world, Ask(worker.id, worker.tags, 1501)))[-1]
    while await claim(world, Ask(worker.id, worker.tags, 1)):
        pass
    await analyze(db)
    q = keys.Q
    for name, text in {
        "facts": await plan(db, q.facts, id=held.job.id),
        "block": await plan(db, q.block, key="k1", most=1000),
        "tags": await plan(db, q.blocked_tags, key="k1"),
        "first": await plan(db, q.first_blocked, key="k1", tag="python3"),
        "wake": await plan(db, q.wake, key="k1", tag="python3", most=1),
    }.items():
        assert "queue_key" in text, (name, text)
        assert not [line for line in scans(text) if "job" in line], (name, text)
