"""When a flow has its turn: a worker takes it from the queue, or one of its children completes."""

from __future__ import annotations

from uuid import UUID

from windmill_lite.base.codec import loads
from windmill_lite.core.flow.events import ChildDone
from windmill_lite.core.flow.inside import recovers
from windmill_lite.engine.claim import Ask
from windmill_lite.engine.finish import Report, Settled, reporting
from windmill_lite.engine.flows.drive import Evaluate
from windmill_lite.engine.flows.happen import Cause, happen
from windmill_lite.engine.flows.keep import Holding, NotYours
from windmill_lite.engine.world import World
from windmill_lite.model.job import Claim, NewJob, Outcome
from windmill_lite.store.db.port import Tx


async def take_turn(world: World, evaluate: Evaluate, claim: Claim) -> bool:
    """Starts or wakes a flow that was claimed, and lets it go. False: it is no longer this
    attempt's.
    """
    holding = Holding(claim.job.id, claim.attempt)
    try:
        await happen(world, evaluate, Cause(claim.job.id, holding=holding), _nothing)
    except NotYours:
        return False
    return True


async def _nothing(_: Tx) -> None:
    return None


async def finish_step(
    world: World, evaluate: Evaluate, job: NewJob, report: Report, *, ask: Ask | None = None
) -> Settled:
    """The end of a child of a flow, and what follows from it, in one transaction."""
    assert job.parent_id is not None, "a child has a parent"
    body = reporting(world, report, ask)

    async def accepted(tx: Tx) -> Settled:
        settled = await body(tx)
        if not settled.accepted:
            raise NotYours
        return settled

    results = {job.id: report.finished.result}
    cause = Cause(job.parent_id, (_heard(job, report),), results)
    try:
        return await happen(world, evaluate, cause, accepted)
    except NotYours:
        return Settled(accepted=False)


def _heard(job: NewJob, report: Report) -> ChildDone:
    ended, name = report.finished, job.child_name
    assert name is not None, "a child has a name"
    good = ended.outcome is Outcome.SUCCESS
    told = '"recover"' in ended.result and recovers(loads(ended.result, what="result"))
    return ChildDone(name, good, recovered=told, final=ended.outcome is Outcome.CANCELED)


def is_child(job: NewJob) -> UUID | None:
    """The flow it is a child of."""
    return job.parent_id if job.child_name is not None else None
