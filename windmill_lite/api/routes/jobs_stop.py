"""Canceling jobs."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies
from windmill_lite.api.call import Call
from windmill_lite.api.params import Query
from windmill_lite.api.route import POST, member
from windmill_lite.api.shapes.jobs import Cancel, JobIds
from windmill_lite.base.errors import NotFound
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine import cancel

WRITE = member("jobs", Action.WRITE)


class SelectionQuery(Query):
    force_cancel: bool = False


@POST("/api/w/{workspace}/jobs_u/queue/cancel/{id}", "cancelQueuedJob", WRITE, body=Cancel)
async def cancel_one(call: Call) -> web.Response:
    """End a job; one that runs is stopped by its worker."""
    return await _cancel(call, force=False)


@POST(
    "/api/w/{workspace}/jobs_u/queue/force_cancel/{id}", "forceCancelQueuedJob", WRITE, body=Cancel
)
async def force_cancel_one(call: Call) -> web.Response:
    """End a job at once, whatever its worker does."""
    return await _cancel(call, force=True)


async def _cancel(call: Call, *, force: bool) -> web.Response:
    asked, job_id = await call.body(Cancel), call.uuid()
    found = await cancel.cancel(call.world, call.scope, job_id, reason=asked.reason, force=force)
    return replies.text(str(job_id) if found else f"queued job id {job_id} is already completed")


@POST(
    "/api/w/{workspace}/jobs/queue/cancel_selection",
    "cancelSelection",
    WRITE,
    query=SelectionQuery,
    body=JobIds,
    reply=list[str],
)
async def cancel_selection(call: Call) -> web.Response:
    """End several jobs; the answer lists those that were not over."""
    query, asked = call.query(SelectionQuery), await call.body(JobIds)
    canceled = []
    for job_id in asked.root:
        try:
            found = await cancel.cancel(
                call.world, call.scope, job_id, reason=None, force=query.force_cancel
            )
        except NotFound:
            continue  # the answer lists those that were canceled
        if found:
            canceled.append(str(job_id))
    return replies.json(canceled)
