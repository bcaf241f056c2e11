"""A run that goes on from an earlier one keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "loans.sql")


async def lend(tx: Tx, run: UUID, lender: UUID) -> bool:
    """False: the earlier run is gone."""
    return bool(await tx.run(Q.lend, run=run, lender=lender))


async def inherit(tx: Tx, run: UUID, lender: UUID, *, steps: Sequence[str]) -> None:
    """What the steps gave is found by their ids in the new run, too."""
    if steps:
        await tx.run(Q.inherit, run=run, lender=lender, steps=tuple(steps))


async def hear_again(tx: Tx, gate: UUID, before: UUID) -> None:
    """What people said to the earlier run's step `before` they said to this run's."""
    await tx.run(Q.hear_again, gate=gate, before=before)


async def lent(view: View, ids: Sequence[UUID]) -> frozenset[UUID]:
    """Of these runs those that others go on from."""
    rows = await view.all(Q.lent, ids=tuple(ids)) if ids else []
    return frozenset(row["lender"] for row in rows)


async def forget(tx: Tx, ids: Sequence[UUID]) -> None:
    """Of runs that are removed: what they borrowed may go with the next look."""
    await tx.run(Q.forget, ids=tuple(ids))
