"""Counts of jobs, and of what keeps them waiting: tags and concurrency keys."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from pydantic import Field

from windmill_lite.api import replies
from windmill_lite.api.call import Call
from windmill_lite.api.params import Line, Query
from windmill_lite.api.route import GET, login
from windmill_lite.api.routes.jobs_list import READ
from windmill_lite.api.shapes.jobs import KeyCount, QueueCount, TagCount
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.accounts import require_super_admin
from windmill_lite.model.limits import COUNTED_S_MAX
from windmill_lite.store.people import counts

BASE = "/api/w/{workspace}/jobs/completed"
READ_ALL, READ_WORKERS = login("jobs", Action.READ), login("workers", Action.READ)
Seconds = Annotated[int, Field(ge=0, le=COUNTED_S_MAX)]


class CountQuery(Query):
    completed_after_s_ago: Seconds = COUNTED_S_MAX
    success: bool | None = None
    tags: Line | None = None  # comma list


class TagsQuery(Query):
    horizon_s: Annotated[Seconds, Field(alias="horizon_secs")] = 3600
    workspace_id: Line | None = None


@GET(f"{BASE}/count", "getCompletedCount", READ, reply=QueueCount)
async def completed(call: Call) -> web.Response:
    """How many jobs have completed and are kept."""
    return replies.json({"database_length": await call.read(counts.completed)})


@GET(f"{BASE}/count_jobs", "countCompletedJobs", READ, query=CountQuery, reply=int)
async def count_jobs(call: Call) -> web.Response:
    """How many jobs completed lately."""
    query = call.query(CountQuery)
    since = call.world.now() - query.completed_after_s_ago * 1_000_000
    tags = query.tags.split(",") if query.tags else None
    return replies.json(await call.read(counts.ended, since, success=query.success, tags=tags))


@GET(
    "/api/jobs/completed/count_by_tag",
    "countJobsByTag",
    READ_ALL,
    query=TagsQuery,
    reply=list[TagCount],
)
async def count_by_tag(call: Call) -> web.Response:
    """How many jobs completed lately, by tag; for super admins."""
    require_super_admin(call.login)
    query = call.query(TagsQuery)
    since = call.world.now() - query.horizon_s * 1_000_000
    async with call.world.db.view() as view:
        found = await counts.ended_by_tag(view, call.login, since, query.workspace_id)
    return replies.json([{"tag": tag, "count": jobs} for tag, jobs in found.items()])


@GET(
    "/api/workers/queue_counts", "getCountsOfJobsWaitingPerTag", READ_WORKERS, reply=dict[str, int]
)
async def queue_counts(call: Call) -> web.Response:
    """How many jobs are ready for a worker, by tag."""
    async with call.world.db.view() as view:
        return replies.json({**await counts.in_queue(view, call.login, running=False)})


@GET(
    "/api/workers/queue_running_counts",
    "getCountsOfRunningJobsPerTag",
    READ_WORKERS,
    reply=dict[str, int],
)
async def running_counts(call: Call) -> web.Response:
    """How many jobs run, by tag."""
    async with call.world.db.view() as view:
        return replies.json({**await counts.in_queue(view, call.login, running=True)})


@GET("/api/concurrency_groups/list", "listConcurrencyGroups", READ_ALL, reply=list[KeyCount])
async def keys(call: Call) -> web.Response:
    """The concurrency keys of the queue, and how many jobs of each run; for super admins."""
    require_super_admin(call.login)
    async with call.world.db.view() as view:
        found = await counts.concurrency_keys(view, call.login)
    lines = [{"concurrency_key": key, "total_running": count} for key, count in found.items()]
    return replies.json([*lines])
