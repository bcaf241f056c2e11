"""The order of the queue: what the claim statement is tested against.

Within a priority the workspaces take turns, so that a flood in one does not starve another: whoever
claims remembers the workspace it served last and goes on with the next one that has a ready job, by
name and round in a circle. Within a workspace, who was due first, then age.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID


class Queued(Protocol):
    """What the order looks at."""

    @property
    def id(self) -> UUID: ...

    @property
    def workspace(self) -> str: ...

    @property
    def priority(self) -> int: ...

    @property
    def scheduled_for(self) -> int: ...


def order(job: Queued, after: str = "") -> tuple[int, bool, str, int, UUID]:
    """A sort key of ready jobs for a claim by whom served the workspace `after` last."""
    return (-job.priority, job.workspace <= after, job.workspace, job.scheduled_for, job.id)
