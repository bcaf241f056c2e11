"""Jobs of silent workers run again, or fail with a name for it."""

from __future__ import annotations

from windmill_lite.base.codec import dumps
from windmill_lite.core.jobs import results
from windmill_lite.core.jobs.lifecycle import Move
from windmill_lite.core.jobs.lost import verdict
from windmill_lite.engine.cancel import canceled_ending
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import Outcome
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import logbook, queue, workers
from windmill_lite.store.machine.queue import Ending, Lost


async def rescue(world: World) -> int:
    """One batch of jobs whose worker has been silent for a lease; how many there were."""
    now = world.now()
    before = now - int(limits.WORKER_LEASE_S * 1_000_000)

    async def body(tx: Tx) -> int:
        lost = await queue.lost(tx, before=before, most=limits.RESCUE_BATCH)
        for job in lost:
            await _settle(tx, job, now)
        return len(lost)

    return await world.db.write(body)


async def rescue_after_restart(world: World) -> int:
    """On SQLite one process is all there is: what runs at its start was lost with the one before."""

    async def mark(tx: Tx) -> None:
        await workers.mark_all_lost(tx)

    await world.db.write(mark)
    total = 0
    while count := await rescue(world):
        total += count
    before = world.now()
    await world.db.write(lambda tx: workers.forget_silent(tx, before=before))
    return total


async def _settle(tx: Tx, job: Lost, now: int) -> None:
    move = verdict(
        attempt=job.attempt, max_attempts=job.max_attempts, canceled=job.canceled_by is not None
    )
    who = f"worker {job.worker}" if job.worker else "its worker"
    if move is Move.LOSE:
        if await queue.requeue_lost(tx, job.id, job.attempt):
            line = f"attempt {job.attempt} was lost: {who} fell silent; the job runs again"
            await logbook.note(tx, job.id, job.attempt, line)
            tx.ring("queue")
            tx.ring(f"job:{job.id}")
        return
    left = await queue.leave(tx, job.id, job.attempt)
    if left is None:
        return
    if move is Move.CANCEL:
        reason = left.canceled_reason or results.NO_REASON
        ending = canceled_ending(left, by=left.canceled_by or "", reason=reason, now=now)
    else:
        result = results.worker_lost(worker=job.worker, attempts=job.attempt)
        ending = Ending(
            outcome=Outcome.FAILURE,
            result=dumps(result),
            completed_at=now,
            started_at=left.started_at,
            attempt=left.attempt,
            worker=job.worker,
        )
        line = f"attempt {job.attempt} was lost: {who} fell silent; it was the last one allowed"
        await logbook.note(tx, job.id, job.attempt, line)
    await queue.complete(tx, job.id, ending)
    tx.ring(f"job:{job.id}")
