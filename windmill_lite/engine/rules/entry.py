"""The one way into the queue: everything that is decided in the transaction that inserts a job."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from windmill_lite.base.codec import dumps
from windmill_lite.base.errors import AlreadyExists, Bug, Busy, Conflict, Invalid
from windmill_lite.core.jobs import results
from windmill_lite.engine.flows.beginning import first_run
from windmill_lite.engine.rules import debounce, keys
from windmill_lite.model.job import FLOW_KINDS, JobState, NewJob, Outcome
from windmill_lite.model.request import Request
from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.machine import answers, cancels, flows, leases, queue, requests
from windmill_lite.store.machine.cancels import Word
from windmill_lite.store.machine.places import Ending, Spot


@dataclass(frozen=True, slots=True)
class Entry:
    """A job to be, and what was asked about its entering."""

    job: NewJob
    request: Request | None = None
    key_time: int = 0  # of the world, µs
    queue_limit: int | None = None  # refuse when more jobs than this are queued


async def enter(tx: Tx, entry: Entry) -> UUID:
    """The id of the job that is in the queue now: a repeated request's is the earlier one.

    Fails: `Busy` at the limit, `AlreadyExists` for an id that is taken, `Invalid` for relatives
    that are not there, `Conflict` for a key that was used for something else.
    """
    job = entry.job
    if (known := await repeated(tx, entry)) is not None:
        return known
    limit = entry.queue_limit
    if limit is not None and await queue.count_queued(tx, job.workspace, at_most=limit + 1) > limit:
        raise Busy(f"more than {limit} jobs are queued in workspace {job.workspace}")
    for field, relative in (("parent_job", job.parent_id), ("root_job", job.root_id)):
        await _require_job(tx, job.workspace, relative, field)
    if not await place(tx, job):
        raise AlreadyExists(f"a job with id {job.id} exists already", field="job_id")
    return job.id


async def place(tx: Tx, job: NewJob, *, decided: bool = False) -> bool:
    """Puts a job into the queue, unless its answer is known. False, and nothing changed, when a job
    of this id exists. `decided`: a flow pushes it, which knows that it lives and what is answered.
    """
    if job.parent_id is not None and not decided:
        word = await cancels.of_parent(tx, job.parent_id)
        if word is not None:
            return await _enter_canceled(tx, job, word)
    source = None if decided else await _known_answer(tx, job)
    if source is not None:
        if not await queue.insert_facts(tx, job):
            return False
        await answers.answer(tx, job, source, now=job.created_at)
        tx.ring(f"job:{job.id}")
        return True
    if job.debounce is not None:
        if await queue.state_of(tx, job.id) is not None:
            return False  # before anything else ends for its sake
        placed = await debounce.put_off(tx, job, job.debounce)
        inserted = await queue.insert(tx, placed.job, placed.spot)
    else:
        inserted = await queue.insert(tx, job, Spot(await keys.enters(tx, job)))
    if not inserted:
        return False
    if job.kind in FLOW_KINDS:
        await flows.begin(tx, first_run(job))
    tx.ring("queue")
    return True


async def _enter_canceled(tx: Tx, job: NewJob, word: Word) -> bool:
    """A child of a canceled job ends as its parent did, without having been in the queue."""
    if not await queue.insert_facts(tx, job):
        return False
    reason = word.reason or results.NO_REASON
    ending = Ending(
        outcome=Outcome.CANCELED,
        result=dumps(results.canceled(by=word.canceled_by, reason=reason)),
        completed_at=job.created_at,
        canceled_by=word.canceled_by,
        canceled_reason=reason,
        delete_after_s=job.delete_after_s,
    )
    await queue.complete(tx, job.id, ending)
    tx.ring(f"job:{job.id}")
    return True


async def _known_answer(tx: Tx, job: NewJob) -> UUID | None:
    """A job whose result answers this one; what is to run later is not answered today."""
    if job.cache_key is None or job.begins is not JobState.QUEUED:
        return None
    return await answers.find(tx, job.workspace, job.cache_key, now=job.created_at)


async def earlier(view: View, request: Request) -> UUID | None:
    """The job that this request became when it was sent before.

    Fails: `Conflict`, naming the key, when it was sent with something else.
    """
    known = await requests.remembered(view, request)
    if known is None:
        return None
    if known.fingerprint != request.fingerprint:
        raise Conflict(
            f"the Idempotency-Key {request.key!r} was used for another run, job {known.job_id}; "
            "a new request needs a new key",
            field="Idempotency-Key",
        )
    return known.job_id


async def repeated(tx: Tx, entry: Entry) -> UUID | None:
    """The earlier job of its request; None for a new one, which is remembered from here on.

    Fails: `Conflict`, as `earlier` does.
    """
    if entry.request is None:
        return None
    now = await leases.now(tx, ours=entry.key_time)
    if await requests.remember(tx, entry.request, entry.job.id, now=now):
        return None
    found = await earlier(tx, entry.request)
    if found is None:
        raise Bug("a request is neither new nor known")
    return found


async def _require_job(tx: Tx, workspace: str, job_id: UUID | None, field: str) -> None:
    if job_id is None:
        return
    state = await queue.state_of(tx, job_id)
    if state is None or state.workspace != workspace:
        raise Invalid(f"{field} {job_id} is no job of workspace {workspace}", field=field)
