"""Flows whose steps share a folder, and the site that has it.

Steps of such a flow, and its turns, are queued for the site at which it had its first turn. When
nobody has worked there for a while, its steps that wait fail and say so, as steps do, and the flow
goes on where it can: its next steps find another folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from windmill_lite.base.codec import dumps
from windmill_lite.core.jobs import results
from windmill_lite.engine.rules import keys
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import Outcome
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import cancels, flows, leases, queue, workers
from windmill_lite.store.machine.places import Ending

_GONE = "its worker is gone, and with it the folder that the steps of its flow share"


async def alive(world: World, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these jobs have not ended."""
    async with world.db.view() as view:
        return await workers.which_live(view, ids)


async def free_stranded(world: World) -> bool:
    """One batch of what waits for sites that are gone; whether there may be more."""
    now = world.now()
    async with world.db.view() as view:
        tags = await workers.waited_for(view)
        moment = await leases.now(view, ours=now) if tags else now
        since = 0 if world.solo else moment - int(world.lease_s * 1_000_000)
        there = await workers.served(view, since=since) if tags else set()
    gone = _for_long(world, [tag for tag in tags if tag not in there])
    freed = [await world.db.write(partial(_free, tag=tag, now=now)) for tag in gone]
    return any(count == limits.RESCUE_BATCH for count in freed)


def _for_long(world: World, gone: Sequence[str]) -> list[str]:
    """Which of these this process has found without workers since long ago: when everything starts
    again, workers may come last.
    """
    found_s, now_s = world.unserved, world.clock.monotonic_s()
    for tag in found_s.keys() - set(gone):
        del found_s[tag]
    return [tag for tag in gone if now_s - found_s.setdefault(tag, now_s) >= limits.STRANDED_S]


async def _free(tx: Tx, *, tag: str, now: int) -> int:
    await workers.move_flows(tx, tag)
    ids = await workers.waiting_at(tx, tag, most=limits.RESCUE_BATCH)
    left = await cancels.leave(tx, ids, unstarted=True) if ids else {}
    for id, each in left.items():
        told = results.worker_lost(why=_GONE, attempts=each.attempt, max_attempts=each.attempt)
        ending = Ending(
            Outcome.FAILURE, dumps(told), completed_at=now, delete_after_s=each.delete_after_s
        )
        await queue.complete(tx, id, ending)
        await flows.post(tx, id, final=False, now=now)
        tx.ring(f"job:{id}")
    tx.ring("queue")
    await keys.release(tx, [each.concurrency_key for each in left.values()], now=now)
    return len(ids)
