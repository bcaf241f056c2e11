"""Appending to a job's log."""

from __future__ import annotations

from uuid import UUID

from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "logbook.sql")


async def append(tx: Tx, job_id: UUID, attempt: int, *, start: int, chunk: str) -> bool:
    """False when the attempt no longer runs, or the chunk is there already."""
    return bool(
        await tx.run(
            Q.append,
            job_id=job_id,
            attempt=attempt,
            start=start,
            stop=start + len(chunk),
            chunk=chunk,
        )
    )


async def note(tx: Tx, job_id: UUID, attempt: int, line: str) -> None:
    """A line about the job rather than of it: why an attempt ended, who canceled it."""
    chunk = f"{line}\n"
    await tx.run(Q.note, job_id=job_id, attempt=attempt, length=len(chunk), chunk=chunk)


async def length(view: View, job_id: UUID) -> int:
    """Characters so far, those of earlier attempts included."""
    row = await view.one(Q.length, job_id=job_id)
    return row["length"] if row else 0
