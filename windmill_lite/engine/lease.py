"""A named lease: at most one process at a time does what the name stands for.

The protocol
------------

1. There is one row for each name: holder, term, since, expires_at. A holder is one start of a
   process. Moments in the row are of one clock, the database's; no node compares its own with it.
2. A lease is *free* when it has no row or `expires_at` has passed. Whoever finds it free takes it:
   one guarded statement makes itself the holder until `LEASE_S` from now and raises the term. Of
   many who try at once the row's lock lets one through; the others find it taken.
3. The holder renews it every `LEASE_RENEW_S`: one update of one row, guarded by holder and term.
   If nobody took it meanwhile it may be renewed even after it expired: no term was in between.
4. The holder *trusts* its lease for `LEASE_TRUST_S`, on its own monotonic clock, counted from
   before the statement was sent. That is less than `LEASE_S`, so it stops before anybody else can
   begin, however long the answer took, and whatever becomes of the connection. A holder that cannot
   renew goes on trying until its trust ends, then stops, and is one among those who wait.
5. A holder that ends resigns: it lets the lease expire now and rings, and the next one begins at
   once. One that dies is followed when its lease expires: within `LEASE_S`.
6. Those who wait read the row, not more often than it can have become free.

What it does not promise. A process that is frozen as a whole, and wakes when its lease is
another's, does not know it until it looks at its clock. So everything done under a lease is also
safe when two do it: each statement is guarded by what it saw. The lease saves work; it is no lock.

Clocks. A node's wall clock is never used on Postgres. When the database's clock jumps ahead, a
lease expires early, and for less than `LEASE_TRUST_S` two may work. When it is set back,
`expires_at` lies further ahead than anybody could have promised: such a lease is free. On SQLite
there is one process and nobody to agree with; the same verbs work with its own clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import leases

RING = "lease"  # somebody resigned

_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Lease:
    """What a holder knows. `trusted_until_s` is of this process's monotonic clock."""

    name: str
    holder: UUID
    term: int
    trusted_until_s: float


async def acquire(world: World, name: str, holder: UUID) -> Lease | None:
    """The lease with a new term; None when somebody else holds it."""
    asked_s, ours = world.clock.monotonic_s(), world.now()
    length = int(limits.LEASE_S * _SECOND)

    async def body(tx: Tx) -> int | None:
        now = await leases.now(tx, ours=ours)
        return await leases.take(tx, name, holder, now=now, length=length)

    term = await world.db.write(body)
    return None if term is None else Lease(name, holder, term, asked_s + limits.LEASE_TRUST_S)


async def renew(world: World, lease: Lease) -> Lease | None:
    """The same term for longer; None when it is over."""
    asked_s = world.clock.monotonic_s()
    if not await _extend(world, lease, limits.LEASE_S):
        return None
    trusted_until_s = asked_s + limits.LEASE_TRUST_S
    return Lease(lease.name, lease.holder, lease.term, trusted_until_s)


async def resign(world: World, lease: Lease) -> None:
    """Lets the next one begin at once. Harmless when the term is over."""
    await _extend(world, lease, 0.0)


async def _extend(world: World, lease: Lease, seconds: float) -> bool:
    ours = world.now()

    async def body(tx: Tx) -> bool:
        expires_at = await leases.now(tx, ours=ours) + int(seconds * _SECOND)
        held = await leases.extend(
            tx, lease.name, lease.holder, term=lease.term, expires_at=expires_at
        )
        if held and not seconds:
            tx.ring(RING)
        return held

    return await world.db.write(body)


async def free_in_s(world: World, name: str, holder: UUID) -> float:
    """Seconds until `holder` may take the lease if nobody renews it; 0 for at once. Only reads."""
    async with world.db.view() as view:
        row = await leases.read(view, name)
        now = await leases.now(view, ours=world.now())
    if row is None or row.holder == holder:  # one's own: the answer to the taking was lost
        return 0.0
    left_s = (row.expires_at - now) / _SECOND
    return 0.0 if left_s > 2 * limits.LEASE_S else max(0.0, left_s)
