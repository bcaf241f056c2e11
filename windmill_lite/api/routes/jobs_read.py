"""Reading one job: itself, its result, its logs. Every read asks the people's door."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies, wire
from windmill_lite.api.call import Call
from windmill_lite.api.params import Query, Text
from windmill_lite.api.route import GET, Kind, member
from windmill_lite.api.shapes.jobs import Attempt, Job, MaybeResult, Timing
from windmill_lite.base import codec
from windmill_lite.base.codec import Json
from windmill_lite.base.errors import NotFound
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.flows import show
from windmill_lite.model import attempt as model
from windmill_lite.model.job import JobRecord
from windmill_lite.model.limits import LOG_CHARS_SHOWN
from windmill_lite.store.people import jobs

#: Where Windmill's clients ask; for the completed there is a second place.
BASE = "/api/w/{workspace}/jobs_u"
DONE, DONE_AUTHED = f"{BASE}/completed", "/api/w/{workspace}/jobs/completed"
DRAINING = "/api/w/{workspace}/jobs/worker_is_draining"
READ = member("jobs", Action.READ)


class GetQuery(Query):
    no_logs: bool = False
    no_code: bool = False


class ResultQuery(Query):
    json_path: Text | None = None  # names and indices, separated by dots


class MaybeQuery(Query):
    get_started: bool = False


@GET(f"{BASE}/get/{{id}}", "getJob", READ, query=GetQuery, reply=Job)
async def get(call: Call) -> web.Response:
    """A job."""
    return await _whole(call, completed=False)


@GET(f"{DONE}/get/{{id}}", "getCompletedJob", READ, query=GetQuery, reply=Job)
@GET(f"{DONE_AUTHED}/get/{{id}}", "getCompletedJobAuthed", READ, query=GetQuery, reply=Job)
async def get_completed(call: Call) -> web.Response:
    """A completed job."""
    return await _whole(call, completed=True)


async def _whole(call: Call, *, completed: bool) -> web.Response:
    query = call.query(GetQuery)
    async with call.world.db.view() as view:
        job = _known(call, await jobs.get(view, call.scope, call.uuid()), completed=completed)
        logs = None
        if not query.no_logs:
            logs = await jobs.log_tail(view, call.scope, job.id, LOG_CHARS_SHOWN)
    job = await show.with_args(call.world, job)
    flow = await show.told(call.world, job, code=not query.no_code)
    return replies.raw_json(wire.job_text(job, logs=logs, code=not query.no_code, flow=flow))


def _known(call: Call, job: JobRecord | None, *, completed: bool = False) -> JobRecord:
    if job is None or (completed and not job.completed):
        what = "completed job" if completed else "job"
        raise NotFound(f"{what} {call.params['id']} does not exist")
    return job


@GET(f"{DONE}/get_result/{{id}}", "getCompletedJobResult", READ, query=ResultQuery, reply=Kind.JSON)
@GET(
    f"{DONE_AUTHED}/get_result/{{id}}",
    "getCompletedJobResultAuthed",
    READ,
    query=ResultQuery,
    reply=Kind.JSON,
)
async def get_result(call: Call) -> web.Response:
    """A completed job's result; 404 while it has none."""
    query = call.query(ResultQuery)
    job = _known(call, await call.read(jobs.get, call.uuid()), completed=True)
    result = job.result or "null"
    if query.json_path is not None:
        result = codec.dumps(at_path(codec.loads(result), query.json_path))
    return replies.result(result)


def at_path(value: Json, path: str) -> Json:
    """The member at `a.b.0`; null where there is none."""
    for name in path.split("."):
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isascii() and name.isdigit() and len(name) < 10:
            value = value[int(name)] if int(name) < len(value) else None
        else:
            return None
    return value


