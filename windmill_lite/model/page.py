"""A list that is asked for: one page of it, and which jobs it is of."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from windmill_lite.model.limits import PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX


@dataclass(frozen=True, slots=True)
class Page:
    """`number` is 1-based; 0 is read as 1, since Windmill's CLI begins there. Sizes are clamped."""

    number: int = 1
    size: int = PAGE_SIZE_DEFAULT

    @property
    def limit(self) -> int:
        return max(1, min(self.size, PAGE_SIZE_MAX))

    @property
    def offset(self) -> int:
        return (max(1, self.number) - 1) * self.limit


@dataclass(frozen=True, slots=True)
class JobFilter:
    """The runs page's questions; None asks nothing. Moments in µs."""

    created_by: str | None = None
    path: str | None = None
    path_prefix: str | None = None
    script_hash: str | None = None
    parent_id: UUID | None = None
    has_parent: bool | None = None
    is_step: bool | None = None  # of a flow
    kinds: tuple[str, ...] | None = None
    running: bool | None = None  # True: running only; False: not running
    suspended: bool = False  # flows that wait for people only
    completed: bool | None = None  # True: completed only; False: queue only
    outcome: tuple[str, ...] | None = None
    created_before: int | None = None
    created_after: int | None = None
    started_before: int | None = None
    started_after: int | None = None
    completed_before: int | None = None
    completed_after: int | None = None
    scheduled_until: int | None = None
    tag: str | None = None
    worker: str | None = None
    label: str | None = None
    schedule_path: str | None = None
    trigger_kind: str | None = None
    unscheduled: bool = False  # not by a schedule
    concurrency_key: str | None = None
    oldest_first: bool = False
