"""When a flow has its turn: a worker takes it from the queue, or one of its children completes.
Either way the worker takes its next job along in the same transaction.
"""

from __future__ import annotations

from windmill_lite.base.codec import dumps, loads
from windmill_lite.core.flow.events import ChildDone
from windmill_lite.core.flow.inside import recovers
from windmill_lite.core.jobs import results
from windmill_lite.core.jobs.failed import at_step
from windmill_lite.engine import finish
from windmill_lite.engine.claim import Ask, claim_in
from windmill_lite.engine.finish import Report, Settled
from windmill_lite.engine.flows.happen import Cause, Keep, happen
from windmill_lite.engine.flows.keep import Holding, NotYours
from windmill_lite.engine.world import World
from windmill_lite.model.job import Claim, Finished, NewJob, Outcome
from windmill_lite.model.worker import is_site
from windmill_lite.store.db.port import Body, Tx
from windmill_lite.store.machine.places import Left


class _Canceled(Exception):  # noqa: N818 - it tells what happened
    """Somebody canceled the child, which its worker did not know."""

    def __init__(self, left: Left) -> None:
        super().__init__()
        self.left = left


async def take_turn(world: World, claim: Claim, *, ask: Ask | None = None) -> Settled:
    """Starts or wakes a flow that was claimed, and lets it go. Not accepted: it is no longer this
    attempt's, or was canceled; then it is still to be handed back.
    """
    now = world.now()

    def doing(keep: Keep) -> Body[Settled]:
        async def body(tx: Tx) -> Settled:
            holds = await keep(tx)
            claims = await claim_in(tx, ask, now, holds=holds) if ask is not None else []
            return Settled(accepted=True, next=tuple(claims))

        return body

    holding = Holding(claim.job.id, claim.attempt, leaving=ask is None)
    root = claim.job.root_id
    cause = Cause(claim.job.id, holding=holding, site=_site(ask), root=root)
    try:
        return await happen(world, cause, doing)
    except NotYours:
        return Settled(accepted=False)


async def report(world: World, job: NewJob, told: Report, *, ask: Ask | None = None) -> Settled:
    """The end of any job, and what follows from it for the flow that it is a child of."""
    if job.child_name is None:
        return await finish.finish(world, told, ask)
    told = told._replace(finished=at_step(told.finished, job.step_id or ""))
    try:
        return await _finish_child(world, job, told, ask=ask)
    except _Canceled as canceled:
        instead = _canceled(canceled.left)
        return await _finish_child(world, job, told._replace(finished=instead), ask=ask)


async def _finish_child(
    world: World, job: NewJob, told: Report, *, ask: Ask | None = None
) -> Settled:
    assert job.parent_id is not None, "a child has a parent"

    def doing(keep: Keep) -> Body[Settled]:
        async def follow(tx: Tx, left: Left) -> bool:
            if left.canceled_by is not None and told.finished.outcome is not Outcome.CANCELED:
                raise _Canceled(left)
            return await keep(tx)

        return finish.reporting(world, told, ask, follow=follow)

    ended = {job.id: told.finished.result}
    good = told.finished.outcome is Outcome.SUCCESS
    answers = {job.cache_key: job.id} if job.cache_key is not None and good else {}
    heard, site = (_heard(job, told),), _site(ask)
    cause = Cause(job.parent_id, heard, ended, answers, site=site, root=job.root_id)
    return await happen(world, cause, doing)


def _canceled(left: Left) -> Finished:
    reason = left.canceled_reason or results.NO_REASON
    told = results.canceled(by=left.canceled_by or "", reason=reason)
    return Finished(Outcome.CANCELED, dumps(told))


def _heard(job: NewJob, told: Report) -> ChildDone:
    ended, name = told.finished, job.child_name
    assert name is not None, "a child has a name"
    good = ended.outcome is Outcome.SUCCESS
    recovered = '"recover"' in ended.result and recovers(loads(ended.result, what="result"))
    return ChildDone(name, good, recovered=recovered, final=ended.outcome is Outcome.CANCELED)


def _site(ask: Ask | None) -> str | None:
    return next(filter(is_site, ask.tags), None) if ask is not None else None
