"""Verbs of the concurrency keys; the protocol that composes them is in `engine/rules/keys.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from windmill_lite.base.errors import Bug
from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "keys.sql")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a job asks of its key, and how the key is used."""

    limit: int
    window_s: int | None
    running: int  # others
    ready: int  # of the job's tag


async def lock(tx: Tx, key: str, *, wait: bool) -> bool:
    """False only without `wait`: somebody else holds the key. Held until the transaction ends."""
    row = await tx.one(Q.lock_key, key=key, wait=int(wait))
    return row is not None and bool(row["held"])


async def facts(tx: Tx, job_id: UUID) -> Facts:
    row = await tx.one(Q.facts, id=job_id)
    if row is None or row["concurrent_limit"] is None:
        raise Bug(f"job {job_id} has a concurrency key without a limit")
    return Facts(row["concurrent_limit"], row["concurrency_window_s"], row["running"], row["ready"])


async def latest_starts(tx: Tx, key: str, *, most: int) -> Sequence[int]:
    """µs, the newest first."""
    return [row["started_at"] for row in await tx.all(Q.latest_starts, key=key, most=most)]


async def started(tx: Tx, key: str, job_id: UUID, *, at: int, until: int) -> None:
    """Remembers a start as long as it counts."""
    await tx.run(Q.insert_start, key=key, job_id=job_id, started_at=at, until=until)


async def put_back(tx: Tx, job_id: UUID, attempt: int, *, blocked: bool) -> None:
    """Undoes a claim of this very transaction."""
    state = "blocked" if blocked else "queued"
    await tx.run(Q.put_back, id=job_id, attempt=attempt, state=state)


async def block(tx: Tx, key: str, *, most: int) -> None:
    await tx.run(Q.block, key=key, most=most)


async def blocked_tags(tx: Tx, key: str) -> list[str]:
    return [row["tag"] for row in await tx.all(Q.blocked_tags, key=key)]


async def first_blocked(tx: Tx, key: str, tag: str) -> UUID | None:
    row = await tx.one(Q.first_blocked, key=key, tag=tag)
    return row["id"] if row else None


async def wake(tx: Tx, key: str, tag: str, *, most: int) -> int:
    """How many became ready."""
    return await tx.run(Q.wake, key=key, tag=tag, most=most)


async def wake_later(tx: Tx, key: str, *, at: int) -> None:
    await tx.run(Q.wake_later, key=key, wake_at=at)


async def due(view: View, *, now: int, most: int) -> list[str]:
    """Keys whose window may let somebody start."""
    return [row["key"] for row in await view.all(Q.due, now=now, most=most)]


async def next_wake_at(view: View) -> int | None:
    row = await view.one(Q.next_wake)
    return row["wake_at"] if row else None


async def woken(tx: Tx, key: str, *, now: int) -> None:
    await tx.run(Q.woken, key=key, now=now)


async def any_old_start(view: View, *, now: int) -> bool:
    return await view.one(Q.any_old_start, now=now) is not None


async def forget_starts(tx: Tx, *, now: int, most: int) -> int:
    return await tx.run(Q.forget_starts, now=now, most=most)
