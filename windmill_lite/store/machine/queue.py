"""Verbs of the queue, one statement or two each; the engine composes them in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from operator import attrgetter
from uuid import UUID

from windmill_lite.base.errors import Bug
from windmill_lite.model.job import Finished, NewJob, Outcome
from windmill_lite.model.limits import DELETE_GRACE_S
from windmill_lite.store.db.port import Row, Rows, Tx, Value, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.machine.answers import delete_at
from windmill_lite.store.machine.places import (
    Back,
    Ending,
    Held,
    Holder,
    Left,
    Lost,
    Retry,
    Spot,
    State,
    Waiting,
)

Q = load(__package__, "queue.sql")
#: What is written of a job beside its facts, before its `Spot`.
WAITS = (
    *("id", "workspace", "tag", "priority", "created_at", "scheduled_for"),
    *("concurrency_key", "cache_key", "delete_after_s"),
)
_waits = attrgetter(*WAITS)


async def insert_facts(tx: Tx, job: NewJob) -> bool:
    """What is asked, without a place in the queue. False when a job of this id exists."""
    return bool(await tx.run(Q.insert_job, *job.row))


async def insert(tx: Tx, job: NewJob, spot: Spot) -> bool:
    """False, and nothing changed, when a job of this id exists."""
    if tx.speaks(Q.insert_both):
        return bool(await tx.run(Q.insert_both, *job.row, *spot))
    return await rows(job, spot).add(tx)


def rows(job: NewJob, spot: Spot) -> Rows:
    """What `insert` inserts, for a transaction that does no more; rings `queue`."""
    waits = (*_waits(job), *spot)
    return Rows(((Q.insert_job, job.row), (Q.insert_queued, waits)), "queue")


async def count_queued(view: View, workspace: str, *, at_most: int) -> int:
    """How many jobs wait; `at_most` means as many or more."""
    row = await view.one(Q.count_queued, workspace=workspace, most=at_most)
    return row["queued"] if row else 0


async def leave(tx: Tx, job_id: UUID, attempt: int) -> Left | None:
    """None: this attempt no longer runs, and whoever asks has nothing more to say about the job."""
    return _left(await tx.one(Q.leave, id=job_id, attempt=attempt))


def _left(row: Row | None) -> Left | None:
    return None if row is None else Left(**row)


async def set_args(tx: Tx, job_id: UUID, args: str) -> None:
    """What a preprocessor has made of them."""
    await tx.run(Q.set_args, id=job_id, args=args)


async def end_well(
    tx: Tx, job_id: UUID, attempt: int, finished: Finished, *, worker: str, now: int
) -> Left | None:
    """`leave` and `complete` in one, where nothing speaks against it. None: nothing has happened,
    and they go one after the other.
    """
    if finished.outcome is not Outcome.SUCCESS or finished.labels:
        return None
    said: dict[str, Value] = {
        "id": job_id,
        "attempt": attempt,
        "now": now,
        "worker": worker,
        "sandbox": finished.sandbox,
        "memory_peak_kb": finished.memory_peak_kb,
        "cpu_ms": finished.cpu_ms,
        "result": finished.result,
        "grace_s": int(DELETE_GRACE_S),
    }
    if tx.speaks(Q.end_well):
        left = _left(await tx.one(Q.end_well, **said))
    else:
        left = await leave(tx, job_id, attempt) if await tx.run(Q.write_well, **said) else None
    if left is not None:
        ending = Ending(finished.outcome, finished.result, now, delete_after_s=left.delete_after_s)
        tx.ring(f"ended:{job_id}", ending)
    return left


async def complete(tx: Tx, job_id: UUID, ending: Ending) -> None:
    """Writes the terminal state; the caller has just taken the job out of the queue.

    Who waits for the end alone hears `ended:<id>`, which says what it was; `job:<id>`, which rings
    for every news of a job, is the caller's to ring.
    """
    changed = await tx.run(Q.insert_done, **_done(job_id, ending))
    if changed != 1:
        raise Bug(f"job {job_id} was in the queue without its facts")
    tx.ring(f"ended:{job_id}", ending)
    if ending.labels:
        await tx.run_many(Q.insert_label, [{"id": job_id, "label": each} for each in ending.labels])


async def complete_all(tx: Tx, endings: Mapping[UUID, Ending]) -> None:
    """The same for many jobs that did not run to their end and have no labels."""
    rows = [_done(job_id, ending) for job_id, ending in endings.items()]
    await tx.run_many(Q.insert_done, rows)
    for job_id, ending in endings.items():
        tx.ring(f"ended:{job_id}", ending)


def _done(job_id: UUID, ending: Ending) -> dict[str, Value]:
    facts = ending._asdict()
    began, ended = ending.started_at, ending.completed_at
    return facts | {
        "id": job_id,
        "outcome": str(ending.outcome),
        "duration_ms": 0 if began is None else max(0, (ended - began) // 1000),
        "delete_at": delete_at(facts.pop("delete_after_s"), ended),
        "labels": json.dumps(ending.labels) if ending.labels else None,
    }


async def state_of(view: View, job_id: UUID) -> State | None:
    row = await view.one(Q.state_of, id=job_id)
    return State(**row) if row else None


async def held(view: View, worker_id: UUID) -> list[Held]:
    rows = await view.all(Q.held, worker_id=worker_id)
    return [Held(r["id"], r["attempt"], r["canceled_by"], r["canceled_reason"]) for r in rows]


async def hand_back(tx: Tx, job_id: UUID, attempt: int, holder: Holder) -> Back | None:
    """Makes an interrupted job available at once; a canceled one is not handed back."""
    row = await tx.one(
        Q.hand_back,
        id=job_id,
        attempt=attempt,
        worker_id=holder.worker_id,
        started_at=holder.started_at,
    )
    return _back(row)


async def leave_canceled(tx: Tx, job_id: UUID, attempt: int, holder: Holder) -> Left | None:
    """Instead of `hand_back` when it was canceled."""
    row = await tx.one(
        Q.leave_canceled,
        id=job_id,
        attempt=attempt,
        worker_id=holder.worker_id,
        started_at=holder.started_at,
    )
    return _left(row)


async def lost(view: View, *, at: int, before: int, most: int) -> list[Lost]:
    """Of workers who `at` this moment are silent since `before`, and longer than their lease."""
    rows = await view.all(Q.lost, now=at, before=before, worker_id=None, most=most)
    return [Lost(**row) for row in rows]


async def lost_by(view: View, worker_id: UUID, *, most: int) -> list[Lost]:
    """The running jobs of a worker, which is dead."""
    rows = await view.all(Q.lost, now=None, before=None, worker_id=worker_id, most=most)
    return [Lost(**row) for row in rows]


async def requeue_lost(tx: Tx, job_id: UUID, attempt: int) -> Back | None:
    return _back(await tx.one(Q.requeue_lost, id=job_id, attempt=attempt))


async def retry_of(tx: Tx, job_id: UUID, attempt: int) -> Retry | None:
    """None when a failure of this attempt is final, or nobody's business any more."""
    row = await tx.one(Q.retry_of, id=job_id, attempt=attempt)
    return Retry(row["retry"], row["retries"], row["started_at"]) if row else None


async def requeue_failed(tx: Tx, job_id: UUID, attempt: int, *, at: int) -> Back | None:
    """Makes the job wait for its next try."""
    return _back(await tx.one(Q.requeue_failed, id=job_id, attempt=attempt, scheduled_for=at))


def _back(row: Row | None) -> Back | None:
    return None if row is None else Back(row["concurrency_key"])


async def waiting(tx: Tx, workspace: str, debounce_key: str) -> Waiting | None:
    """The job whose place a newer one may take."""
    row = await tx.one(Q.waiting, workspace=workspace, key=debounce_key)
    return Waiting(**row) if row else None


async def leave_waiting(tx: Tx, job_id: UUID) -> Left | None:
    """None: it is ready by now, or gone."""
    return _left(await tx.one(Q.leave_waiting, id=job_id))


async def running_attempt(view: View, job_id: UUID, attempt: int) -> Row | None:
    """workspace, email and permissioned_as of a running attempt."""
    return await view.one(Q.running_attempt, id=job_id, attempt=attempt)


async def run_now(tx: Tx, job_id: UUID, *, now: int) -> bool:
    """False: it does not wait for its time."""
    return bool(await tx.run(Q.run_now, id=job_id, now=now))
