"""Concurrency keys: at most so many jobs of a key run at once, and start within its window.

Nothing is counted up or down: how many run is counted in the queue, and starts are remembered for
as long as they count. A job is held back where it would start: the claim has taken it, finds its
key full, and puts it aside as blocked, with the other ready jobs of the key; blocked jobs are not
in the way of any claim. What makes room wakes the first of them in the same transaction.

The promise (checked by a walk in the tests): while a job of a key and a tag is blocked, something
is there that will wake it: a running job of the key, a ready one of the key and the tag, or a
moment in `key_wake` at which the window has moved.

**Locks** (Postgres; on SQLite there is one writer). Whoever lets a job of a key start, puts one
aside or makes room holds the key until its transaction ends, so that each sees what the others have
done. To make deadlocks impossible:

1. work on rows comes before keys: after a transaction has its first key it touches other rows only
   by `skip locked`;
2. a transaction waits for a key only while it holds none, or for keys in their order;
3. a claim that would have to wait although it holds a key gives the job back and rings instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from windmill_lite.core.jobs.room import Room, Rule, room
from windmill_lite.model import limits
from windmill_lite.model.job import JobState, NewJob
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import keys
from windmill_lite.store.machine.claims import Taken
from windmill_lite.store.machine.keys import Facts


class Gate(Enum):
    """What becomes of a claim."""

    STARTS = "starts"
    WAITS = "waits"  # the key is full
    BUSY = "busy"  # somebody holds the key, and we may not wait for it


async def admit(tx: Tx, job: Taken, *, now: int, wait: bool) -> Gate:
    """Whether a job that was just claimed starts; if not, it is back in the queue."""
    key = job.concurrency_key
    if key is None:
        return Gate.STARTS
    if not await keys.lock(tx, key, wait=wait):
        await keys.put_back(tx, job.id, job.attempt, blocked=False)
        tx.ring("queue")
        return Gate.BUSY
    facts = await keys.facts(tx, job.id)
    found = await _room(tx, key, facts, now)
    if found.free < 1:
        await keys.put_back(tx, job.id, job.attempt, blocked=True)
        await keys.block(tx, key, most=limits.BLOCK_BATCH)
        await _wake_later(tx, key, found)
        return Gate.WAITS
    if facts.window_s is not None:
        await keys.started(tx, key, job.id, at=now, until=now + facts.window_s * 1_000_000)
        if await keys.blocked_tags(tx, key):
            await _wake_later(tx, key, await _room(tx, key, facts, now))
    return Gate.STARTS


async def release(tx: Tx, wanted: Iterable[str | None], *, now: int) -> bool:
    """Wakes those for whom there is room now, after jobs of these keys stopped running or being
    ready. Comes last in its transaction but for a claim. Whether any key is held from here on.
    """
    names = sorted({key for key in wanted if key is not None})
    for key in names:
        await keys.lock(tx, key, wait=True)
        await _wake(tx, key, now)
    return bool(names)


async def move_on(tx: Tx, names: Iterable[str], *, now: int) -> None:
    """The same when a moment has come. It comes again when there is still no room."""
    for key in sorted(names):
        await keys.lock(tx, key, wait=True)
        await keys.woken(tx, key, now=now)
        await _wake(tx, key, now)


async def enters(tx: Tx, job: NewJob) -> JobState:
    """Where a new job begins: behind those of its key and tag that are blocked already."""
    key = job.concurrency_key
    if job.begins is not JobState.QUEUED or key is None:
        return job.begins
    if await keys.first_blocked(tx, key, job.tag) is None:
        return job.begins
    await keys.lock(tx, key, wait=True)
    first = await keys.first_blocked(tx, key, job.tag)
    return job.begins if first is None else JobState.BLOCKED


async def _wake(tx: Tx, key: str, now: int) -> None:
    for tag in await keys.blocked_tags(tx, key):
        first = await keys.first_blocked(tx, key, tag)
        if first is None:
            continue
        facts = await keys.facts(tx, first)
        found = await _room(tx, key, facts, now)
        await _wake_later(tx, key, found)
        most = found.free - facts.ready
        if most > 0 and await keys.wake(tx, key, tag, most=most):
            tx.ring("queue")


async def _wake_later(tx: Tx, key: str, found: Room) -> None:
    """When the window is what they wait for: no end of a job tells that it has moved."""
    if found.at is not None:
        await keys.wake_later(tx, key, at=found.at)
        tx.ring("wake")


async def _room(tx: Tx, key: str, facts: Facts, now: int) -> Room:
    if facts.window_s is None:
        return room(Rule(facts.limit, None), running=facts.running, starts=(), now=now)
    starts = await keys.latest_starts(tx, key, most=facts.limit)
    rule = Rule(facts.limit, facts.window_s * 1_000_000)
    return room(rule, running=facts.running, starts=starts, now=now)
