"""The life of one job in a worker's hands: prepare, run, collect, report; then the next one.

Everything that can go wrong on the way becomes the job's outcome, except three things: the job is
no longer ours (nothing is reported), the worker stops (the job is handed back), the database is
away (the outcome is kept and reported when it is back).
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from windmill_lite.base.codec import dumps
from windmill_lite.base.errors import Unavailable
from windmill_lite.base.service import BACKOFF_S
from windmill_lite.core.jobs import results
from windmill_lite.engine import finish, logbook, rescue
from windmill_lite.engine.claim import Ask
from windmill_lite.engine.finish import Report, Settled
from windmill_lite.engine.world import World
from windmill_lite.model.job import Claim, Finished, Outcome
from windmill_lite.model.worker import Stop
from windmill_lite.worker.environment import Place, job_environment
from windmill_lite.worker.logs import JobLog
from windmill_lite.worker.roster import Roster

log = logging.getLogger(__name__)

T = TypeVar("T")


class Runner(Protocol):
    """Runs code somewhere safe. `run` ends soon after `cancel` and then says CANCELED; it raises
    `Interrupted` when the attempt is lost through no fault of the script.
    """

    async def run(
        self, claim: Claim, env: dict[str, str], on_output: Callable[[bytes], None]
    ) -> Finished: ...

    def cancel(self, job_id: UUID) -> None: ...


class Interrupted(Exception):  # noqa: N818  it says what happened to the cell, not to the script
    """A cell ended for a reason of ours before its script did: the attempt is lost."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What every slot of a worker works with."""

    world: World
    roster: Roster
    runner: Runner
    place: Place


class Slot:
    """Runs one claimed job, then whatever its report brings along, until there is nothing more."""

    def __init__(self, bench: Bench, claim: Claim, stopping: asyncio.Event) -> None:
        self._bench = bench
        self._claim = claim
        self._stopping = stopping
        self._order: Stop | None = None
        self._handing_back = False

    @property
    def attempt(self) -> int:
        return self._claim.attempt

    def stop(self, order: Stop) -> None:
        """Ends the job; repeated orders change nothing."""
        if self._order is None:
            self._order = order
            self._bench.runner.cancel(self._claim.job.id)

    def hand_back(self) -> None:
        """Ends the job here so that another worker can run it."""
        self._handing_back = True
        self._bench.runner.cancel(self._claim.job.id)

    async def work(self) -> None:
        following: Claim | None = self._claim
        while following is not None:
            self._claim, self._order, self._handing_back = following, None, False
            job_id = following.job.id
            self._bench.roster.enter(job_id, self)
            try:
                following = await self._one(following)
            finally:
                self._bench.roster.leave(job_id)

    async def _one(self, claim: Claim) -> Claim | None:
        world = self._bench.world
        start = 0
        if claim.attempt > 1:
            start = await logbook.length(world, claim.job.id)
        job_log = JobLog(world, claim.job.id, claim.attempt, start=start)
        try:
            finished = await self._run(claim, job_log)
        except Interrupted as interruption:
            why = str(interruption)
            log.warning("job %s attempt %d: %s", claim.job.id, claim.attempt, why)
            await job_log.rest()
            await self._tell(lambda: rescue.lose(world, claim, why))
            return None
        log_start, rest = await job_log.rest()
        if finished.outcome is Outcome.CANCELED and self._order is None:
            await self._return(claim)
            return None
        if self._order is not None and self._order.canceled_by is None:
            log.warning("job %s attempt %d: %s", claim.job.id, claim.attempt, self._order.reason)
        report = Report(
            claim.job.id,
            claim.attempt,
            self._bench.roster.worker.name,
            finished,
            log=rest,
            log_start=log_start,
        )
        return await self._report(report)

    async def _run(self, claim: Claim, job_log: JobLog) -> Finished:
        if self._order is not None or self._handing_back:
            return Finished(Outcome.CANCELED, dumps(results.failed("Canceled", "never started")))
        env = job_environment(self._bench.world, claim, self._bench.place)
        try:
            return await self._bench.runner.run(claim, env, job_log.feed)
        except Interrupted:
            raise
        except Exception as error:
            log.exception("job %s attempt %d broke in the worker", claim.job.id, claim.attempt)
            message = f"the worker could not run the job: {type(error).__name__}: {error}"
            return Finished(Outcome.FAILURE, dumps(results.failed("InternalError", message)))

    async def _report(self, report: Report) -> Claim | None:
        """With the next job, unless the worker stops."""
        world = self._bench.world
        settled = await self._tell(lambda: finish.finish(world, report, self._ask()))
        return self._next(report, settled)

    async def _tell(self, verb: Callable[[], Awaitable[T]]) -> T:
        """Tells the database until it has heard."""
        for tries in itertools.count():
            try:
                return await verb()
            except Unavailable as refusal:
                log.warning("outcome of job %s waits: %s", self._claim.job.id, refusal)
                await asyncio.sleep(BACKOFF_S[min(tries, len(BACKOFF_S) - 1)])
        raise AssertionError("counting never ends")

    def _next(self, report: Report, settled: Settled) -> Claim | None:
        if not settled.accepted:
            log.warning(
                "outcome of job %s attempt %d came too late and changed nothing",
                report.job_id,
                report.attempt,
            )
        return settled.next[0] if settled.next else None

    def _ask(self) -> Ask | None:
        if self._stopping.is_set():
            return None
        worker = self._bench.roster.worker
        return Ask(worker.id, worker.tags, 1)

    async def _return(self, claim: Claim) -> None:
        try:
            await finish.hand_back(self._bench.world, claim.job.id, claim.attempt)
        except Unavailable as refusal:
            log.warning("job %s could not be handed back: %s", claim.job.id, refusal)
