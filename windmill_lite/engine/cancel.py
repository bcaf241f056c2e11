"""Ending jobs before they have ended themselves: one, and whatever hangs from it.

**In one transaction** the job is marked, then everything below it, so long until nothing unmarked
lives there. What no worker holds is completed at once; a worker ends what it runs as soon as it
hears the ring, and if it is dead the rescuer completes it. By force all of it is completed at once,
whatever workers do.

**Nothing grows again below a canceled job.** A child that is pushed there is canceled as it enters
(`rules/entry.py`). On Postgres it holds its parent's row meanwhile; so either it sees the mark, or
the mark waits for it, and the next look below finds the child.

**A large tree** ends in several transactions, of `CANCEL_BATCH` jobs each, its top in the first
one, which leaves a note in `cancel_order`. Whoever canceled goes on at once; if that process dies,
the sweeper does. Every step may be done twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from windmill_lite.base.codec import dumps
from windmill_lite.base.errors import NotFound
from windmill_lite.core.jobs import results
from windmill_lite.engine.rules import keys
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import Outcome
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import cancels, flows, queue
from windmill_lite.store.machine.cancels import Order
from windmill_lite.store.machine.places import Ending, Left
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope

#: Who ends jobs that no person ends.
NOBODY = "windmill-lite"


async def cancel(
    world: World, scope: Scope, job_id: UUID, *, reason: str | None, force: bool
) -> bool:
    """Whoever sees a job may end it, with all below it. False when it had completed before."""
    async with world.db.view() as view:
        if await jobs.peek(view, scope, job_id) is None:
            raise NotFound(f"job {job_id} does not exist")
    why = (reason or results.NO_REASON)[: limits.LINE_CHARS_MAX].replace("\0", "")
    order = Order(job_id, scope.identity.username, why, force)
    now = world.now()
    more = await world.db.write(lambda tx: _begin(tx, order, now))
    while more:
        more = await go_on(world, order)
    world.definitions.asked.drop(job_id)
    return more is not None


async def _begin(tx: Tx, order: Order, now: int) -> bool | None:
    """Whether some of the tree may be left; None: its top had completed before."""
    alive = await cancels.mark(tx, [order.job_id], order)
    await flows.touch(tx, [order.job_id])
    if not alive:
        state = await queue.state_of(tx, order.job_id)
        if state is None or state.state is None:
            return None
    room = await _leave(tx, [order.job_id], order, now)
    more = await _end_below(tx, order, now, room)
    if more:
        await cancels.put_off(tx, order)
    return more


async def go_on(world: World, order: Order) -> bool:
    """One more batch of a large tree; whether some of it may be left."""
    now = world.now()

    async def body(tx: Tx) -> bool:
        more = await _end_below(tx, order, now, [])
        if not more:
            await cancels.carried_out(tx, order)
        return more

    return await world.db.write(body)


async def _end_below(tx: Tx, order: Order, now: int, room: list[str | None]) -> bool:
    """`room`: concurrency keys that have room by now; they are released here, as the last thing."""
    left = limits.CANCEL_BATCH
    while left > 0:
        ids = await cancels.below(tx, order.job_id, unmarked=not order.by_force, most=left)
        if not ids:
            break
        await cancels.mark(tx, ids, order)
        await flows.touch(tx, ids)
        room += await _leave(tx, ids, order, now)
        left -= len(ids)
    await keys.release(tx, room, now=now)
    return left <= 0


async def _leave(tx: Tx, ids: Sequence[UUID], order: Order, now: int) -> list[str | None]:
    """Completes those that were marked and need no worker for it; their concurrency keys."""
    left = await cancels.leave(tx, ids, unstarted=not order.by_force)
    endings = {
        job_id: canceled_ending(
            each,
            by=each.canceled_by or order.canceled_by,
            reason=each.canceled_reason or order.reason,
            now=now,
        )
        for job_id, each in left.items()
    }
    await queue.complete_all(tx, endings)
    for job_id in endings:
        await flows.post(tx, job_id, final=True, now=now)
    room: list[str | None] = [*(await flows.leave_keys(tx, list(endings)) if endings else ())]
    for job_id in ids:
        tx.ring(f"job:{job_id}")
    tx.ring("cancel")
    return room + [each.concurrency_key for each in left.values()]


async def end_flow(tx: Tx, job_id: UUID, *, why: str, now: int) -> None:
    """What lives below a flow that has ended without it, and the place it held for its key. Comes
    last in its transaction.
    """
    await flows.touch(tx, [job_id])
    order = Order(job_id, NOBODY, why, by_force=False)
    if await _end_below(tx, order, now, list(await flows.leave_keys(tx, [job_id]))):
        await cancels.put_off(tx, order)


def canceled_ending(left: Left, *, by: str, reason: str, now: int) -> Ending:
    """How a job ends that no worker reports."""
    return Ending(
        outcome=Outcome.CANCELED,
        result=dumps(results.canceled(by=by, reason=reason)),
        completed_at=now,
        started_at=left.started_at,
        attempt=left.attempt,
        retries=left.retries,
        delete_after_s=left.delete_after_s,
        canceled_by=by,
        canceled_reason=reason,
    )
