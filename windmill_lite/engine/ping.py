"""A worker comes, says that it is alive, goes; and learns which of its jobs it must end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from windmill_lite.engine.world import World
from windmill_lite.model.worker import Stop, Worker
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import leases, queue, workers
from windmill_lite.store.machine.places import Held


async def register(world: World, worker: Worker) -> None:
    ours = world.now()

    async def body(tx: Tx) -> None:
        await _appear(tx, world, worker, await leases.now(tx, ours=ours))

    await world.db.write(body)


async def leave(world: World, worker_id: UUID) -> None:
    await world.db.write(lambda tx: workers.leave(tx, worker_id))


async def ping(world: World, worker: Worker, *, jobs_done: int, memory_kb: int | None) -> None:
    """Says that the worker lives; one that was taken for dead meanwhile registers anew."""
    ours = world.now()

    async def body(tx: Tx) -> None:
        now = await leases.now(tx, ours=ours)
        known = await workers.ping(tx, worker.id, now=now, jobs_done=jobs_done, memory_kb=memory_kb)
        if not known:
            await _appear(tx, world, worker, now)

    await world.db.write(body)


async def describe(world: World, worker: Worker) -> None:
    """Says which languages it runs since something was installed, or that it takes no more jobs."""
    await world.db.write(lambda tx: workers.describe(tx, worker))


async def _appear(tx: Tx, world: World, worker: Worker, now: int) -> None:
    """Silence is measured by the clock that all share, so it begins by that clock, too; and lasts
    as long as this worker was told, whatever those who look for the silent were told.
    """
    seen, lease_us = replace(worker, last_seen_at=now), int(world.lease_s * 1_000_000)
    await workers.register(tx, seen, lease_us=lease_us)


async def held(world: World, worker_id: UUID) -> dict[UUID, int]:
    """Which jobs the queue says a worker runs: id -> attempt."""
    async with world.db.view() as view:
        return {job.id: job.attempt for job in await queue.held(view, worker_id)}


async def orders(world: World, worker_id: UUID, running: Mapping[UUID, int]) -> dict[UUID, Stop]:
    """Which of the jobs a worker runs (id -> attempt) it must end, and why."""
    async with world.db.view() as view:
        now_held = {job.id: job for job in await queue.held(view, worker_id)}
    found: dict[UUID, Stop] = {}
    for job_id, attempt in running.items():
        stop = _order(now_held.get(job_id), attempt)
        if stop is not None:
            found[job_id] = stop
    return found


def _order(held: Held | None, attempt: int) -> Stop | None:
    if held is None or held.attempt != attempt:
        return Stop("the job is no longer this worker's", canceled_by=None)
    if held.canceled_by is not None:
        return Stop(held.canceled_reason or "", canceled_by=held.canceled_by)
    return None
