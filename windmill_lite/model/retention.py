"""How long completed runs are kept, and how much room everything may take."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from windmill_lite.model.limits import RETENTION_DAYS_DEFAULT


@dataclass(frozen=True, slots=True)
class Keeping:
    """What the whole instance is told; the same on every node."""

    retention_days: int = RETENTION_DAYS_DEFAULT  # 0: for ever
    max_disk_bytes: int | None = None  # None: as much as there is


@dataclass(frozen=True, slots=True)
class Rule:
    """Runs of these paths are kept for so long. `path` is "" for a whole workspace, the path of a
    script, or `f/x/*` for everything below `f/x/`.
    """

    path: str
    days: int  # 0: for ever


@dataclass(frozen=True, slots=True)
class Retention:
    """What is said about one workspace; `days` None is what the instance says."""

    days: int | None
    paths: tuple[Rule, ...]
    default_days: int  # the instance's
    max_disk_bytes: int | None = None  # the instance's; None: no budget


@dataclass(frozen=True, slots=True)
class Tree:
    """A completed run without a living parent, and what hangs from it."""

    id: UUID
    path: str | None
    completed_at: int  # of the youngest member
    alive: int = 0  # members that have not completed
    members: int = 0  # without the run itself
