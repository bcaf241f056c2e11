"""A newer job takes the place of one that still waits out its delay; that one ends as skipped.

Keys are known within a workspace only: who knows a key elsewhere must not end jobs here. Arguments
are gathered only from jobs with the same rights, as they become readable with the newer job.
"""

from __future__ import annotations

from dataclasses import dataclass

from windmill_lite.base.codec import Json, dumps, loads
from windmill_lite.core.jobs import debounce, results
from windmill_lite.core.jobs.debounce import Pending
from windmill_lite.model import limits
from windmill_lite.model.job import Debounce, JobState, NewJob, Outcome
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import keys, queue
from windmill_lite.store.machine.places import Ending, Spot, Waiting


@dataclass(frozen=True, slots=True)
class Placed:
    """A job that waits out its delay, and its spot in the queue."""

    job: NewJob
    spot: Spot


async def put_off(tx: Tx, job: NewJob, rule: Debounce) -> Placed:
    """The job as it enters now; what it replaces has ended. One that is to run later anyway is not
    put off.
    """
    now = job.created_at
    if job.begins is JobState.DELAYED:
        return Placed(job, Spot(JobState.DELAYED))
    await keys.lock(tx, f"debounce/{job.workspace}/{rule.key}", wait=True)
    found = await queue.waiting(tx, job.workspace, rule.key)
    args = _gathered(job, rule, found) if found is not None else None
    pending = Pending(found.since, found.count) if found is not None and args is not None else None
    place = debounce.place(rule, pending, now)
    if place.replaces and found is not None and args is not None:
        if await _skip(tx, found, job, now):
            job = job._replace(args=args)
        else:
            place = debounce.place(rule, None, now)
    spot = Spot(JobState.DELAYED, rule.key, place.since, place.count)
    return Placed(job._replace(scheduled_for=place.scheduled_for), spot)


def _gathered(job: NewJob, rule: Debounce, found: Waiting) -> str | None:
    """The arguments of both; None when they may not come together, or are too many."""
    if not rule.accumulate:
        return job.args
    if found.permissioned_as != job.permissioned_as or found.path != job.path:
        return None
    older: Json = loads(found.args, what="args")
    text = dumps(debounce.merged(older, loads(job.args, what="args"), rule.accumulate))
    return text if len(text.encode()) <= limits.ARGS_BYTES_MAX else None


async def _skip(tx: Tx, found: Waiting, newer: NewJob, now: int) -> bool:
    """False: it does not wait any more."""
    left = await queue.leave_waiting(tx, found.id)
    if left is None:
        return False
    ending = Ending(
        outcome=Outcome.SKIPPED,
        result=dumps(results.debounced(by=newer.id)),
        completed_at=now,
        delete_after_s=left.delete_after_s,
    )
    await queue.complete(tx, found.id, ending)
    tx.ring(f"job:{found.id}")
    return True
