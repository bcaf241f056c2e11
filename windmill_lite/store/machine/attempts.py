"""Remembering attempts that ended before their job did."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from windmill_lite.model.attempt import Attempt
from windmill_lite.store.db.port import Tx
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "attempts.sql")


async def record(tx: Tx, job_id: UUID, ended: Attempt, *, worker_id: UUID | None = None) -> None:
    """After all that there were before. `worker_id` says which worker when its name is not known.

    Once: the caller has just taken the attempt out of the queue.
    """
    await tx.run(
        Q.record,
        job_id=job_id,
        number=ended.number,
        ended=ended.ended,
        worker=ended.worker,
        worker_id=worker_id,
        started_at=ended.started_at,
        ended_at=ended.ended_at,
        reason=ended.reason,
    )


async def forget_reasons(tx: Tx, ids: Sequence[UUID]) -> None:
    await tx.run_many(Q.forget_reasons, [{"id": id_} for id_ in ids])


async def remove(tx: Tx, ids: Sequence[UUID]) -> None:
    await tx.run(Q.delete_attempts, ids=tuple(ids))
