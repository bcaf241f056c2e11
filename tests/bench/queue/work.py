"""The product at work: enqueueing, claiming and completing, and workers whose cells are instant."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from tests.bench.queue.cost import Cost, metered
from tests.bench.queue.floor import Act
from tests.bench.queue.place import NOOP, House, Site, annex
from tests.bench.queue.recorded import RecordedDb
from tests.worker.conftest import ADA, Crew, Office
from windmill_lite.base.config import DEFAULT_TAGS
from windmill_lite.engine import finish, push, watch
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.world import World
from windmill_lite.model.job import Claim, Finished, Outcome, RunOptions
from windmill_lite.store.db.sqlfile import load

PATIENCE_S = 120.0
CALLERS = 16  # who push while workers work
Q = load(__package__, "lives.sql")
_NOTHING = Finished(Outcome.SUCCESS, "null", sandbox="none")


class Instant:
    """A `Runner` that has run everything already."""

    async def run(self, claim: Claim, env: dict[str, str], on_output: Any) -> Finished:
        return _NOTHING

    def cancel(self, job_id: UUID) -> None:
        """Too late."""

    def trust_until(self, at_s: float) -> None:
        """There is nothing to end."""


async def enqueue(world: World) -> UUID:
    return await push.run_path(world, ADA, NOOP, args={}, options=RunOptions())


def an_ask(after: str = "") -> Ask:
    """As a worker asks that runs every language."""
    return Ask(uuid4(), DEFAULT_TAGS, 1, after)


async def finish_and_next(world: World, held: Claim, ask: Ask | None) -> Claim | None:
    report = finish.Report(held.job.id, held.attempt, "one", _NOTHING)
    settled = await finish.finish(world, report, ask)
    assert settled.accepted
    return settled.next[0] if settled.next else None


async def at_once(callers: int, times: int, once: Callable[[], Awaitable[object]]) -> list[float]:
    """How long each of so many calls took, seconds."""
    spent: list[float] = []
    left = iter(range(times))

    async def caller() -> None:
        for _ in left:
            began = time.perf_counter()
            await once()
            spent.append(time.perf_counter() - began)

    await asyncio.gather(*(caller() for _ in range(callers)))
    return spent


def warm_up(count: int, at_once: int) -> int:
    """How many jobs come before those that are measured."""
    return max(count // 4, at_once)


async def enqueued(house: House, site: Site, callers: int, count: int) -> Cost:
    world = house.office.world
    await at_once(callers, warm_up(count, callers), lambda: enqueue(world))
    with metered(*site.families, traffic=house.traffic) as cost:
        cost.spent_s = await at_once(callers, count, lambda: enqueue(world))
        cost.count = count
    return cost


async def completed(house: House, site: Site, hands: int, count: int) -> Cost:
    """Jobs that are completed while the next one is claimed; the queue is full enough."""
    world = house.office.world
    held: list[Claim] = []
    asks = [an_ask() for _ in range(hands)]
    for ask in asks:
        held += await claim(world, ask)

    async def done(times: int) -> list[float]:
        left, spent = iter(range(times)), list[float]()

        async def hand(number: int) -> None:
            for _ in left:
                began = time.perf_counter()
                following = await finish_and_next(world, held[number], asks[number])
                spent.append(time.perf_counter() - began)
                assert following is not None, "the queue is empty"
                held[number] = following

        await asyncio.gather(*(hand(number) for number in range(hands)))
        return spent

    await done(warm_up(count, hands))
    with metered(*site.families, traffic=house.traffic) as cost:
        cost.spent_s = await done(count)
        cost.count = count
    for each in held:
        await finish_and_next(world, each, None)
    return cost


@dataclass(frozen=True, slots=True)
class Hired:
    """How many workers, and the slots of each."""

    workers: int
    slots: int


async def worked(house: House, site: Site, hired: Hired, count: int) -> Cost:
    """From the first push until the last job has ended, pushed by `CALLERS` meanwhile; how long it
    took each, as the rows tell.
    """
    async with AsyncExitStack() as undo:
        crews = []
        for number in range(hired.workers):
            office = house.office
            if number:
                office = await undo.enter_async_context(annex(house, site))
            crew = Crew(office.world, Instant(), slots=hired.slots, name=f"w{number}")
            crews.append(await undo.enter_async_context(crew.working()))

        def done() -> int:
            return sum(crew.roster.jobs_done for crew in crews)

        first = warm_up(count, CALLERS)
        await at_once(CALLERS, first, lambda: enqueue(house.office.world))
        await _until(lambda: done() >= first)
        began_at = house.office.world.now()
        with metered(*site.families, traffic=house.traffic) as cost:
            await at_once(CALLERS, count, lambda: enqueue(house.office.world))
            await _until(lambda: done() >= first + count)
            cost.count = count
    async with house.db.view() as view:
        lives = await view.all(Q.lives, since=began_at)
    cost.spent_s = [row["life_us"] / 1_000_000 for row in lives]
    return cost


async def answered(house: House, site: Site, count: int) -> Cost:
    """One at a time: from the push to the result."""
    office = house.office
    async with Crew(office.world, Instant(), slots=1).working():
        await _answer(office)
        with metered(*site.families, traffic=house.traffic) as cost:
            cost.spent_s = await at_once(1, count, lambda: _answer(office))
            cost.count = count
    return cost


async def _answer(office: Office) -> None:
    job_id = await enqueue(office.world)
    assert await watch.wait(office.world, ADA, job_id, PATIENCE_S) is not None


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        for _ in itertools.count():
            if condition():
                return
            await asyncio.sleep(0.002)


async def acts(house: House) -> dict[str, Act]:
    """What the product does to enqueue, to claim the first job, to complete one and claim on. Not
    the very first: it counts the queue for all that come in the next while.
    """
    db = RecordedDb(house.db)
    world = World(db, house.office.world.clock, b"", "http://here.test")
    ask = an_ask()
    first = await enqueue(world)
    db.recorder.taken()
    enqueue_id = await enqueue(world)
    found = {"enqueue": Act(db.recorder.taken(), enqueue_id)}
    (held,) = await claim(world, ask)
    found["claim"] = Act(db.recorder.taken(), held.job.id, held.job.id)
    following = await finish_and_next(world, held, ask)
    assert following is not None
    assert following.job.id in (first, enqueue_id)
    found["complete"] = Act(db.recorder.taken(), held.job.id, following.job.id)
    await finish_and_next(world, following, None)
    return found
