"""Requests that may be sent again, and which job each of them is. `before` (µs): what is as old no
longer counts."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from windmill_lite.model.request import Request
from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "requests.sql")


@dataclass(frozen=True, slots=True)
class Remembered:
    """The job that an earlier request became."""

    fingerprint: str
    job_id: UUID


async def remember(tx: Tx, request: Request, job_id: UUID, *, now: int, before: int) -> bool:
    """False, and nothing changed, when the key is known already."""
    changed = await tx.run(
        Q.remember,
        workspace=request.workspace,
        username=request.username,
        key=request.key,
        fingerprint=request.fingerprint,
        job_id=job_id,
        now=now,
        before=before,
    )
    return bool(changed)


async def remembered(view: View, request: Request, *, before: int) -> Remembered | None:
    row = await view.one(
        Q.remembered,
        workspace=request.workspace,
        username=request.username,
        key=request.key,
        before=before,
    )
    return Remembered(row["fingerprint"], row["job_id"]) if row else None


async def any_older(view: View, *, before: int) -> bool:
    return await view.one(Q.any_older, before=before) is not None


async def forget(tx: Tx, *, before: int, most: int) -> int:
    """How many were forgotten; with `most` of them there may be more."""
    return await tx.run(Q.forget, before=before, most=most)
