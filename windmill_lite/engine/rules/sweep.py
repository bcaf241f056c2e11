"""What has had its time goes: in small batches, and without a write when there is nothing."""

from __future__ import annotations

from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import keys, requests


async def sweep(world: World) -> bool:
    """One batch of everything; whether there may be more."""
    more = [await chore(world) for chore in (_forget_requests, _forget_starts)]
    return any(more)


async def _forget_requests(world: World) -> bool:
    before = world.now() - limits.IDEMPOTENCY_S * 1_000_000
    async with world.db.view() as view:
        if not await requests.any_older(view, before=before):
            return False

    async def body(tx: Tx) -> int:
        return await requests.forget(tx, before=before, most=limits.SWEEP_BATCH)

    return await world.db.write(body) == limits.SWEEP_BATCH


async def _forget_starts(world: World) -> bool:
    now = world.now()
    async with world.db.view() as view:
        if not await keys.any_old_start(view, now=now):
            return False

    async def body(tx: Tx) -> int:
        return await keys.forget_starts(tx, now=now, most=limits.SWEEP_BATCH)

    return await world.db.write(body) == limits.SWEEP_BATCH
