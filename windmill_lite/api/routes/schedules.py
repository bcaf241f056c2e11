"""Schedules: made, changed, read, tried."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies, wire
from windmill_lite.api.call import Call
from windmill_lite.api.params import Line, Paged, Text
from windmill_lite.api.route import ANY_LOGIN, DELETE, GET, POST, RouteDef, member
from windmill_lite.api.runs import trigger_of
from windmill_lite.api.shapes.schedules import (
    EditSchedule,
    NewSchedule,
    PreviewSchedule,
    Schedule,
    ScheduleTick,
    ScheduleWithJobs,
    SetEnabled,
)
from windmill_lite.base.errors import Invalid, NotFound
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine import schedule_edit
from windmill_lite.model.schedule import ScheduleFilter
from windmill_lite.store.people import schedules

BASE = "/api/w/{workspace}/schedules"


class SchedulesQuery(Paged):
    path: Text | None = None  # of the script or the flow
    schedule_path: Text | None = None
    path_start: Text | None = None
    is_flow: bool | None = None
    summary: Line | None = None
    description: Line | None = None
    broad_filter: Line | None = None
    args: Text | None = None
    label: Line | None = None
    include_draft_only: bool = False  # there are no drafts

    def as_filter(self) -> ScheduleFilter:
        """Fails: `Invalid` for a question that is not answered yet."""
        for name in ("args", "label"):
            if getattr(self, name):
                raise Invalid(f"{name}: schedules cannot be listed by this", field=name)
        return ScheduleFilter(
            path=self.schedule_path,
            path_prefix=self.path_start,
            script_path=self.path,
            is_flow=self.is_flow,
            summary=self.summary,
            description=self.description,
            anywhere=self.broad_filter,
        )


async def create(call: Call) -> web.Response:
    """Make a schedule; the answer is its path."""
    new = (await call.body(NewSchedule)).as_new()
    await schedule_edit.create(call.world, call.scope, new)
    return replies.text(new.path, 201)


async def update(call: Call) -> web.Response:
    """Replace the plan of a schedule."""
    plan = (await call.body(EditSchedule)).as_plan()
    await schedule_edit.update(call.world, call.scope, call.path, plan)
    return replies.text(f"updated schedule {call.path}")


async def set_enabled(call: Call) -> web.Response:
    """Let a schedule fire, or not."""
    enabled = (await call.body(SetEnabled)).enabled
    await schedule_edit.set_enabled(call.world, call.scope, call.path, enabled=enabled)
    return replies.text(f"{'enabled' if enabled else 'disabled'} schedule {call.path}")


async def delete(call: Call) -> web.Response:
    """Delete a schedule; its runs stay."""
    await schedule_edit.delete(call.world, call.scope, call.path)
    return replies.text(f"deleted schedule {call.path}")


async def get(call: Call) -> web.Response:
    """One schedule."""
    async with call.world.db.view() as view:
        found = await schedules.by_path(view, call.scope, call.path)
    if found is None:
        raise NotFound(f"schedule not found at name {call.path}")
    return replies.raw_json(wire.schedule_text(found))


async def exists(call: Call) -> web.Response:
    """Whether a schedule is at this path."""
    async with call.world.db.view() as view:
        found = await schedules.by_path(view, call.scope, call.path)
    return replies.json(found is not None)


async def list_schedules(call: Call) -> web.Response:
    """Schedules, the one edited last first."""
    query = call.query(SchedulesQuery)
    filter_ = query.as_filter()
    async with call.world.db.view() as view:
        found = await schedules.list_schedules(view, call.scope, filter_, query.as_page())
    return replies.raw_json(f"[{','.join(map(wire.schedule_text, found))}]")


async def list_with_jobs(call: Call) -> web.Response:
    """Schedules, each with the ends of its last runs."""
    page = call.query(Paged).as_page()
    async with call.world.db.view() as view:
        found = await schedules.list_schedules(view, call.scope, ScheduleFilter(), page)
        runs = await schedules.last_runs(view, call.scope, found)
    texts = [wire.schedule_text(each, runs.get(each.path, [])) for each in found]
    return replies.raw_json(f"[{','.join(texts)}]")


async def ticks(call: Call) -> web.Response:
    """What became of the last ticks, newest first: a job, or why there is none."""
    page = call.query(Paged).as_page()
    async with call.world.db.view() as view:
        found = await schedules.ticks(view, call.scope, call.path, page)
    if found is None:
        raise NotFound(f"schedule not found at name {call.path}")
    return replies.json([wire.tick(each) for each in found])


async def run_now(call: Call) -> web.Response:
    """Run a schedule's script with its arguments, as oneself; the answer is the job's id."""
    job_id = await schedule_edit.run_now(
        call.world, call.scope, call.path, trigger_kind=trigger_of(call)
    )
    return replies.text(str(job_id), 201)


async def preview(call: Call) -> web.Response:
    """When an expression fires next."""
    asked = await call.body(PreviewSchedule)
    found = schedule_edit.preview(
        call.world, asked.schedule, asked.timezone, version=asked.cron_version or "v2"
    )
    return replies.json([wire.moment(tick) for tick in found])


def routes() -> list[RouteDef]:
    return [*_writing(), *_reading()]


def _writing() -> list[RouteDef]:
    at_path = member("schedules", Action.WRITE, path_in="url")
    in_body = member("schedules", Action.WRITE, path_in="body")
    running = member("jobs", Action.RUN, kind="scripts")
    return [
        POST(f"{BASE}/create", "createSchedule", in_body, create, body=NewSchedule, status=201),
        POST(f"{BASE}/update/{{path...}}", "updateSchedule", at_path, update, body=EditSchedule),
        POST(
            f"{BASE}/setenabled/{{path...}}",
            "setScheduleEnabled",
            at_path,
            set_enabled,
            body=SetEnabled,
        ),
        DELETE(f"{BASE}/delete/{{path...}}", "deleteSchedule", at_path, delete),
        POST(f"{BASE}/run_now/{{path...}}", "runScheduleNow", running, run_now, status=201),
    ]


def _reading() -> list[RouteDef]:
    at_path = member("schedules", Action.READ, path_in="url")
    read = member("schedules", Action.READ)
    return [
        GET(f"{BASE}/get/{{path...}}", "getSchedule", at_path, get, reply=Schedule),
        GET(f"{BASE}/exists/{{path...}}", "existsSchedule", at_path, exists, reply=bool),
        GET(
            f"{BASE}/list",
            "listSchedules",
            read,
            list_schedules,
            query=SchedulesQuery,
            reply=list[Schedule],
        ),
        GET(
            f"{BASE}/list_with_jobs",
            "listSchedulesWithJobs",
            read,
            list_with_jobs,
            query=Paged,
            reply=list[ScheduleWithJobs],
        ),
        GET(
            f"{BASE}/ticks/{{path...}}",
            "listScheduleTicks",
            at_path,
            ticks,
            query=Paged,
            reply=list[ScheduleTick],
        ),
        POST(
            "/api/schedules/preview",
            "previewSchedule",
            ANY_LOGIN,
            preview,
            body=PreviewSchedule,
            reply=list[str],
        ),
    ]
