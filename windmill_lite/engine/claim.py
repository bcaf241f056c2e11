"""The next jobs for a worker's tags."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from windmill_lite.engine.rules import keys
from windmill_lite.engine.rules.keys import Gate
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import Claim
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import claims
from windmill_lite.store.machine.claims import Taken, Turn


@dataclass(frozen=True, slots=True)
class Ask:
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

    async def body(tx: Tx) -> list[Claim]:
        if await claims.come_due(tx, now=now, most=limits.COME_DUE_BATCH):
            tx.ring("queue")
        return await claim_in(tx, ask, now)

    return await world.db.write(body)


async def claim_in(tx: Tx, ask: Ask, now: int, *, holds: bool = False) -> list[Claim]:
    """The same inside somebody else's transaction, of jobs that are ready already: a finish takes
    the next job along. `holds`: the transaction holds a concurrency key.
    """
    turn, taken = Turn(ask.worker_id, ask.tags, ask.after), list[Taken]()
    while len(taken) < ask.wanted:
        found = await claims.take(tx, turn, now=now)
        if found is None:
            break
        gate = await keys.admit(tx, found, now=now, wait=not holds)
        if gate is Gate.BUSY:
            break
        holds = holds or found.concurrency_key is not None
        if gate is Gate.STARTS:
            taken.append(found)
            tx.ring(f"job:{found.id}")
            turn = replace(turn, after=found.workspace)
    return await claims.claims_of(tx, taken, now=now)


async def next_due_s(world: World, *, at_most: float) -> float:
    """Seconds until the earliest delayed job can be made ready, `at_most` when none is before."""
    async with world.db.view() as view:
        due_at = await claims.next_due_at(view)
    if due_at is None:
        return at_most
    return min(at_most, max(0.0, (due_at - world.now()) / 1_000_000))
