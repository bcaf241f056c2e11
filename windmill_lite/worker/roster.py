"""Which jobs this worker runs right now: shared by the claiming loop and the heartbeat."""

from __future__ import annotations

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
    """The worker and its running jobs."""

    worker: Worker
    running: dict[UUID, Stoppable] = field(default_factory=dict)
    jobs_done: int = 0

    def free(self) -> int:
        return self.worker.slots - len(self.running)

    def enter(self, job_id: UUID, running: Stoppable) -> None:
        self.running[job_id] = running

    def leave(self, job_id: UUID) -> None:
        self.running.pop(job_id, None)
        self.jobs_done += 1

    def attempts(self) -> dict[UUID, int]:
        return {job_id: running.attempt for job_id, running in self.running.items()}
