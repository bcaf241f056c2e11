"""The next jobs for a worker's tags."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from windmill_lite.engine.world import World
from windmill_lite.model.job import Claim
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import queue


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks, for which tags, for how many jobs at most."""

    worker_id: UUID
    tags: tuple[str, ...]
    wanted: int = 1


async def claim(world: World, ask: Ask) -> list[Claim]:
    """Jobs that run from now on, in queue order; each with its fencing number."""
    now = world.now()

    async def body(tx: Tx) -> list[Claim]:
        return await claim_in(tx, ask, now)

    return await world.db.write(body)


async def claim_in(tx: Tx, ask: Ask, now: int) -> list[Claim]:
    """The same inside somebody else's transaction: a finish takes the next job along."""
    if ask.wanted <= 0:
        return []
    claims = await queue.claim(tx, ask.worker_id, tags=ask.tags, wanted=ask.wanted, now=now)
    for found in claims:
        tx.ring(f"job:{found.job.id}")
    return claims


async def next_due_s(world: World, tags: tuple[str, ...], *, at_most: float) -> float:
    """Seconds until the earliest delayed job is ready, `at_most` when none is before that."""
    now = world.now()
    async with world.db.view() as view:
        due_at = await queue.next_due_at(view, tags, now)
    if due_at is None:
        return at_most
    return min(at_most, max(0.001, (due_at - now) / 1_000_000))
