"""What was said across the counter: what clients asked for, and what they were told."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(slots=True)
class Ledger:
    """Written by whoever plays a client or a worker; read by the invariants."""

    asked: set[UUID] = field(default_factory=set)  # jobs that somebody tried to push
    pushed: set[UUID] = field(default_factory=set)  # and was told that it exists
    refused: set[UUID] = field(default_factory=set)  # or that it does not
    canceled: set[UUID] = field(default_factory=set)  # and was told that it is
    ended: set[UUID] = field(default_factory=set)  # somebody was told that it has completed
    reports: dict[tuple[UUID, int], set[str]] = field(default_factory=dict)  # attempt -> results
    spoken: dict[tuple[UUID, int], str] = field(default_factory=dict)  # attempt -> its log, if told

    def reported(self, job_id: UUID, attempt: int, result: str) -> None:
        self.reports.setdefault((job_id, attempt), set()).add(result)
