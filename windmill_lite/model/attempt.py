"""An attempt: one start of a job, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AttemptEnd(StrEnum):
    """How an attempt ended that was not, or not meant to be, its job's last. The last one of a job
    ends with the job's outcome.
    """

    LOST = "lost"  # its worker fell silent, or its cell broke
    FAILED = "failed"  # and the job was to be tried again
    HANDED_BACK = "handed_back"  # its worker stopped; it does not count


@dataclass(frozen=True, slots=True)
class Attempt:
    """Moments in µs. `ended_at` and `ended` None: it runs. `ended` is an `AttemptEnd` or the
    outcome of the job.
    """

    number: int  # that of an attempt handed back is given again
    worker: str | None = None
    started_at: int | None = None  # None: its worker never heard of it
    ended_at: int | None = None
    ended: str | None = None
    reason: str | None = None
