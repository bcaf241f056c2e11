"""A schedule: a path with a cron expression that starts a script; a tick is one of its moments."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID


class Skip(StrEnum):
    """Why a tick started no job."""

    MISFIRE = "misfire"  # nobody was there when it came, and it is too old now
    OVERLAP = "overlap"  # a job of an earlier tick is still alive, and they may not overlap
    ERROR = "error"  # what it should start cannot be started


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person decides about a schedule; all of it is replaced by an edit."""

    cron: str  # six fields, seconds first, or five
    timezone: str
    args: dict[str, Any] | None = None
    summary: str = ""
    description: str = ""
    tag: str | None = None
    no_overlap: bool = False
    paused_until: int | None = None  # µs; no tick before it
    version: str = "v2"  # of the cron syntax
    owner: str | None = None  # whose rights its jobs have, for admins to say; else the editor's
    #: The fields of the plan as they were pushed, given back unchanged.
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewSchedule:
    path: str
    script_path: str
    plan: Plan
    enabled: bool = False
    is_flow: bool = False  # what it starts is a flow, not a script


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule as it is stored. `args` and `options` are JSON text; moments are µs."""

    workspace: str
    path: str
    script_path: str
    is_flow: bool  # what is at `script_path` is a flow
    cron: str
    timezone: str
    enabled: bool
    args: str | None
    summary: str
    description: str
    tag: str | None
    no_overlap: bool
    paused_until: int | None
    options: str
    edited_by: str
    edited_at: int
    permissioned_as: str  # whose rights its jobs have: who edited or enabled it last
    email: str
    next_at: int | None  # None: disabled, or there is no further tick
    last_at: int | None  # the last tick that had its turn, run or skipped
    error: str | None  # why the last tick started no job


@dataclass(frozen=True, slots=True)
class Missed:
    """Ticks in a row that had no turn. `count` stops at SCHEDULE_MISSED_MAX."""

    at: int  # the first; µs
    until: int  # the last; µs
    count: int


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick, or several missed in a row: a job, or a reason why there is none."""

    workspace: str
    path: str
    at: int  # µs
    until: int  # µs; of one tick the same as `at`
    count: int
    job_id: UUID | None
    skipped: Skip | None
    reason: str | None  # for people
    recorded_at: int


@dataclass(frozen=True, slots=True)
class ScheduleFilter:
    """Questions of the list. Substrings are compared without minding ASCII case."""

    path: str | None = None
    path_prefix: str | None = None
    script_path: str | None = None
    is_flow: bool | None = None
    summary: str | None = None
    description: str | None = None
    anywhere: str | None = None  # in path, script_path, summary or description


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """How a job of a schedule ended."""

    id: UUID
    success: bool
    duration_ms: int
