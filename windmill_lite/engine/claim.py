"""The next jobs for a worker's tags."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple
from uuid import UUID

from windmill_lite.base.errors import Unavailable
from windmill_lite.engine.rules import keys
from windmill_lite.engine.rules.keys import Gate
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import Claim
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import alone, claims
from windmill_lite.store.machine.alone import Next
from windmill_lite.store.machine.claims import Taken, Turn


class Ask(NamedTuple):
    """Who asks, for which tags, for how many jobs at most; `after` is the workspace it served last,
    so that every workspace has its turn.
    """

    worker_id: UUID
    tags: tuple[str, ...]
    wanted: int = 1
    after: str = ""


async def claim(world: World, ask: Ask) -> list[Claim]:
    """Jobs that run from now on, in queue order; each with its fencing number. Those whose time has
    come become ready first, for whichever worker.
    """
    now = world.now()
    if ask.wanted > 0 and alone.Q.next_job.speaks(world.db.dialect):
        return await _one_by_one(world, ask, now)
    return await world.db.write(lambda tx: _steps(tx, ask, now))


async def _steps(tx: Tx, ask: Ask, now: int) -> list[Claim]:
    if await claims.come_due(tx, now=now, most=limits.COME_DUE_BATCH):
        tx.ring("queue")
    return await claim_in(tx, ask, now)


async def _one_by_one(world: World, ask: Ask, now: int) -> list[Claim]:
    """A statement for each, as long as there are plain ones. When the database goes away meanwhile,
    those that were claimed are told: nobody else would run them.
    """
    found: list[Claim] = []
    while len(found) < ask.wanted:
        after = found[-1].job.workspace if found else ask.after
        rest = ask._replace(wanted=ask.wanted - len(found), after=after)
        try:
            step = await world.db.write(partial(_in_one, ask=rest, now=now))
            if isinstance(step, Next) and step.more:
                step = await world.db.write(partial(_steps, ask=rest, now=now))
        except Unavailable:
            if found:
                return found
            raise
        if not isinstance(step, Next):
            return found + step
        if step.job is not None:
            found.append(step.job)
        if not step.rest:
            return found
    return found


async def _in_one(tx: Tx, ask: Ask, now: int) -> list[Claim] | Next:
    """The next one in one statement, or else all of them step by step."""
    found = await alone.take_next(tx, Turn(ask.worker_id, ask.tags, ask.after), now=now)
    if found is None:
        return await _steps(tx, ask, now)
    if found.job is not None:
        tx.ring(f"job:{found.job.job.id}")
    return found


async def claim_in(tx: Tx, ask: Ask, now: int, *, holds: bool = False) -> list[Claim]:
    """The same inside somebody else's transaction, of jobs that are ready already: a finish takes
    the next job along. `holds`: the transaction holds a concurrency key.
    """
    if ask.wanted == 1:
        plain = await alone.take_inside(tx, Turn(ask.worker_id, ask.tags, ask.after), now=now)
        if plain is not None and not plain.more:
            if plain.job is not None:
                tx.ring(f"job:{plain.job.job.id}")
            return [plain.job] if plain.job is not None else []
    after, taken = ask.after, list[Taken]()
    while len(taken) < ask.wanted:
        found = await claims.take(tx, Turn(ask.worker_id, ask.tags, after), now=now)
        if found is None:
            break
        gate = await keys.admit(tx, found, now=now, wait=not holds)
        if gate is Gate.BUSY:
            break
        holds = holds or found.concurrency_key is not None
        if gate is Gate.STARTS:
            taken.append(found)
            tx.ring(f"job:{found.id}")
            after = found.workspace
    return await claims.claims_of(tx, taken, now=now)


async def next_due_s(world: World, *, at_most: float) -> float:
    """Seconds until the earliest delayed job can be made ready, `at_most` when none is before."""
    async with world.db.view() as view:
        due_at = await claims.next_due_at(view)
    if due_at is None:
        return at_most
    return min(at_most, max(0.0, (due_at - world.now()) / 1_000_000))
