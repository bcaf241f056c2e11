"""What a running job says of itself: its log, its streamed result, how far it is."""

from __future__ import annotations

from uuid import UUID

from windmill_lite.base.errors import NotFound
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import logbook
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope


async def append(world: World, job_id: UUID, attempt: int, *, start: int, chunk: str) -> bool:
    """False when the attempt no longer runs: the worker should stop it."""

    async def body(tx: Tx) -> bool:
        written = await logbook.append(tx, job_id, attempt, start=start, chunk=chunk)
        if written:
            tx.ring(f"job:{job_id}")
        return written

    return await world.db.write(body)


async def append_stream(
    world: World, job_id: UUID, attempt: int, *, start: int, chunk: str
) -> None:
    """A piece of the result that a job streams; of an attempt that no longer runs none is kept."""

    async def body(tx: Tx) -> None:
        if await logbook.append_stream(tx, job_id, attempt, start=start, chunk=chunk):
            tx.ring(f"job:{job_id}")

    await world.db.write(body)


async def stream_length(world: World, job_id: UUID) -> int:
    """Where the next attempt's stream begins."""
    async with world.db.view() as view:
        return await logbook.stream_length(view, job_id)


async def set_progress(world: World, scope: Scope, job_id: UUID, percent: int) -> None:
    """How far a running job is, as it says itself. Fails: `NotFound`; of a job that does not run
    nothing is kept.
    """
    async with world.db.view() as view:
        if await jobs.peek(view, scope, job_id) is None:
            raise NotFound(f"job {job_id} does not exist")
    shown = min(max(percent, 0), limits.PROGRESS_MAX)

    async def body(tx: Tx) -> None:
        if await logbook.set_progress(tx, job_id, shown):
            tx.ring(f"job:{job_id}")

    await world.db.write(body)


async def length(world: World, job_id: UUID) -> int:
    """Where the next attempt's log begins."""
    async with world.db.view() as view:
        return await logbook.length(view, job_id)
