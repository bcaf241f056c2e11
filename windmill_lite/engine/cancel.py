"""Ending a job before it has ended itself."""

from __future__ import annotations

from uuid import UUID

from windmill_lite.base.codec import dumps
from windmill_lite.base.errors import NotFound
from windmill_lite.core.jobs import results
from windmill_lite.engine.rules import keys
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import Outcome
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import queue
from windmill_lite.store.machine.places import Ending, Left
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope


async def cancel(
    world: World, scope: Scope, job_id: UUID, *, reason: str | None, force: bool
) -> bool:
    """Whoever sees a job may end it. False when it had completed before.

    A queued job is completed at once. A running one is marked and its worker ends it; with `force`
    it is completed at once whatever its worker does, and the worker learns that it is no longer
    its.
    """
    async with world.db.view() as view:
        if await jobs.peek(view, scope, job_id) is None:
            raise NotFound(f"job {job_id} does not exist")
    why = (reason or results.NO_REASON)[: limits.LINE_CHARS_MAX].replace("\0", "")
    by = scope.identity.username
    now = world.now()

    async def body(tx: Tx) -> bool:
        left = await (queue.leave_by_force if force else queue.leave_unstarted)(tx, job_id)
        if left is not None:
            await queue.complete(tx, job_id, canceled_ending(left, by=by, reason=why, now=now))
            tx.ring(f"job:{job_id}")
            tx.ring("cancel")
            await keys.release(tx, [left.concurrency_key], now=now)
            return True
        if await queue.ask_cancel(tx, job_id, canceled_by=by, reason=why):
            tx.ring("cancel")
            tx.ring(f"job:{job_id}")
            return True
        state = await queue.state_of(tx, job_id)
        return state is not None and state.state is not None

    return await world.db.write(body)


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
