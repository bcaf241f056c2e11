"""Schedules: made, changed, read, tried."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies, wire
from windmill_lite.api.call import Call
from windmill_lite.api.params import Line, Paged, Text
from windmill_lite.api.route import ANY_LOGIN, DELETE, GET, POST, member
from windmill_lite.api.runs import Keyed
from windmill_lite.api.shapes.schedules import (
    EditSchedule,
    NewSchedule,
    PreviewSchedule,
    Schedule,
    ScheduleTick,
    ScheduleWithJobs,
    SetEnabled,
)
from windmill_lite.base.errors import Invalid
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine import schedule_edit
from windmill_lite.model.schedule import ScheduleFilter
from windmill_lite.store.people import schedules

BASE = "/api/w/{workspace}/schedules"


WRITE_IN = member("schedules", Action.WRITE, path_in="body")
WRITE_AT = member("schedules", Action.WRITE, path_in="url")
RUN = member("jobs", Action.RUN, kind="scripts")
READ_AT = member("schedules", Action.READ, path_in="url")
READ = member("schedules", Action.READ)


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


@POST(f"{BASE}/create", "createSchedule", WRITE_IN, body=NewSchedule, status=201)
async def create(call: Call) -> web.Response:
    """Make a schedule; the answer is its path."""
    new = (await call.body(NewSchedule)).as_new()
    await schedule_edit.create(call.world, call.scope, new)
    return replies.text(new.path, 201)


@POST(f"{BASE}/update/{{path...}}", "updateSchedule", WRITE_AT, body=EditSchedule)
async def update(call: Call) -> web.Response:
    """Replace the plan of a schedule."""
    plan = (await call.body(EditSchedule)).as_plan()
    await schedule_edit.update(call.world, call.scope, call.path, plan)
    return replies.text(f"updated schedule {call.path}")


@POST(f"{BASE}/setenabled/{{path...}}", "setScheduleEnabled", WRITE_AT, body=SetEnabled)
async def set_enabled(call: Call) -> web.Response:
    """Let a schedule fire, or not."""
    enabled = (await call.body(SetEnabled)).enabled
    await schedule_edit.set_enabled(call.world, call.scope, call.path, enabled=enabled)
    return replies.text(f"{'enabled' if enabled else 'disabled'} schedule {call.path}")


@DELETE(f"{BASE}/delete/{{path...}}", "deleteSchedule", WRITE_AT)
async def delete(call: Call) -> web.Response:
    """Delete a schedule; its runs stay."""
    await schedule_edit.delete(call.world, call.scope, call.path)
    return replies.text(f"deleted schedule {call.path}")


@GET(f"{BASE}/get/{{path...}}", "getSchedule", READ_AT, reply=Schedule)
async def get(call: Call) -> web.Response:
    """One schedule."""
    found = await call.found(
        f"schedule not found at name {call.path}", schedules.by_path, call.path
    )
    return replies.raw_json(wire.schedule_text(found))


@GET(f"{BASE}/exists/{{path...}}", "existsSchedule", READ_AT, reply=bool)
async def exists(call: Call) -> web.Response:
    """Whether a schedule is at this path."""
    found = await call.read(schedules.by_path, call.path)
    return replies.json(found is not None)


@GET(f"{BASE}/list", "listSchedules", READ, query=SchedulesQuery, reply=list[Schedule])
async def list_schedules(call: Call) -> web.Response:
    """Schedules, the one edited last first."""
    query = call.query(SchedulesQuery)
    filter_ = query.as_filter()
    found = await call.read(schedules.list_schedules, filter_, query.as_page())
    return replies.raw_json(f"[{','.join(map(wire.schedule_text, found))}]")


@GET(
    f"{BASE}/list_with_jobs",
    "listSchedulesWithJobs",
    READ,
    query=Paged,
    reply=list[ScheduleWithJobs],
)
async def list_with_jobs(call: Call) -> web.Response:
    """Schedules, each with the ends of its last runs."""
    page = call.query(Paged).as_page()
    async with call.world.db.view() as view:
        found = await schedules.list_schedules(view, call.scope, ScheduleFilter(), page)
        runs = await schedules.last_runs(view, call.scope, found)
    texts = [wire.schedule_text(each, runs.get(each.path, [])) for each in found]
    return replies.raw_json(f"[{','.join(texts)}]")


@GET(
    f"{BASE}/ticks/{{path...}}", "listScheduleTicks", READ_AT, query=Paged, reply=list[ScheduleTick]
)
async def ticks(call: Call) -> web.Response:
    """What became of the last ticks, newest first: a job, or why there is none."""
    page = call.query(Paged).as_page()
    found = await call.found(
        f"schedule not found at name {call.path}", schedules.ticks, call.path, page
    )
    return replies.json([wire.tick(each) for each in found])


@POST(f"{BASE}/run_now/{{path...}}", "runScheduleNow", RUN, query=Keyed, status=201)
async def run_now(call: Call) -> web.Response:
    """Run a schedule's script with its arguments, as oneself; the answer is the job's id."""
    options = call.query(Keyed).options(call)
    job_id = await schedule_edit.run_now(call.world, call.scope, call.path, options)
    return replies.text(str(job_id), 201)


@POST("/api/schedules/preview", "previewSchedule", ANY_LOGIN, body=PreviewSchedule, reply=list[str])
async def preview(call: Call) -> web.Response:
    """When an expression fires next."""
    asked = await call.body(PreviewSchedule)
    found = schedule_edit.preview(
        call.world, asked.schedule, asked.timezone, version=asked.cron_version or "v2"
    )
    return replies.json([wire.moment(tick) for tick in found])
