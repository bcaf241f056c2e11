"""Registering workers and hearing from them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from windmill_lite.model.worker import Language, Worker, tag_of
from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "workers.sql")


async def register(tx: Tx, worker: Worker, *, lease_us: int) -> None:
    """`lease_us`: for how long it may be silent."""
    await tx.run(
        Q.register,
        id=worker.id,
        name=worker.name,
        host=worker.host,
        tags=json.dumps(worker.tags),
        slots=worker.slots,
        version=worker.version,
        sandbox=worker.sandbox,
        started_at=worker.started_at,
        last_seen_at=worker.last_seen_at,
        languages=_written(worker.languages),
        lease_us=lease_us,
        site=worker.site,
    )


async def describe(tx: Tx, worker: Worker) -> None:
    """Its languages and tags anew; nothing where the worker is not known any more."""
    written, tags = _written(worker.languages), json.dumps(worker.tags)
    await tx.run(Q.describe, id=worker.id, languages=written, tags=tags)


def _written(languages: tuple[Language, ...]) -> str:
    return json.dumps([asdict(language) for language in languages])


async def ping(tx: Tx, worker_id: UUID, *, now: int, jobs_done: int, memory_kb: int | None) -> bool:
    """False when the worker is not known any more: it was taken for dead and forgotten."""
    return bool(
        await tx.run(Q.ping, id=worker_id, now=now, jobs_done=jobs_done, memory_kb=memory_kb)
    )


async def leave(tx: Tx, worker_id: UUID) -> None:
    await tx.run(Q.leave, id=worker_id)


async def longest_silent_at(view: View) -> int | None:
    """When the worker that has been silent the longest was last heard of."""
    row = await view.one(Q.first_silent)
    return row["at"] if row else None


async def forget_silent(tx: Tx, *, before: int) -> int:
    return await tx.run(Q.leave_silent, before=before)


async def mark_all_lost(tx: Tx) -> None:
    await tx.run(Q.all_lost)


async def waited_for(view: View) -> list[str]:
    """The tags of sites for which something is ready."""
    return [row["tag"] for row in await view.all(Q.waited_for)]


async def served(view: View, *, since: int) -> set[str]:
    """The tags of sites whose workers have been heard of since."""
    return {tag_of(row["site"]) for row in await view.all(Q.served, since=since)}


async def which_live(view: View, ids: Sequence[UUID]) -> set[UUID]:
    return {row["id"] for row in await view.all(Q.which_live, ids=tuple(ids))}


async def move_flows(tx: Tx, tag: str) -> None:
    await tx.run(Q.move_flows, tag=tag)


async def waiting_at(tx: Tx, tag: str, *, most: int) -> list[UUID]:
    return [row["id"] for row in await tx.all(Q.waiting_at, tag=tag, most=most)]
