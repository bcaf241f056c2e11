"""A flow that cannot go on for a reason of ours ends as a failure, and with it what is below it.
The flow around it hears of it as of any other child that failed.
"""

from __future__ import annotations

from uuid import UUID

from windmill_lite.base.codec import dumps
from windmill_lite.core.jobs import results
from windmill_lite.engine import finish
from windmill_lite.engine.cancel import canceled_ending, end_flow
from windmill_lite.engine.claim import Ask
from windmill_lite.engine.finish import Report, Settled
from windmill_lite.engine.rules import keys
from windmill_lite.engine.world import World
from windmill_lite.model.job import Claim, NewJob, Outcome
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import cancels, flows, queue
from windmill_lite.store.machine.places import Ending, Left


async def break_off(world: World, claim: Claim, why: str) -> None:
    """A flow that a worker holds. Nothing happens when it is no longer this attempt's."""
    now, id = world.now(), claim.job.id

    async def body(tx: Tx) -> None:
        left = await queue.leave(tx, id, claim.attempt)
        if left is not None:
            await _end(tx, id, left, why=why, now=now)

    await world.db.write(body)
    world.definitions.asked.drop(id)


async def report_alone(
    world: World, job: NewJob, told: Report, why: str, *, ask: Ask | None = None
) -> Settled:
    """The end of a child, whose flow cannot go on."""
    if job.child_name is None:
        return await finish.finish(world, told, ask)
    assert job.parent_id is not None, "a child has a parent"
    flow, now = job.parent_id, world.now()

    async def follow(tx: Tx, _: Left) -> bool:
        left = (await cancels.leave(tx, [flow], unstarted=False)).get(flow)
        if left is not None:
            await _end(tx, flow, left, why=why, now=now)
        return False

    return await world.db.write(finish.reporting(world, told, ask, follow=follow))


async def _end(tx: Tx, id: UUID, left: Left, *, why: str, now: int) -> None:
    if left.canceled_by is not None:
        reason = left.canceled_reason or results.NO_REASON
        ending = canceled_ending(left, by=left.canceled_by, reason=reason, now=now)
    else:
        ending = Ending(
            outcome=Outcome.FAILURE,
            result=dumps(results.failed("InternalError", f"the flow could not go on: {why}")),
            completed_at=now,
            started_at=left.started_at,
            attempt=left.attempt,
            delete_after_s=left.delete_after_s,
        )
    await queue.complete(tx, id, ending)
    tx.ring(f"job:{id}")
    await flows.post(tx, id, final=False, now=now)
    await end_flow(tx, id, why="its flow could not go on", now=now)
    await keys.release(tx, [left.concurrency_key], now=now)
