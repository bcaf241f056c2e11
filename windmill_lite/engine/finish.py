"""An outcome, exactly once: a report is accepted only from the attempt that runs. A failure that is
tried again is no outcome yet: the job waits for its next try."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import UUID

from windmill_lite.base.codec import dumps, loads
from windmill_lite.core.jobs import results, retry
from windmill_lite.engine.cancel import canceled_ending
from windmill_lite.engine.claim import Ask, claim_in
from windmill_lite.engine.dependencies import versions
from windmill_lite.engine.rules import keys
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.attempt import Attempt, AttemptEnd
from windmill_lite.model.job import Claim, Finished, Outcome
from windmill_lite.store.db.port import Body, Tx
from windmill_lite.store.machine import alone, answers, attempts, flows, logbook, queue
from windmill_lite.store.machine.alone import Next, Success
from windmill_lite.store.machine.claims import Turn
from windmill_lite.store.machine.places import Back, Ending, Holder, Left


class Report(NamedTuple):
    """What a worker says about one attempt, with the rest of its log in the same breath."""

    job_id: UUID
    attempt: int
    worker: str
    finished: Finished
    log: str = ""
    log_start: int = 0


#: What follows from the end of a job; whether a concurrency key is held from then on.
Follow = Callable[[Tx, Left], Awaitable[bool]]


class Settled(NamedTuple):
    """`accepted` False: the attempt was no longer the worker's and nothing changed."""

    accepted: bool
    next: tuple[Claim, ...] = ()


async def finish(world: World, report: Report, ask: Ask | None = None) -> Settled:
    """Completes the job and, in the same transaction, claims what `ask` asks for.

    A cancellation that was acknowledged before the report came wins over it.
    """
    now = world.now()
    if ask is None or not _is_plain(world, report, ask):
        return await world.db.write(lambda tx: _steps(tx, report, ask, now))
    found = await world.db.write(lambda tx: _in_one(tx, report, ask, now))
    if isinstance(found, Settled):
        return found
    if not found.accepted:
        return await world.db.write(lambda tx: _steps(tx, report, ask, now))
    if found.more:
        return Settled(
            accepted=True, next=tuple(await world.db.write(lambda tx: claim_in(tx, ask, now)))
        )
    return Settled(accepted=True, next=(found.job,) if found.job else ())


def reporting(world: World, report: Report, ask: Ask | None, *, follow: Follow) -> Body[Settled]:
    """What is done in the transaction of a report, for who does more in it: `follow`, once the job
    has left the queue, and before the next one is claimed.
    """
    now = world.now()
    return lambda tx: _steps(tx, report, ask, now, follow=follow)


def _is_plain(world: World, report: Report, ask: Ask) -> bool:
    """Whether there is a statement that knows everything about it."""
    if not alone.Q.next_job.speaks(world.db.dialect):
        return False
    finished = report.finished
    if finished.outcome is not Outcome.SUCCESS or finished.args is not None:
        return False
    return not finished.labels and ask.wanted == 1


async def _in_one(tx: Tx, report: Report, ask: Ask, now: int) -> Settled | Next:
    """Everything in one statement, or else step by step."""
    told = (report.job_id, report.attempt, report.worker, report.finished)
    success = Success(*told, start=report.log_start, chunk=report.log)
    turn = Turn(ask.worker_id, ask.tags, ask.after)
    ended = await alone.finish_next(tx, success, turn, now=now)
    if ended is None:
        return await _steps(tx, report, ask, now)
    if ended.accepted:
        tx.ring(f"job:{report.job_id}")
        ending = Ending(Outcome.SUCCESS, report.finished.result, now, delete_after_s=ended.keeps_s)
        tx.ring(f"ended:{report.job_id}", ending)
    if ended.job is not None:
        tx.ring(f"job:{ended.job.job.id}")
    return ended


async def _steps(
    tx: Tx, report: Report, ask: Ask | None, now: int, *, follow: Follow | None = None
) -> Settled:
    if report.log:
        await logbook.append(
            tx, report.job_id, report.attempt, start=report.log_start, chunk=report.log
        )
    left, holds = None, False
    back = await _try_again(tx, report, now)
    if back is None:
        left = await _complete(tx, report, now)
        if left is not None and follow is not None:
            holds = await follow(tx, left)
    gone = back or left
    if gone is not None:
        tx.ring(f"job:{report.job_id}")
        holds = await keys.release(tx, [gone.concurrency_key], now=now) or holds
    claims = await claim_in(tx, ask, now, holds=holds) if ask is not None else []
    return Settled(gone is not None, tuple(claims))


