"""Starting a flow that has ended again in the middle."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies
from windmill_lite.api.call import Call
from windmill_lite.api.params import whole_of
from windmill_lite.api.route import POST, member
from windmill_lite.api.runs import RunQuery
from windmill_lite.api.shapes.flows import Restart, RestartArgs
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.flows import restart as engine
from windmill_lite.engine.flows.restart import Again
from windmill_lite.model.flow import RestartAt

BASE = "/api/w/{workspace}/jobs/restart/f/{id}"


RUN = member("jobs", Action.RUN, kind="flows")


@POST(BASE, "restartFlowAtStep", RUN, query=RunQuery, body=Restart, status=201)
async def restart(call: Call) -> web.Response:
    """Go on from a step of a run, an iteration or a branch of it, or a step in there."""
    query, asked = call.query(RunQuery), await call.body(Restart)
    again = Again(call.uuid(), asked.as_places(), asked.args, version=asked.flow_version)
    return await _restarted(call, query, again)


@POST(
    f"{BASE}/from/{{step_id}}",
    "restartFlowFromStep",
    RUN,
    query=RunQuery,
    body=RestartArgs,
    status=201,
)
@POST(
    f"{BASE}/from/{{step_id}}/{{n}}",
    "restartFlowFromIteration",
    RUN,
    query=RunQuery,
    body=RestartArgs,
    status=201,
)
async def restart_at(call: Call) -> web.Response:
    """The older form: the place is in the address; the body may hold other arguments."""
    query = call.query(RunQuery)
    asked = (await call.body(RestartArgs)).root if call.request.can_read_body else None
    body = whole_of(call.params["n"], "n") if "n" in call.params else None
    places = (RestartAt(call.params["step_id"], body),)
    return await _restarted(call, query, Again(call.uuid(), places, asked))


async def _restarted(call: Call, query: RunQuery, again: Again) -> web.Response:
    options = query.options(call)
    id = await engine.restart(call.world, call.scope, again, options)
    return replies.text(str(id), 201)
