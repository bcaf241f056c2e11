"""Statements of a cancellation; the engine composes them in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from windmill_lite.store.db.port import Row, Tx, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.machine.places import Left

Q = load(__package__, "cancels.sql")


@dataclass(frozen=True, slots=True)
class Order:
    """A tree that is to end: its top, who says so and why, and whether workers are asked."""

    job_id: UUID
    canceled_by: str
    reason: str
    by_force: bool


@dataclass(frozen=True, slots=True)
class Word:
    """By whom a job was canceled, and why."""

    canceled_by: str
    reason: str | None


async def mark(tx: Tx, ids: Sequence[UUID], order: Order) -> int:
    """How many live and were not canceled before. On Postgres they stay where they are until the
    transaction ends.
    """
    return await tx.run(
        Q.mark, ids=tuple(ids), canceled_by=order.canceled_by, canceled_reason=order.reason
    )


async def leave(tx: Tx, ids: Sequence[UUID], *, unstarted: bool) -> dict[UUID, Left]:
    """Takes them out of the queue, or those only that no worker holds."""
    rows = await tx.all(Q.leave, ids=tuple(ids), unstarted=1 if unstarted else None)
    return {row["id"]: Left(*map(row.__getitem__, Left._fields)) for row in rows}


async def below(tx: Tx, job_id: UUID, *, unmarked: bool, most: int) -> list[UUID]:
    """What lives below a job, or of that what is not canceled yet."""
    rows = await tx.all(Q.below, id=job_id, unmarked=1 if unmarked else None, most=most)
    return [row["id"] for row in rows]


async def of_parent(tx: Tx, parent_id: UUID) -> Word | None:
    """Who canceled a job, if anybody did; from here on nobody does before this transaction ends."""
    living = await tx.one(Q.living_parent, id=parent_id)
    if living is not None:
        return _word(living) if living["canceled_by"] is not None else None
    ended = await tx.one(Q.ended_parent, id=parent_id)
    return _word(ended) if ended is not None else None


def _word(row: Row) -> Word:
    return Word(row["canceled_by"], row["canceled_reason"])


async def put_off(tx: Tx, order: Order) -> None:
    """Remembers that the tree has members left."""
    await tx.run(
        Q.put_off,
        job_id=order.job_id,
        canceled_by=order.canceled_by,
        reason=order.reason,
        by_force=int(order.by_force),
    )


async def put_off_so_far(view: View, *, most: int) -> list[Order]:
    rows = await view.all(Q.put_off_so_far, most=most)
    return [
        Order(row["job_id"], row["canceled_by"], row["reason"], bool(row["by_force"]))
        for row in rows
    ]


async def carried_out(tx: Tx, order: Order) -> None:
    await tx.run(Q.carried_out, job_id=order.job_id)
