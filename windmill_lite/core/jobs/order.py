"""The order of the queue: what the claim statement is tested against."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID


class Queued(Protocol):
    """What the order looks at."""

    @property
    def id(self) -> UUID: ...

    @property
    def priority(self) -> int: ...

    @property
    def scheduled_for(self) -> int: ...


def order(job: Queued) -> tuple[int, int, UUID]:
    """A sort key: priority first, then who was due first, then age."""
    return (-job.priority, job.scheduled_for, job.id)
