"""What is known of one flow that runs: results of its steps, and what its scripts keep."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies
from windmill_lite.api.call import Call
from windmill_lite.api.params import Query, Text
from windmill_lite.api.route import GET, POST, Kind, member
from windmill_lite.api.routes.jobs_read import at_path
from windmill_lite.api.shapes.flows import UserState
from windmill_lite.base import codec
from windmill_lite.base.errors import NotFound
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.flows import show, states
from windmill_lite.store.people import jobs

BASE = "/api/w/{workspace}"


READ = member("jobs", Action.READ)
WRITE = member("jobs", Action.WRITE)


class StepResultQuery(Query):
    json_path: Text | None = None  # names and indices, separated by dots


@GET(
    f"{BASE}/jobs/result_by_id/{{flow_job_id}}/{{node_id}}",
    "resultById",
    READ,
    query=StepResultQuery,
    reply=Kind.JSON,
)
async def result_by_id(call: Call) -> web.Response:
    """The last result of a step; 404 while it has none."""
    query, flow_id = call.query(StepResultQuery), call.uuid("flow_job_id")
    await call.found(f"job {flow_id} does not exist", jobs.peek, flow_id)
    result = await show.result_of(call.world, flow_id, call.params["node_id"])
    if query.json_path is not None:
        result = codec.dumps(at_path(codec.loads(result), query.json_path))
    return replies.result(result)


@GET(f"{BASE}/jobs/flow/user_states/{{id}}/{{key}}", "getFlowUserState", READ, reply=Kind.JSON)
async def get_state(call: Call) -> web.Response:
    """What the scripts of a flow keep under a key; null when that is nothing."""
    key = call.params["key"]
    return replies.raw_json(await states.get(call.world, call.scope, call.uuid(), key))


@POST(f"{BASE}/jobs/flow/user_states/{{id}}/{{key}}", "setFlowUserState", WRITE, body=UserState)
async def put_state(call: Call) -> web.Response:
    """Keep a value under a key, for the other scripts of a flow that runs; no body is null."""
    value = (await call.body(UserState)).root if call.request.can_read_body else None
    await states.put(call.world, call.scope, call.uuid(), call.params["key"], value=value)
    return replies.text(f"kept {call.params['key']}")


@GET(f"{BASE}/jobs_u/get_flow_debug_info/{{id}}", "getFlowDebugInfo", READ, reply=Kind.JSON)
async def debug_info(call: Call) -> web.Response:
    """A flow with its status, and those inside of it that run."""
    job = await call.found(f"job {call.params['id']} does not exist", jobs.peek, call.uuid())
    told = await show.told(call.world, job, code=True)
    if told is None:
        raise NotFound(f"job {job.id} is no flow")
    return replies.json({"id": str(job.id), **told})
