"""Jobs that are there already: running them again, or earlier than they would; erasing them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aiohttp import web

from windmill_lite.api import replies, wire
from windmill_lite.api.call import Call
from windmill_lite.api.route import POST, member
from windmill_lite.api.runs import trigger_of
from windmill_lite.api.shapes.jobs import Job, JobIds
from windmill_lite.api.shapes.reruns import Reruns
from windmill_lite.base.errors import Refusal
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.runs import again, erase
from windmill_lite.model.job import RunOptions
from windmill_lite.store.people import jobs

BASE = "/api/w/{workspace}/jobs"
WRITE = member("jobs", Action.WRITE)


@POST(f"{BASE}/run/batch_rerun_jobs", "batchReRunJobs", member("jobs", Action.RUN), body=Reruns)
async def rerun(call: Call) -> web.Response:
    """Run jobs again, with their arguments; a line for each: the new id, or `Error: ...`."""
    asked = await call.body(Reruns)
    options = RunOptions(trigger_kind=trigger_of(call))
    lines = [await _line(call, asked, id, options) for id in asked.job_ids]
    return replies.text("\n".join(lines))


async def _line(call: Call, asked: Reruns, id: UUID, options: RunOptions) -> str:
    """One job that cannot be run does not keep the others."""
    try:
        return str(await again.rerun(call.world, call.scope, id, asked.of, options=options))
    except Refusal as refusal:
        return f"Error: {id}: {refusal.message}".replace("\n", " ")


@POST(f"{BASE}/queue/run_now/{{id}}", "runQueuedJobNow", WRITE)
async def run_now(call: Call) -> web.Response:
    """Run a job at once that waits for its time."""
    await again.run_now(call.world, call.scope, call.uuid())
    return replies.text(call.params["id"])


@POST(
    "/api/w/{workspace}/jobs_u/queue/get_started_at_by_ids",
    "getStartedAtByIds",
    member("jobs", Action.READ),
    body=JobIds,
    reply=list[Any],
)
async def started_at(call: Call) -> web.Response:
    """When jobs were started, in the order of the question; null for those that were not."""
    asked = await call.body(JobIds)
    found = [await call.read(jobs.peek, id) for id in asked.root]
    moments = [job.started_at if job is not None else None for job in found]
    return replies.json([wire.maybe_moment(moment) for moment in moments])


@POST(f"{BASE}/completed/delete/{{id}}", "deleteCompletedJob", WRITE, reply=Job)
async def delete(call: Call) -> web.Response:
    """Erase what a completed job carried; for admins. That it was stays."""
    await erase.erase(call.world, call.scope, call.uuid())
    missing = f"completed job {call.params['id']} does not exist"
    left = await call.found(missing, jobs.get, call.uuid())
    return replies.raw_json(wire.job_text(left, logs=""))
