"""Appending to what a job says: its log, its streamed result, its progress."""

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


async def append_stream(tx: Tx, job_id: UUID, attempt: int, *, start: int, chunk: str) -> bool:
    """The same for a piece of the result."""
    stop = start + len(chunk)
    return bool(
        await tx.run(
            Q.append_stream, job_id=job_id, attempt=attempt, start=start, stop=stop, chunk=chunk
        )
    )


async def stream_length(view: View, job_id: UUID) -> int:
    """Characters that earlier attempts have streamed."""
    row = await view.one(Q.stream_length, job_id=job_id)
    return row["length"] if row else 0


async def set_progress(tx: Tx, job_id: UUID, percent: int) -> bool:
    """False when the job does not run."""
    return bool(await tx.run(Q.set_progress, job_id=job_id, percent=percent))


async def length(view: View, job_id: UUID) -> int:
    """Characters so far, those of earlier attempts included."""
    row = await view.one(Q.length, job_id=job_id)
    return row["length"] if row else 0
