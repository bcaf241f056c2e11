"""A worker: a process that executes jobs. A restart is another worker."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Language:
    """One that a worker knows. One that `runs` may have no `version` yet: `note` says what happens
    first. For one that does not run, `note` says why, with the remedy.
    """

    name: str
    runs: bool
    version: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Worker:
    """`tags` are the queues it takes from, none while it drains; `sandbox` is the level of its
    boxes.
    """

    id: UUID
    name: str
    host: str
    tags: tuple[str, ...]
    slots: int
    version: str
    sandbox: str
    started_at: int
    last_seen_at: int
    jobs_done: int = 0
    memory_kb: int | None = None
    languages: tuple[Language, ...] = ()
    lease_us: int = 0  # how long it may be silent, as it said when it was heard of last
    site: str = ""  # where it keeps its files, among them folders that steps share


def tag_of(site: str) -> str:
    """Of jobs that must run at a site; no tag that a person gives begins so."""
    return f"@{site}"


def is_site(tag: str) -> bool:
    return tag.startswith("@")


@dataclass(frozen=True, slots=True)
class Stop:
    """What a worker must do with one of its jobs: end it, because it is canceled or no longer
    its.
    """

    reason: str
    canceled_by: str | None
