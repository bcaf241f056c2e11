"""Schedules for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from windmill_lite.model.job import Outcome
from windmill_lite.model.limits import SCHEDULE_JOBS_SHOWN
from windmill_lite.model.page import Page
from windmill_lite.model.schedule import Schedule, ScheduledRun, ScheduleFilter, Skip, Tick
from windmill_lite.store.db.port import Row, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.people.scope import Scope
from windmill_lite.store.rows import schedule_of

Q = load(__package__, "schedules.sql")


def _sees(scope: Scope) -> dict[str, str | int]:
    return {
        "workspace": scope.workspace,
        "sees_all": int(scope.sees_all),
        "home": scope.home,
    }


async def by_path(view: View, scope: Scope, path: str) -> Schedule | None:
    row = await view.one(Q.by_path, path=path, **_sees(scope))
    return schedule_of(row) if row else None


async def list_schedules(
    view: View, scope: Scope, filter_: ScheduleFilter, page: Page
) -> list[Schedule]:
    """The one edited last comes first."""
    rows = await view.all(
        Q.list,
        path=filter_.path,
        path_prefix=filter_.path_prefix,
        script_path=filter_.script_path,
        is_flow=None if filter_.is_flow is None else int(filter_.is_flow),
        summary=filter_.summary,
        description=filter_.description,
        anywhere=filter_.anywhere,
        limit=page.limit,
        offset=page.offset,
        **_sees(scope),
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
    return Tick(
        workspace=row["workspace"],
        path=row["path"],
        at=row["at"],
        until=row["until"],
        count=row["count"],
        job_id=row["job_id"],
        skipped=None if row["skipped"] is None else Skip(row["skipped"]),
        reason=row["reason"],
        recorded_at=row["recorded_at"],
    )


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
