"""Which jobs this worker runs right now: what the claiming loop, slots and heartbeat share."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar
from uuid import UUID

from windmill_lite.base.bell import Bell
from windmill_lite.engine.claim import Ask
from windmill_lite.model.worker import Stop, Worker, tag_of

CANCEL = "cancel"  # the topic that rings when somebody asks for a job's end

T = TypeVar("T")
_ANEW = Stop("the job was given up here and begins anew", canceled_by=None)


class Stoppable(Protocol):
    """A running job, as the heartbeat sees it."""

    @property
    def attempt(self) -> int: ...

    @property
    def left(self) -> asyncio.Event:
        """Set when the job is no longer run."""
        ...

    def stop(self, order: Stop) -> None: ...


@dataclass(slots=True)
class Roster:
    """The worker and its running jobs.

    Who asks the database for jobs does so by `asking`, and enters what it got before anything
    else is awaited. Two things follow. Between questions the roster is complete, and what the queue
    says we run beyond it was given to us in an answer that got lost. And a cancellation that rings
    while a question is open may be of a job that the answer brings: the orders are looked at again.
    """

    worker: Worker
    running: dict[UUID, Stoppable] = field(default_factory=dict)
    jobs_done: int = 0
    served: str = ""  # the workspace of the last job: the next one's turn is after it
    heard_at_s: float = -math.inf  # monotonic: when the last sign of life that arrived was sent
    look_again: Callable[[], None] = lambda: None  # the heartbeat's: at the orders, soon
    _asked: int = 0  # questions ever
    _unanswered: int = 0

    def ask(self, wanted: int) -> Ask:
        """For jobs of its tags, and for those that must run where its files are."""
        site = (tag_of(self.worker.site),) if self.worker.site else ()
        return Ask(self.worker.id, (*self.worker.tags, *site), wanted, self.served)

    def enter(self, job_id: UUID, running: Stoppable) -> asyncio.Event | None:
        """What to wait for first, if anything: the end of an attempt that we were thought to be too
        dead for. It is told to stop; or the one that comes is, when its claim was on the way for so
        long that the job begins anew here already.
        """
        other = self.running.get(job_id)
        if other is not None and other.attempt > running.attempt:
            running.stop(_ANEW)
            return None
        self.running[job_id] = running
        if other is None:
            return None
        other.stop(_ANEW)
        return other.left

    def leave(self, job_id: UUID, running: Stoppable) -> None:
        if self.running.get(job_id) is running:
            del self.running[job_id]
        self.jobs_done += 1

    def attempts(self) -> dict[UUID, int]:
        return {job_id: running.attempt for job_id, running in self.running.items()}

    async def asking(self, bell: Bell, question: Awaitable[T]) -> T:
        """The answer to a question that may bring jobs."""
        self._asked += 1
        self._unanswered += 1
        with bell.listen(CANCEL) as ear:
            try:
                return await question
            finally:
                self._unanswered -= 1
                if ear.rang:
                    self.look_again()

    def quiet_since(self) -> int | None:
        """A number that stays the same while nobody asks; None while somebody does."""
        return None if self._unanswered else self._asked

    def unknown(self, held: Mapping[UUID, int]) -> dict[UUID, int]:
        """What of `held` (id -> attempt) we do not run."""
        running = self.attempts()
        return {id_: attempt for id_, attempt in held.items() if running.get(id_) != attempt}
