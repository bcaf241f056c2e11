"""Lists and counts of jobs. A filter works or is refused by name; unknown ones are ignored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from aiohttp import web

from windmill_lite.api import replies, wire
from windmill_lite.api.call import Call
from windmill_lite.api.params import Line, Paged, Text, microseconds
from windmill_lite.api.route import GET, login, member
from windmill_lite.api.shapes.jobs import Job, Position, QueueCount
from windmill_lite.base.clock import from_us
from windmill_lite.base.errors import Invalid
from windmill_lite.core.token_scopes import Action
from windmill_lite.model.page import JobFilter
from windmill_lite.store.people import jobs, runs

BASE = "/api/w/{workspace}/jobs"

#: On a page that is not full although there may be more: ask again with this as `created_before`
#: (oldest first: `created_after`).
SEARCHED_UNTIL = "X-Searched-Until"

_FAILED = ("failure", "canceled")
_NOT_SKIPPED = ("success", *_FAILED)

#: Windmill's filters that nothing here can answer yet.
_REFUSED = (
    "args", "result", "allow_wildcards", "all_workspaces", "broad_filter",
    "resolved", "excludes_entrypoint_override", "created_before_queue",
    "created_after_queue", "trigger_path",
)  # fmt: skip


READ = member("jobs", Action.READ)


class JobsQuery(Paged):
    created_by: Line | None = None
    script_path_exact: Text | None = None
    script_path_start: Text | None = None
    script_hash: Line | None = None
    schedule_path: Text | None = None
    parent_job: UUID | None = None
    has_null_parent: bool | None = None
    is_flow_step: bool | None = None
    job_kinds: Line | None = None  # comma list
    running: bool | None = None
    suspended: bool | None = None  # waits for people; false asks nothing
    success: bool | None = None
    status: Literal["success", "failure", "canceled", "skipped"] | None = None
    is_skipped: bool | None = None
    created_before: datetime | None = None
    created_after: datetime | None = None
    started_before: datetime | None = None
    started_after: datetime | None = None
    completed_before: datetime | None = None
    completed_after: datetime | None = None
    scheduled_for_before_now: bool = False
    tag: Line | None = None
    worker: Line | None = None
    label: Line | None = None
    trigger_kind: Line | None = None
    is_not_schedule: bool = False
    concurrency_key: Text | None = None
    order_desc: bool = True

    def as_filter(self, now: int, *, completed: bool | None) -> JobFilter:
        """`completed` is what the list is of: True, False (the queue) or None (both)."""
        if self.completed_before is not None or self.completed_after is not None:
            completed = True if completed is None else completed
        return JobFilter(
            created_by=self.created_by,
            path=self.script_path_exact,
            path_prefix=self.script_path_start,
            script_hash=self.script_hash,
            schedule_path=self.schedule_path,
            parent_id=self.parent_job,
            has_parent=None if self.has_null_parent is None else not self.has_null_parent,
            is_step=self.is_flow_step,
            kinds=tuple(self.job_kinds.split(",")) if self.job_kinds else None,
            running=self.running,
            suspended=bool(self.suspended),
            completed=completed,
            outcome=self._outcomes(completed=completed),
            created_before=microseconds(self.created_before),
            created_after=microseconds(self.created_after),
            started_before=microseconds(self.started_before),
            started_after=microseconds(self.started_after),
            completed_before=microseconds(self.completed_before),
            completed_after=microseconds(self.completed_after),
            scheduled_until=now if self.scheduled_for_before_now else None,
            tag=self.tag,
            worker=self.worker,
            label=self.label,
            trigger_kind=self.trigger_kind,
            unscheduled=self.is_not_schedule,
            concurrency_key=self.concurrency_key,
            oldest_first=not self.order_desc,
        )

    def _outcomes(self, *, completed: bool | None) -> tuple[str, ...] | None:
        asked: list[tuple[str, ...]] = [] if self.status is None else [(self.status,)]
        if self.success is not None:
            asked.append(("success",) if self.success else _FAILED)
        if self.is_skipped:
            asked.append(("skipped",))
        elif self.is_skipped is False and (completed or asked):
            asked.append(_NOT_SKIPPED)
        if not asked:
            return None
        return tuple(o for o in asked[0] if all(o in others for others in asked[1:])) or ("none",)


@GET(f"{BASE}/list", "listJobs", READ, query=JobsQuery, reply=list[Job])
async def list_jobs(call: Call) -> web.Response:
    """Jobs, queued and completed, newest first."""
    return await _listed(call, completed=None)


@GET(f"{BASE}/queue/list", "listQueue", READ, query=JobsQuery, reply=list[Job])
async def list_queue(call: Call) -> web.Response:
    """Jobs that wait or run."""
    return await _listed(call, completed=False)


@GET(f"{BASE}/completed/list", "listCompletedJobs", READ, query=JobsQuery, reply=list[Job])
async def list_completed(call: Call) -> web.Response:
    """Jobs that have completed."""
    return await _listed(call, completed=True)


@GET(f"{BASE}/list_filtered_uuids", "listFilteredJobsUuids", READ, query=JobsQuery, reply=list[str])
async def list_ids(call: Call) -> web.Response:
    """The ids of the jobs that `list` tells."""
    return await _listed(call, completed=None, ids=True)


@GET(
    f"{BASE}/queue/list_filtered_uuids",
    "listFilteredQueueUuids",
    READ,
    query=JobsQuery,
    reply=list[str],
)
async def list_queue_ids(call: Call) -> web.Response:
    """The ids of the jobs that `queue/list` tells."""
    return await _listed(call, completed=False, ids=True)


async def _listed(call: Call, *, completed: bool | None, ids: bool = False) -> web.Response:
    _refuse_unanswered(call.request.query)
    query = call.query(JobsQuery)
    filter_ = query.as_filter(call.world.now(), completed=completed)
    if completed is not None and filter_.completed is not completed:
        filter_ = replace(filter_, completed=completed)
    listing = await call.read(runs.search, filter_, query.as_page())
    answer = replies.json([str(job.id) if ids else wire.job_head(job) for job in listing.jobs])
    if listing.searched_until is not None:
        answer.headers[SEARCHED_UNTIL] = from_us(listing.searched_until).isoformat()
    return answer


def _refuse_unanswered(given: Mapping[str, str]) -> None:
    for name in _REFUSED:
        if given.get(name, "false") not in ("", "false"):
            raise Invalid(f"{name}: jobs cannot be filtered by this", field=name)


@GET(f"{BASE}/queue/count", "getQueueCount", READ, reply=QueueCount)
async def queue_count(call: Call) -> web.Response:
    """How many jobs wait, and how many flows do for people."""
    waiting, gated = await call.read(jobs.counts)
    return replies.json({"database_length": waiting, "suspended": gated})


@GET(f"{BASE}/queue/scheduled_for/{{id}}", "getScheduledFor", READ, reply=int)
async def scheduled_for(call: Call) -> web.Response:
    """When a job is due (ms)."""
    job = await call.found(f"job {call.params['id']} does not exist", jobs.peek, call.uuid())
    return replies.json(job.scheduled_for // 1000)


@GET(f"{BASE}/queue/position/{{scheduled_for}}", "getQueuePosition", READ, reply=Position)
async def queue_position(call: Call) -> web.Response:
    """The place in the queue of a job due at this moment (ms)."""
    moment = _moment_ms(call.params["scheduled_for"]) * 1000
    ahead = await call.read(jobs.queued_before, moment)
    return replies.json({"position": ahead + 1})


def _moment_ms(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Invalid("scheduled_for is not a number of milliseconds", field="scheduled_for")
    return int(text)


@GET("/api/jobs/db_clock", "getDbClock", login("jobs", Action.READ), reply=int)
async def db_clock(call: Call) -> web.Response:
    """The server's time (ms)."""
    return replies.json(call.world.now() // 1000)
