"""Requests that may be sent again, and which job each of them is. Moments (µs) are of the keys' own
time, see `World.key_time`."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from windmill_lite.model.request import Request
from windmill_lite.store.db.port import Query, Tx, View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "requests.sql")


@dataclass(frozen=True, slots=True)
class Remembered:
    """The job that an earlier request became."""

    fingerprint: str
    job_id: UUID


async def remember(tx: Tx, request: Request, job_id: UUID, *, now: int) -> bool:
    """False, and nothing changed, when the key is known already."""
    changed = await tx.run(
        Q.remember,
        workspace=request.workspace,
        username=request.username,
        key=request.key,
        fingerprint=request.fingerprint,
        job_id=job_id,
        now=now,
    )
    return bool(changed)


async def remembered(view: View, request: Request) -> Remembered | None:
    row = await view.one(
        Q.remembered,
        workspace=request.workspace,
        username=request.username,
        key=request.key,
    )
    return Remembered(row["fingerprint"], row["job_id"]) if row else None


async def newest(view: View) -> int | None:
    """When the last key came that is remembered."""
    return await _moment(view, Q.newest)


async def oldest(view: View) -> int | None:
    """When the first of the keys came that are remembered."""
    return await _moment(view, Q.oldest)


async def _moment(view: View, query: Query) -> int | None:
    row = await view.one(query)
    assert row is not None, "an aggregate has one row"
    at: int | None = row["at"]
    return at


async def forget(tx: Tx, *, before: int, most: int) -> int:
    """How many were forgotten; with `most` of them there may be more."""
    return await tx.run(Q.forget, before=before, most=most)