async def _complete(tx: Tx, report: Report, now: int) -> Left | None:
    job_id, attempt, finished = report.job_id, report.attempt, report.finished
    outcome = finished.outcome
    left = await queue.end_well(tx, job_id, attempt, finished, worker=report.worker, now=now)
    if left is None:
        left = await queue.leave(tx, job_id, attempt)
        if left is None:
            return None
        ending = _ending(report, left, now)
        outcome = ending.outcome
        await queue.complete(tx, job_id, ending)
    if finished.args is not None:
        await queue.set_args(tx, job_id, finished.args)
    if outcome is not Outcome.CANCELED and finished.locking is not None:
        await versions.settle(tx, job_id, finished.locking, now=now)
    if left.cache_key is not None and outcome is Outcome.SUCCESS:
        await answers.keep(tx, job_id, now=now)
    return left


async def _try_again(tx: Tx, report: Report, now: int) -> Back | None:
    """None: the attempt did not fail, or it was the last one."""
    if report.finished.outcome is not Outcome.FAILURE:
        return None
    found = await queue.retry_of(tx, report.job_id, report.attempt)
    if found is None:
        return None
    policy, number = retry.read(found.policy), found.retries + 1
    pause_us = retry.pause_us(policy, number, report.job_id)
    if pause_us is None:
        return None
    back = await queue.requeue_failed(tx, report.job_id, report.attempt, at=now + pause_us)
    if back is None:
        return None
    why = results.reason(loads(report.finished.result), limits.REASON_CHARS_MAX)
    line = f"try {number} of {policy.attempts + 1} failed: {why}"
    ended = Attempt(report.attempt, report.worker, found.started_at, now, AttemptEnd.FAILED, line)
    await attempts.record(tx, report.job_id, ended)
    line = f"{line}; the next one comes in {pause_us / 1_000_000:g} s"
    await logbook.note(tx, report.job_id, report.attempt, line)
    tx.ring("queue")
    return back


def _ending(report: Report, left: Left, now: int) -> Ending:
    finished = report.finished
    outcome, result = finished.outcome, finished.result
    if left.canceled_by is not None:
        outcome = Outcome.CANCELED
        reason = left.canceled_reason or results.NO_REASON
        result = dumps(results.canceled(by=left.canceled_by, reason=reason))
    return Ending(
        outcome=outcome,
        result=result,
        completed_at=now,
        started_at=left.started_at,
        attempt=left.attempt,
        retries=left.retries,
        delete_after_s=left.delete_after_s,
        worker=report.worker,
        sandbox=finished.sandbox,
        memory_peak_kb=finished.memory_peak_kb,
        cpu_ms=finished.cpu_ms,
        canceled_by=left.canceled_by,
        canceled_reason=left.canceled_reason,
        labels=finished.labels,
    )


async def hand_back(
    world: World,
    job_id: UUID,
    attempt: int,
    *,
    worker_id: UUID,
    started_at: int | None = None,
    why: str = "its worker is stopping",
) -> bool:
    """A worker returns a job that it does not run to its end; the attempt does not count. One that
    was canceled meanwhile is completed as such. False: no longer its.

    `started_at` (µs, of the claim) makes it safe to repeat: the number of a returned attempt is
    given again, perhaps to the same worker.
    """
    now = world.now()
    holder = Holder(worker_id, started_at)

    async def body(tx: Tx) -> bool:
        back = await queue.hand_back(tx, job_id, attempt, holder)
        if back is not None:
            ended = Attempt(attempt, None, started_at, now, AttemptEnd.HANDED_BACK, why)
            await attempts.record(tx, job_id, ended, worker_id=worker_id)
            line = f"attempt {attempt} was interrupted: {why}"
            await logbook.note(tx, job_id, attempt, line)
            tx.ring("queue")
            tx.ring(f"job:{job_id}")
            await keys.release(tx, [back.concurrency_key], now=now)
            return True
        left = await queue.leave_canceled(tx, job_id, attempt, holder)
        if left is None or left.canceled_by is None:
            return False
        reason = left.canceled_reason or results.NO_REASON
        ending = canceled_ending(left, by=left.canceled_by, reason=reason, now=now)
        await queue.complete(tx, job_id, ending)
        await flows.post(tx, job_id, final=True, now=now)
        tx.ring(f"job:{job_id}")
        await keys.release(tx, [left.concurrency_key], now=now)
        return True

    return await world.db.write(body)
