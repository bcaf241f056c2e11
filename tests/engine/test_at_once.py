"""What is done in one statement is what would have been done step by step.

On SQLite everything goes step by step, and the same holds.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any
from uuid import UUID

import pytest

from tests.engine.conftest import JumpingClock, Pushing, claim_one, read, worker_named
from tests.engine.test_queue import report
from tests.engine.test_turns import job_in, put
from windmill_lite.base.errors import Unavailable
from windmill_lite.engine import cancel, finish
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.finish import Report, Settled
from windmill_lite.engine.ping import register
from windmill_lite.engine.world import World
from windmill_lite.model.job import Claim, JobState, NewJob, Outcome
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.port import Db, Row, Tx
from windmill_lite.store.db.sqlfile import parse
from windmill_lite.store.machine import alone, claims, queue
from windmill_lite.store.machine.alone import Next
from windmill_lite.store.machine.claims import Turn
from windmill_lite.store.machine.places import Spot
from windmill_lite.store.people.scope import Scope

Q = parse(
    """
-- name: done
select * from job_done where id = :id
-- name: log
select * from job_log where job_id = :id
-- name: asked
select * from job where id = :id
-- name: queued
select * from job_queue where id = :id
""",
    "here",
)


async def rows(db: Db, name: str, job_id: UUID) -> list[Row]:
    async with db.view() as view:
        return await view.all(Q[name], id=job_id)


async def row(db: Db, name: str, job_id: UUID) -> Row:
    (found,) = await rows(db, name, job_id)
    return found


async def _not_here(*_: object, **__: object) -> None:
    return None


async def in_steps(
    world: World, patch: pytest.MonkeyPatch, said: Report, ask: Ask, *, partly: bool = False
) -> Settled:
    """Each a statement; `partly`: but for end and claim, as in transactions that do more."""
    with patch.context() as inside:
        inside.setattr(finish, "_is_plain", lambda *_: False)
        if not partly:
            inside.setattr(alone, "take_inside", _not_here)
            inside.setattr(queue, "end_well", _not_here)
        return await finish.finish(world, said, ask)


async def _ended(world: World, worker: Worker, job: NewJob) -> Claim:
    """Claimed, two seconds ago."""
    await put(world.db, [job])
    held = await claim_one(world, worker)
    assert isinstance(world.clock, JumpingClock)
    world.clock.jump(2)
    return held


@pytest.mark.parametrize("log", ["", "hello\n"], ids=["quiet", "with a log"])
@pytest.mark.parametrize("delete_after_s", [None, 0, 30])
async def test_a_finish_leaves_the_same_rows(
    world: World,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    log: str,
    delete_after_s: int | None,
) -> None:
    found = []
    for how in ("at once", "partly", "in steps"):
        job = job_in(world, "main", delete_after_s=delete_after_s, path="f/a/b", retry="{}")
        held = await _ended(world, worker, job)
        said, ask = report(job.id, held.attempt, log=log), Ask(worker.id, worker.tags)
        if how == "at once":
            settled = await finish.finish(world, said, ask)
        else:
            settled = await in_steps(world, monkeypatch, said, ask, partly=how == "partly")
        assert settled == Settled(accepted=True)
        assert await rows(world.db, "queued", job.id) == []
        logged = [{**each, "job_id": 0} for each in await rows(world.db, "log", job.id)]
        found.append((_relative(await row(world.db, "done", job.id)), logged))
    assert found[0] == found[1] == found[2]


async def test_a_job_that_enters_in_one_statement_leaves_the_same_rows(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_in(world, "main", path="f/a/b", priority=3, delete_after_s=9, concurrency_key="k")
    found = []
    for number, at_once in enumerate((True, False)):
        placed = job._replace(id=_like(job.id, number), concurrent_limit=2, cache_key="c")
        spot = Spot(JobState.DELAYED, "key", world.now(), 4)

        async def body(tx: Tx, placed: NewJob = placed, spot: Spot = spot) -> tuple[bool, bool]:
            return await queue.insert(tx, placed, spot), await queue.insert(tx, placed, spot)

        with monkeypatch.context() as inside:
            if not at_once:
                inside.setattr(type(queue.Q.insert_both), "speaks", lambda *_: False)
            assert await world.db.write(body) == (True, False)
        told = [await row(world.db, name, placed.id) for name in ("asked", "queued")]
        found.append([{**each, "id": 0, "debounced_since": 0} for each in told])
    assert found[0] == found[1]


def _relative(done: Row) -> dict[str, object]:
    """Without the id, and moments as the time since the job was asked for."""
    moments = ("created_at", "started_at", "completed_at", "delete_at")
    told = {name: value for name, value in done.items() if name != "id"}
    for name in moments:
        told[name] = None if done[name] is None else done[name] - done["created_at"]
    return told


@pytest.mark.parametrize("tags", [("python3",), ("gpu", "python3", "big")])
@pytest.mark.parametrize("after", ["", "b", "z"])
async def test_a_finish_takes_the_same_job_along(
    world: World,
    worker: Worker,
    monkeypatch: pytest.MonkeyPatch,
    tags: tuple[str, ...],
    after: str,
) -> None:
    waiting = [
        job_in(world, workspace, tag=tag, priority=priority, scheduled_for=world.now() - late)
        for workspace in "abc"
        for tag, priority, late in (("python3", 0, 3), ("big", 0, 5), ("python3", 0, 4))
    ]
    orders = []
    for number, how in enumerate(("at once", "partly", "in steps")):
        await put(world.db, [job._replace(id=_like(job.id, number)) for job in waiting])
        held = await claim(world, Ask(worker.id, tags, 1, after))
        turn, order = after, []
        while held:
            order.append(held[0].job)
            turn = held[0].job.workspace
            said, ask = report(held[0].job.id, 1), Ask(worker.id, tags, 1, turn)
            way = finish.finish(world, said, ask)
            if how != "at once":
                way.close()
                way = in_steps(world, monkeypatch, said, ask, partly=how == "partly")
            held = list((await way).next)
        orders.append([job._replace(id=_like(job.id, 0)) for job in order])
    assert orders[0] == orders[1] == orders[2]
    assert len(orders[0]) == (9 if len(tags) == 3 else 6)


def _like(job_id: UUID, number: int) -> UUID:
    """The same place in the order, another job."""
    return UUID(int=job_id.int & ~3 | number)


async def test_a_canceled_job_ends_as_such_whatever_is_reported(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    waiting = await push_preview()
    await cancel.cancel(world, admin, job_id, reason="enough", force=False)
    settled = await finish.finish(world, report(job_id, 1), Ask(worker.id, worker.tags))
    assert settled.accepted
    assert [each.job.id for each in settled.next] == [waiting]
    assert (await read(world, admin, job_id)).outcome is Outcome.CANCELED


async def test_a_report_of_another_attempt_ends_nothing_and_still_takes_a_job_along(
    world: World, admin: Scope, worker: Worker, push_preview: Pushing
) -> None:
    job_id = await push_preview()
    await claim_one(world, worker)
    waiting = await push_preview()
    settled = await finish.finish(world, report(job_id, 2), Ask(worker.id, worker.tags))
    assert not settled.accepted
    assert [each.job.id for each in settled.next] == [waiting]
    assert (await read(world, admin, job_id)).state is JobState.RUNNING


async def test_a_next_job_with_a_key_has_to_pass_its_gate(
    world: World, worker: Worker, db: Db
) -> None:
    keyed = [
        job_in(
            world, "main", concurrency_key="k", concurrent_limit=1, scheduled_for=world.now() + n
        )
        for n in range(2)
    ]
    held = await _ended(world, worker, job_in(world, "main"))
    await put(db, keyed)
    ask = Ask(worker.id, worker.tags)
    settled = await finish.finish(world, report(held.job.id, 1), ask)
    assert [each.job.id for each in settled.next] == [keyed[0].id]
    assert await claim(world, ask) == []
    settled = await finish.finish(world, report(keyed[0].id, 1), ask)
    assert [each.job.id for each in settled.next] == [keyed[1].id]


async def test_many_finishes_at_once_take_every_job_once(world: World, db: Db) -> None:
    workers = [worker_named(f"w{n}", now=world.now()) for n in range(6)]
    for each in workers:
        await register(world, each)
    await put(db, [job_in(world, workspace) for workspace in "abc" for _ in range(20)])
    ended: list[UUID] = []

    async def work(worker: Worker) -> None:
        held = await claim(world, Ask(worker.id, worker.tags))
        while held:
            ended.append(held[0].job.id)
            ask = Ask(worker.id, worker.tags, 1, held[0].job.workspace)
            settled = await finish.finish(world, report(held[0].job.id, 1), ask)
            assert settled.accepted
            held = list(settled.next)

    await asyncio.gather(*map(work, workers))
    assert len(ended) == len(set(ended)) == 60


async def test_what_was_claimed_before_the_database_went_away_is_told(
    world: World, worker: Worker, db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(db, [job_in(world, "main") for _ in range(3)])
    take = alone.take_next
    taken: list[Next | None] = []

    async def goes_away(tx: Tx, turn: Turn, *, now: int) -> Next | None:
        if len(taken) == 1:
            raise Unavailable("the database is away")
        found = await take(tx, turn, now=now)
        taken.append(found)
        return found

    monkeypatch.setattr(alone, "take_next", goes_away)
    found = await claim(world, Ask(worker.id, worker.tags, 3))
    assert len(found) == (1 if db.dialect == "postgres" else 3)
    monkeypatch.setattr(alone, "take_next", take)
    left = await claim(world, Ask(worker.id, worker.tags, 3))
    assert len({each.job.id for each in [*found, *left]}) == 3


async def test_a_delayed_job_that_is_due_has_its_place_among_those_that_are_ready(
    world: World, worker: Worker, db: Db, clock: JumpingClock
) -> None:
    due = job_in(world, "main", priority=5, scheduled_for=world.now() + 1_000_000)
    await put(db, [due, job_in(world, "main")])
    clock.jump(2)
    found = await claim(world, Ask(worker.id, worker.tags, 1))
    assert [each.job.id for each in found] == [due.id]


def test_the_one_statement_says_what_the_steps_say() -> None:
    """Where the order of the queue is said twice, it is the same order."""
    at_once, step = _sql(alone.Q.next_job), _sql(claims.Q.claim)
    orders = re.findall(r"order by r\.[^()]*? limit 1", step)
    assert len(orders) == 2
    for order in orders:
        assert order in at_once
    top = re.search(r"r\.priority = \( select p\.priority .*? limit 1\)", step)
    assert top is not None
    assert top[0] in at_once


def _sql(query: Any) -> str:
    text, _ = query.render("postgres", dict.fromkeys(query.params, "x"))
    return re.sub(r"\s+", " ", text)