@GET(
    f"{DONE}/get_result_maybe/{{id}}",
    "getCompletedJobResultMaybe",
    READ,
    query=MaybeQuery,
    reply=MaybeResult,
)
@GET(
    f"{DONE_AUTHED}/get_result_maybe/{{id}}",
    "getCompletedJobResultMaybeAuthed",
    READ,
    query=MaybeQuery,
    reply=MaybeResult,
)
async def get_result_maybe(call: Call) -> web.Response:
    """A job's result if it has completed."""
    query = call.query(MaybeQuery)
    job = await call.read(jobs.get, call.uuid())
    done = job is not None and job.completed
    outcome = job.outcome if job is not None and done else None
    head = {
        "completed": done,
        "success": None if outcome is None else outcome.is_good,
        "started": job is not None and (done or job.running) if query.get_started else None,
    }
    result = job.result if job is not None and done else None
    return replies.result(replies.spliced(head, {"result": result or "null"}))


@GET(f"{DONE}/get_timing/{{id}}", "getCompletedJobTiming", READ, reply=Timing)
@GET(f"{DONE_AUTHED}/get_timing/{{id}}", "getCompletedJobTimingAuthed", READ, reply=Timing)
async def get_timing(call: Call) -> web.Response:
    """When a job started and how long it took."""
    job = _known(call, await call.read(jobs.peek, call.uuid()), completed=True)
    timing = replies.present(
        created_at=wire.moment(job.created_at),
        started_at=wire.maybe_moment(job.started_at),
        duration_ms=job.duration_ms,
    )
    return replies.json(timing)


@GET(f"{BASE}/get_args/{{id}}", "getJobArgs", READ, reply=Kind.JSON)
async def get_args(call: Call) -> web.Response:
    """A job's arguments."""
    job = _known(call, await call.read(jobs.get, call.uuid()))
    job = await show.with_args(call.world, job)
    return replies.raw_json(job.args or "{}")


@GET(f"{BASE}/get_attempts/{{id}}", "getJobAttempts", READ, reply=list[Attempt])
async def get_attempts(call: Call) -> web.Response:
    """A job's attempts: when each began, on which worker, and why it ended; the newest 200."""
    async with call.world.db.view(snapshot=True) as view:
        found = await jobs.attempts(view, call.scope, call.uuid())
    if found is None:
        raise NotFound(f"job {call.params['id']} does not exist")
    return replies.json([_attempt(entry) for entry in found])


def _attempt(entry: model.Attempt) -> dict[str, Json]:
    return replies.present(
        number=entry.number,
        worker=entry.worker,
        started_at=wire.maybe_moment(entry.started_at),
        ended_at=wire.maybe_moment(entry.ended_at),
        ended=entry.ended,
        reason=entry.reason,
    )


@GET(f"{BASE}/get_logs/{{id}}", "getJobLogs", READ)
async def get_logs(call: Call) -> web.Response:
    """A job's whole log."""
    text = await call.found(f"job {call.params['id']} does not exist", jobs.logs, call.uuid())
    return replies.text(text)


@GET(f"{BASE}/get_completed_logs_tail/{{id}}", "getCompletedJobLogsTail", READ)
async def get_logs_tail(call: Call) -> web.Response:
    """The end of a job's log."""
    text = await call.found(
        f"job {call.params['id']} does not exist", jobs.log_tail, call.uuid(), LOG_CHARS_SHOWN
    )
    return replies.text(text)


@GET(f"{DRAINING}/{{id}}", "getWorkerIsDraining", READ, reply=bool)
async def worker_is_draining(call: Call) -> web.Response:
    """Whether the worker of a job stops when the job has ended."""
    told = await call.read(jobs.draining, call.uuid())
    if told is None:
        raise NotFound(f"job {call.params['id']} does not exist")
    return replies.json(told)


@GET(f"{BASE}/get_root_job_id/{{id}}", "getRootJobId", READ, reply=str)
async def get_root_job_id(call: Call) -> web.Response:
    """The flow a job is a step of, or the job itself."""
    job = _known(call, await call.read(jobs.peek, call.uuid()))
    return replies.json(str(job.root_id or job.id))
