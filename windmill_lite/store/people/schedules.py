"""Schedules for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict

from windmill_lite.model.job import Outcome
from windmill_lite.model.limits import SCHEDULE_JOBS_SHOWN
from windmill_lite.model.page import Page
from windmill_lite.model.schedule import Schedule, ScheduledRun, ScheduleFilter, Skip, Tick
from windmill_lite.store.db.port import Row, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.people.scope import Scope
from windmill_lite.store.rows import schedule_of

Q = load(__package__, "schedules.sql")


async def by_path(view: View, scope: Scope, path: str) -> Schedule | None:
    row = await view.one(Q.by_path, path=path, **scope.reach())
    return schedule_of(row) if row else None


async def list_schedules(
    view: View, scope: Scope, filter_: ScheduleFilter, page: Page
) -> list[Schedule]:
    """The one edited last comes first."""
    rows = await view.all(
        Q.list,
        limit=page.limit,
        offset=page.offset,
        **asdict(filter_),
        **scope.reach(),
    )
    return [schedule_of(row) for row in rows]


async def ticks(view: View, scope: Scope, path: str, page: Page) -> list[Tick] | None:
    """What became of its ticks, newest first; None when there is no such schedule for you."""
    if await by_path(view, scope, path) is None:
        return None
    rows = await view.all(
        Q.ticks, workspace=scope.workspace, path=path, limit=page.limit, offset=page.offset
    )
    return [_tick_of(row) for row in rows]


def _tick_of(row: Row) -> Tick:
    skipped = None if row["skipped"] is None else Skip(row["skipped"])
    return Tick(**{**row, "skipped": skipped})


async def last_runs(
    view: View, scope: Scope, listed: Sequence[Schedule]
) -> dict[str, list[ScheduledRun]]:
    """By path: how the newest jobs of the ticks of these schedules ended, newest first."""
    paths = tuple(schedule.path for schedule in listed)
    found: defaultdict[str, list[ScheduledRun]] = defaultdict(list)
    for row in await view.all(
        Q.last_runs, workspace=scope.workspace, paths=paths, most=SCHEDULE_JOBS_SHOWN
    ):
        run = ScheduledRun(row["id"], row["outcome"] == Outcome.SUCCESS, row["duration_ms"])
        found[row["path"]].append(run)
    return found
