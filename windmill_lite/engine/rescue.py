"""Jobs of silent workers run again, or fail with a name for it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from windmill_lite.base.codec import dumps
from windmill_lite.core.jobs import results
from windmill_lite.core.jobs.failed import failed_at
from windmill_lite.core.jobs.lifecycle import Move
from windmill_lite.core.jobs.lost import verdict
from windmill_lite.engine.cancel import canceled_ending, end_flow
from windmill_lite.engine.rules import keys
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.attempt import Attempt, AttemptEnd
from windmill_lite.model.job import Claim, Outcome
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import attempts, flows, leases, logbook, queue, workers
from windmill_lite.store.machine.places import Ending, Lost


async def rescue(world: World, *, at: int | None = None) -> int:
    """One batch of jobs whose worker has been silent for a lease, ours and its own; how many there
    were. `at` is the `moment` by which that is judged, when it is not the present.
    """
    return await _batch(world, "fell silent", at)


async def _batch(world: World, what: str, at: int | None = None) -> int:
    now = world.now()
    async with world.db.view() as view:
        at = await leases.now(view, ours=now) if at is None else at
        before = at - int(world.lease_s * 1_000_000)
        if not await queue.lost(view, at=at, before=before, most=1):
            return 0

    async def body(tx: Tx) -> int:
        lost = await queue.lost(tx, at=at, before=before, most=limits.RESCUE_BATCH)
        return await _settle_all(tx, lost, what, now)

    return await world.db.write(body)


async def rescue_from_dead(world: World, worker_id: UUID) -> int:
    """All jobs of a worker that is known to be dead, whenever it was last heard; how many there
    were. The worker is forgotten.
    """
    now = world.now()

    async def body(tx: Tx) -> int:
        lost = await queue.lost_by(tx, worker_id, most=limits.WORKER_SLOTS_MAX)
        count = await _settle_all(tx, lost, "ended before the job did", now)
        await workers.leave(tx, worker_id)
        return count

    return await world.db.write(body)


async def moment(world: World) -> int:
    """µs of the clock by which silence is measured."""
    async with world.db.view() as view:
        return await leases.now(view, ours=world.now())


async def rescue_after_restart(world: World) -> int:
    """On SQLite one process is all there is: what runs at its start was lost with the one
    before.
    """

    async def mark(tx: Tx) -> None:
        await workers.mark_all_lost(tx)

    await world.db.write(mark)
    total = 0
    while count := await _batch(world, "ended before the job did"):
        total += count
    before = world.now()
    await world.db.write(lambda tx: workers.forget_silent(tx, before=before))
    return total


async def forget(world: World) -> int:
    """Removes workers that have been silent for long and hold nothing; how many there were."""
    async with world.db.view() as view:
        now = await leases.now(view, ours=world.now())
        before = now - int(limits.WORKER_ROW_S * 1_000_000)
        longest = await workers.longest_silent_at(view)
    if longest is None or longest >= before:
        return 0
    return await world.db.write(lambda tx: workers.forget_silent(tx, before=before))


async def lose(world: World, claim: Claim, why: str, *, worker: str) -> None:
    """A worker says itself that an attempt is lost: its cell broke under the script."""
    now = world.now()
    lost = Lost(
        claim.job.id,
        claim.attempt,
        claim.retries,
        claim.job.max_attempts,
        claim.started_at,
        worker=worker,
        step_id=claim.job.step_id,
    )

    async def body(tx: Tx) -> None:
        await keys.release(tx, [await _settle(tx, lost, why, now)], now=now)

    await world.db.write(body)


async def _settle_all(tx: Tx, lost: Sequence[Lost], what: str, now: int) -> int:
    room = []
    for job in lost:
        who = f"worker {job.worker}" if job.worker else "its worker"
        room.append(await _settle(tx, job, f"{who} {what}", now))
    await keys.release(tx, room, now=now)
    return len(lost)


async def _settle(tx: Tx, job: Lost, why: str, now: int) -> str | None:
    """The concurrency key that may have room now."""
    canceled, starts = job.canceled_by is not None, job.attempt - job.retries
    move = verdict(starts=starts, max_attempts=job.max_attempts, canceled=canceled)
    back = await queue.requeue_lost(tx, job.id, job.attempt) if move is Move.LOSE else None
    if back is not None:
        await _remember(tx, job, why, now)
        line = f"attempt {job.attempt} was lost: {why}; the job runs again"
        await logbook.note(tx, job.id, job.attempt, line)
        tx.ring("queue")
        tx.ring(f"job:{job.id}")
        return back.concurrency_key
    left = await queue.leave(tx, job.id, job.attempt)
    if left is None:
        return None
    if left.canceled_by is not None:
        reason = left.canceled_reason or results.NO_REASON
        ending = canceled_ending(left, by=left.canceled_by, reason=reason, now=now)
    else:
        told = results.worker_lost(why=why, attempts=starts, max_attempts=job.max_attempts)
        ending = Ending(
            outcome=Outcome.FAILURE,
            result=dumps(told if job.step_id is None else failed_at(told, job.step_id)),
            completed_at=now,
            started_at=left.started_at,
            attempt=left.attempt,
            retries=left.retries,
            delete_after_s=left.delete_after_s,
            worker=job.worker,
        )
        await _remember(tx, job, why, now)
        line = f"attempt {job.attempt} was lost: {why}; it was the last one allowed"
        await logbook.note(tx, job.id, job.attempt, line)
    await queue.complete(tx, job.id, ending)
    if await flows.run(tx, job.id) is not None:
        await end_flow(tx, job.id, why="the flow was lost", now=now)
    await flows.post(tx, job.id, final=ending.outcome is Outcome.CANCELED, now=now)
    tx.ring(f"job:{job.id}")
    return left.concurrency_key


async def _remember(tx: Tx, job: Lost, why: str, now: int) -> None:
    ended = Attempt(job.attempt, job.worker, job.started_at, now, AttemptEnd.LOST, why)
    await attempts.record(tx, job.id, ended)
