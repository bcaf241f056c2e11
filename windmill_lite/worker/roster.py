"""Which jobs this worker runs right now: what the claiming loop, slots and heartbeat share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from windmill_lite.model.worker import Stop, Worker


class Stoppable(Protocol):
    """A running job, as the heartbeat sees it."""

    @property
    def attempt(self) -> int: ...

    def stop(self, order: Stop) -> None: ...


@dataclass(slots=True)
class Roster:
    """The worker and its running jobs.

    Who asks the database for jobs does so inside `asking`, and enters what it got before anything
    else is awaited: so between two questions the roster is complete, and what the queue says we run
    beyond it was given to us in an answer that got lost.
    """

    worker: Worker
    running: dict[UUID, Stoppable] = field(default_factory=dict)
    jobs_done: int = 0
    _asked: int = 0  # questions ever
    _unanswered: int = 0

    def enter(self, job_id: UUID, running: Stoppable) -> None:
        self.running[job_id] = running

    def leave(self, job_id: UUID) -> None:
        self.running.pop(job_id, None)
        self.jobs_done += 1

    def attempts(self) -> dict[UUID, int]:
        return {job_id: running.attempt for job_id, running in self.running.items()}

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Around every question that may bring jobs."""
        self._asked += 1
        self._unanswered += 1
        try:
            yield
        finally:
            self._unanswered -= 1

    def quiet_since(self) -> int | None:
        """A number that stays the same while nobody asks; None while somebody does."""
        return None if self._unanswered else self._asked

    def unknown(self, held: Mapping[UUID, int]) -> dict[UUID, int]:
        """What of `held` (id -> attempt) we do not run."""
        running = self.attempts()
        return {id_: attempt for id_, attempt in held.items() if running.get(id_) != attempt}
