"""Results that answer the same question again, and results that go."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from windmill_lite.model.job import NewJob
from windmill_lite.model.limits import DELETE_GRACE_S
from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.machine import attempts

Q = load(__package__, "answers.sql")


async def find(view: View, workspace: str, key: str, *, now: int) -> UUID | None:
    """The job whose result answers for the key."""
    row = await view.one(Q.find, workspace=workspace, key=key, now=now)
    return row["job_id"] if row else None


async def keep(tx: Tx, job_id: UUID, *, now: int) -> None:
    """The job's result answers for its key from now on, for as long as the job says."""
    await tx.run(Q.keep, id=job_id, now=now)


async def answer(tx: Tx, job: NewJob, source: UUID, *, now: int) -> bool:
    """Completes a job that is not in the queue with the result of another. False: that is gone."""
    goes_at = delete_at(job.delete_after_s, now)
    if not await tx.run(Q.answer, id=job.id, source=source, now=now, delete_at=goes_at):
        return False
    await tx.run(Q.copy_labels, id=job.id, source=source)
    tx.ring(f"ended:{job.id}")
    return True


def delete_at(after_s: int | None, completed_at: int) -> int | None:
    """When what a job carried goes (µs); "at once" leaves whoever waits the time to read it."""
    if after_s is None:
        return None
    return completed_at + int((after_s or DELETE_GRACE_S) * 1_000_000)


async def any_expired(view: View, *, now: int) -> bool:
    return await view.one(Q.any_expired, now=now) is not None


async def forget_expired(tx: Tx, *, now: int, most: int) -> int:
    return await tx.run(Q.forget_expired, now=now, most=most)


async def to_delete(view: View, *, now: int, most: int) -> list[UUID]:
    """Completed jobs whose arguments, log and result are to go."""
    return [row["id"] for row in await view.all(Q.to_delete, now=now, most=most)]


async def delete(tx: Tx, ids: Sequence[UUID]) -> None:
    """What the jobs carried is gone; that they were stays."""
    await attempts.forget_reasons(tx, ids)
    rows = [{"id": id_} for id_ in ids]
    for query in (Q.delete_log, Q.delete_stream, Q.delete_labels, Q.delete_args, Q.delete_result):
        await tx.run_many(query, rows)
