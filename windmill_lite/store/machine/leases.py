"""Statements about leases; the protocol is in engine/lease.py."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "leases.sql")


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """Moments in µs of the database's clock."""

    holder: UUID
    term: int
    since: int
    expires_at: int


async def now(view: View, *, ours: int) -> int:
    """µs of the clock that all nodes share: the database's, or `ours` where we are alone."""
    row = await view.one(Q.now, now=ours)
    assert row is not None, "a select of a constant has one row"
    moment: int = row["now"]
    return moment


async def read(view: View, name: str) -> LeaseRow | None:
    row = await view.one(Q.lease, name=name)
    return None if row is None else LeaseRow(**row)


async def take(tx: Tx, name: str, holder: UUID, *, now: int, length: int) -> int | None:
    """The term it is held for, `length` µs long; None when somebody else holds it."""
    bounds = {"now": now, "expires_at": now + length, "absurd": now + 2 * length}
    row = await tx.one(Q.take, name=name, holder=holder, **bounds)
    return None if row is None else int(row["term"])


async def extend(tx: Tx, name: str, holder: UUID, *, term: int, expires_at: int) -> bool:
    """False when the term is over."""
    changed = await tx.run(Q.renew, name=name, holder=holder, term=term, expires_at=expires_at)
    return bool(changed)
