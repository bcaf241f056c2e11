"""A running job's log grows."""

from __future__ import annotations

from uuid import UUID

from windmill_lite.engine.world import World
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import logbook


async def append(world: World, job_id: UUID, attempt: int, *, start: int, chunk: str) -> bool:
    """False when the attempt no longer runs: the worker should stop it."""

    async def body(tx: Tx) -> bool:
        written = await logbook.append(tx, job_id, attempt, start=start, chunk=chunk)
        if written:
            tx.ring(f"job:{job_id}")
        return written

    return await world.db.write(body)


async def length(world: World, job_id: UUID) -> int:
    """Where the next attempt's log begins."""
    async with world.db.view() as view:
        return await logbook.length(view, job_id)
