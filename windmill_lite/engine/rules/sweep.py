"""What has had its time goes: in small batches, and without a write when there is nothing."""

from __future__ import annotations

from uuid import UUID

from windmill_lite.engine.cancel import go_on
from windmill_lite.engine.flows.stranded import free_stranded
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import answers, cancels, flows, keys, leases, requests


async def sweep(world: World) -> bool:
    """One batch of everything; whether there may be more."""
    more = [await chore(world) for chore in CHORES]
    return any(more)


async def _forget_requests(world: World) -> bool:
    async with world.db.view() as view:
        oldest = await requests.oldest(view)
        if oldest is None:
            return False
        now = await leases.now(view, ours=world.key_time())
    before = now - limits.IDEMPOTENCY_S * 1_000_000
    if oldest > before:
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


async def _forget_answers(world: World) -> bool:
    now = world.now()
    async with world.db.view() as view:
        if not await answers.any_expired(view, now=now):
            return False

    async def body(tx: Tx) -> int:
        return await answers.forget_expired(tx, now=now, most=limits.SWEEP_BATCH)

    return await world.db.write(body) == limits.SWEEP_BATCH


async def _delete_carried(world: World) -> bool:
    """Arguments, logs and results of jobs that were to keep them for a while only."""
    async with world.db.view() as view:
        due = await answers.to_delete(view, now=world.now(), most=limits.DELETE_BATCH)
    if due:
        await world.db.write(lambda tx: answers.delete(tx, due))
    return len(due) == limits.DELETE_BATCH


async def _clean_flows(world: World) -> bool:
    """Steps that were to lose what they carried when their flow has ended."""
    async with world.db.view() as view:
        due = await flows.to_clean(view, most=limits.DELETE_BATCH)
    if due:
        await world.db.write(lambda tx: flows.clean(tx, due))
    return len(due) == limits.DELETE_BATCH


async def end_trees(world: World) -> bool:
    """Goes on with canceled trees whose canceler is gone."""
    async with world.db.view() as view:
        orders = await cancels.put_off_so_far(view, most=limits.CANCEL_TREES)
    more = [await go_on(world, order) for order in orders]
    return any(more) or len(orders) == limits.CANCEL_TREES


async def forget_read(world: World, job_id: UUID) -> None:
    """Whoever waited for a job has read its result, and it was to be read once."""
    await world.db.write(lambda tx: answers.delete(tx, [job_id]))


CHORES = (
    end_trees,
    _forget_requests,
    _forget_starts,
    _forget_answers,
    _clean_flows,
    free_stranded,
    _delete_carried,
)
