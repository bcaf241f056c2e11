"""The life of one job in a worker's hands: prepare, run, collect, report; then the next one.

Everything that can go wrong on the way becomes the job's outcome, except four things: the job is
no longer ours (nothing is reported), the worker stops (the job is handed back), its cell or the
worker itself breaks (the attempt is lost and the job runs again), the database is away (the outcome
is kept and reported when it is back).
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from windmill_lite.base.codec import dumps
from windmill_lite.base.errors import Unavailable
from windmill_lite.base.service import BACKOFF_S
from windmill_lite.core.jobs import lost, results
from windmill_lite.core.jobs.failed import broken, told_of
from windmill_lite.engine import finish, logbook, ping, rescue
from windmill_lite.engine.claim import Ask
from windmill_lite.engine.finish import Report, Settled
from windmill_lite.engine.flows import breaking, turns
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import FLOW_KINDS, Claim, Finished, NewJob, Outcome
from windmill_lite.model.worker import Stop
from windmill_lite.worker.environment import Place, job_environment
from windmill_lite.worker.filling import fill, preprocessed
from windmill_lite.worker.logs import JobLog
from windmill_lite.worker.roster import Roster
from windmill_lite.worker.runner import Interrupted, Runner
from windmill_lite.worker.streams import ResultStream

log = logging.getLogger(__name__)

T = TypeVar("T")

_NEVER_STARTED = Finished(Outcome.CANCELED, dumps(results.failed("Canceled", "never started")))


@dataclass(frozen=True, slots=True)
class Bench:
    """What every slot of a worker works with."""

    world: World
    roster: Roster
    runner: Runner
    place: Place

    def in_contact(self) -> bool:
        """Whether the others have heard of this worker lately. A job that begins without would soon
        be taken for lost, if it is not already, and run elsewhere.
        """
        world = self.world
        silent_s = world.clock.monotonic_s() - self.roster.heard_at_s
        return world.solo or silent_s < limits.WORKER_CONTACT * world.lease_s


class Slot:
    """Runs one claimed job, then whatever its report brings along, until there is nothing more.

    `enter` comes first, before anything is awaited after the claim; then `work`, once.
    """

    def __init__(self, bench: Bench, claim: Claim, stopping: asyncio.Event) -> None:
        self._bench = bench
        self._claim = claim
        self._stopping = stopping
        self._order: Stop | None = None
        self._handing_back = False
        self._in_cell = False
        self._before: asyncio.Event | None = None  # an older attempt that must end first
        self.left = asyncio.Event()

    @property
    def attempt(self) -> int:
        return self._claim.attempt

    def enter(self) -> None:
        """From here on the job can be stopped."""
        self._bench.roster.served = self._claim.job.workspace
        self._before = self._bench.roster.enter(self._claim.job.id, self)

    def stop(self, order: Stop) -> None:
        """Ends the job; repeated orders change nothing."""
        if self._order is None:
            self._order = order
            self._end_cell()

    def hand_back(self) -> None:
        """Ends the job here so that another worker can run it."""
        self._handing_back = True
        self._end_cell()

    def _end_cell(self) -> None:
        """Only our own: another attempt of the same job may have one here."""
        if self._in_cell:
            self._bench.runner.cancel(self._claim.job.id)

    async def work(self) -> None:
        following: Claim | None = self._claim
        while following is not None:
            try:
                following = await self._one(following)
            finally:
                self._bench.roster.leave(self._claim.job.id, self)
                self.left.set()
            if following is not None:
                self._claim, self._order, self.left = following, None, asyncio.Event()
                self.enter()

    async def _one(self, claim: Claim) -> Claim | None:
        world = self._bench.world
        job_log = JobLog(world, claim.job.id, claim.attempt, start=claim.log_length)
        if claim.job.kind in FLOW_KINDS:
            return await self._turn(claim)
        try:
            finished = await self._run(claim, job_log)
        except Interrupted as interruption:
            why = str(interruption)
            log.warning("job %s attempt %d: %s", claim.job.id, claim.attempt, why)
            await self._end_log(claim, job_log)
            await self._lose(claim, why)
            return None
        if finished.outcome is Outcome.CANCELED and not self._canceled():
            await self._return(claim, job_log, began=finished is not _NEVER_STARTED)
            return None
        return await self._report(claim, finished, job_log)

    async def _turn(self, claim: Claim) -> Claim | None:
        """A flow: nothing of it runs here, and it waits in the queue again at once."""
        world = self._bench.world
        if await self._may_begin(claim):
            try:
                settled = await self._settle(lambda ask: turns.take_turn(world, claim, ask=ask))
            except Exception as error:
                log.exception("flow %s cannot go on", claim.job.id)
                why = told_of(error)
                await self._tell(lambda: breaking.break_off(world, claim, why))
                return None
            if settled.accepted:
                return settled.next[0] if settled.next else None
        await self._give_back(claim, self._why_returned())
        return None

    def _canceled(self) -> bool:
        """By a person. Every other end that we bring about is no outcome of the job."""
        return self._order is not None and self._order.canceled_by is not None

    async def _run(self, claim: Claim, job_log: JobLog) -> Finished:
        if not await self._may_begin(claim):
            return _NEVER_STARTED
        begun = partial(self._in_a_cell, job_log)
        return await preprocessed(self._bench.world, claim, begun, self._tell)

    async def _in_a_cell(self, job_log: JobLog, claim: Claim) -> Finished:
        world = self._bench.world
        env = job_environment(world, claim, self._bench.place)
        filling = await self._tell(lambda: fill(world, claim, env, job_log.feed))
        if isinstance(filling, Finished):
            return filling
        stream = ResultStream(world, claim.job.id, claim.attempt, filling.say)
        if self._stopped():
            return _NEVER_STARTED
        self._in_cell = True
        try:
            finished = await self._bench.runner.run(filling.claim, env, stream.feed)
            await stream.end()
            return filling.told(stream.into(finished))
        except Interrupted:
            raise
        except Exception as error:
            log.exception("job %s attempt %d broke in the worker", claim.job.id, claim.attempt)
            return broken("the worker could not run the job", error)
        finally:
            self._in_cell = False
            filling.end()

    async def _may_begin(self, claim: Claim) -> bool:
        if self._before is not None:
            await self._before.wait()
            if not await self._is_ours(claim):
                return False
        return not self._stopped() and self._bench.in_contact()

    def _stopped(self) -> bool:
        return self._order is not None or self._handing_back

    async def _is_ours(self, claim: Claim) -> bool:
        """Still. The other attempt may have returned itself twice, as its first answer was lost:
        and that the second time it was this one, the queue could not tell.
        """
        world, worker_id = self._bench.world, self._bench.roster.worker.id
        held = await self._tell(lambda: ping.held(world, worker_id))
        return held.get(claim.job.id) == claim.attempt

    async def _report(self, claim: Claim, finished: Finished, job_log: JobLog) -> Claim | None:
        """With the next job, unless the worker stops."""
        start, rest = await self._tell(job_log.rest)
        world, job = self._bench.world, claim.job
        name = self._bench.roster.worker.name
        told = Report(job.id, claim.attempt, name, finished, log=rest, log_start=start)
        try:
            settled = await self._settle(lambda ask: turns.report(world, job, told, ask=ask))
        except Exception as error:
            log.exception("the outcome of job %s cannot be stored", job.id)
            instead = broken("its outcome could not be stored", error)
            settled = await self._report_anyhow(job, told._replace(finished=instead, log=""))
        if not settled.accepted:
            told_late = "outcome of job %s attempt %d changed nothing: it is over, or not ours"
            log.warning(told_late, job.id, claim.attempt)
        return settled.next[0] if settled.next else None

    async def _report_anyhow(self, job: NewJob, told: Report) -> Settled:
        """If even that cannot be stored, it is for what follows in the flow of the job."""
        world = self._bench.world
        try:
            return await self._settle(lambda ask: turns.report(world, job, told, ask=ask))
        except Exception as error:
            log.exception("nothing can follow from job %s", job.id)
            why = told_of(error)
            alone = breaking.report_alone
            return await self._settle(lambda ask: alone(world, job, told, why, ask=ask))

    async def _settle(self, verb: Callable[[Ask | None], Awaitable[Settled]]) -> Settled:
        """Something is over, and the next job comes along."""
        asked = self._tell(lambda: verb(self._ask()))
        return await self._bench.roster.asking(self._bench.world.db.bell, asked)

    async def _lose(self, claim: Claim, why: str) -> None:
        world, name = self._bench.world, self._bench.roster.worker.name
        await self._tell(lambda: rescue.lose(world, claim, why, worker=name))

    async def _return(self, claim: Claim, job_log: JobLog, *, began: bool) -> None:
        """To the queue, if it is still ours to return and may be started again."""
        why = self._why_returned()
        log.warning("job %s attempt %d is given up: %s", claim.job.id, claim.attempt, why)
        await self._end_log(claim, job_log)
        if not lost.may_hand_back(began=began, max_attempts=claim.job.max_attempts):
            await self._lose(claim, why)
            return
        await self._give_back(claim, why)

    async def _give_back(self, claim: Claim, why: str) -> None:
        world, worker_id = self._bench.world, self._bench.roster.worker.id
        back = partial(finish.hand_back, world, claim.job.id, claim.attempt, worker_id=worker_id)
        await self._tell(partial(back, started_at=claim.started_at, why=why))

    def _why_returned(self) -> str:
        if self._order is not None:
            return self._order.reason
        if self._handing_back:
            return "its worker is stopping"
        return "its worker had lost contact with the database"

    async def _end_log(self, claim: Claim, job_log: JobLog) -> None:
        """What an attempt without an outcome has said is kept."""
        start, rest = await self._tell(job_log.rest)
        if rest:
            append = partial(logbook.append, self._bench.world, claim.job.id, claim.attempt)
            await self._tell(partial(append, start=start, chunk=rest))

    async def _tell(self, verb: Callable[[], Awaitable[T]]) -> T:
        """Tells the database until it has heard; a stop bounds how long."""
        for tries in itertools.count():
            try:
                return await verb()
            except Unavailable as refusal:
                log.warning("job %s waits for the database: %s", self._claim.job.id, refusal)
                await asyncio.sleep(BACKOFF_S[min(tries, len(BACKOFF_S) - 1)])
        raise AssertionError("counting never ends")

    def _ask(self) -> Ask | None:
        if self._stopping.is_set() or not self._bench.in_contact():
            return None
        return self._bench.roster.ask(1)
