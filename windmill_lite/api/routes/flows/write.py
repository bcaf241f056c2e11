"""Deploying flows, archiving and deleting them."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies
from windmill_lite.api.call import Call
from windmill_lite.api.params import whole_of
from windmill_lite.api.route import DELETE, POST, member
from windmill_lite.api.shapes.flows import Archive, Message, NewFlow
from windmill_lite.core.token_scopes import Action, Need
from windmill_lite.core.token_scopes import require as require_scope
from windmill_lite.engine.flows import deploy

BASE = "/api/w/{workspace}/flows"


WRITE_IN = member("flows", Action.WRITE, path_in="body")
WRITE_AT = member("flows", Action.WRITE, path_in="url")
WRITE = member("flows", Action.WRITE)


@POST(f"{BASE}/create", "createFlow", WRITE_IN, body=NewFlow, status=201)
async def create(call: Call) -> web.Response:
    """Deploy a flow where there is none."""
    new = (await call.body(NewFlow)).as_version()
    await deploy.create(call.world, call.scope, new)
    return replies.text(new.path, 201)


@POST(f"{BASE}/update/{{path...}}", "updateFlow", WRITE_AT, body=NewFlow)
async def update(call: Call) -> web.Response:
    """Deploy a version; under another path the flow moves there."""
    new = (await call.body(NewFlow)).as_version()
    if new.path != call.path:
        require_scope(call.login, Need("flows", Action.WRITE, path=new.path))
    await deploy.update(call.world, call.scope, call.path, new)
    return replies.text(new.path)


@POST(f"{BASE}/archive/{{path...}}", "archiveFlowByPath", WRITE_AT, body=Archive)
async def archive(call: Call) -> web.Response:
    """Take a flow from the lists, or put it back; it can be run either way."""
    asked = await call.body(Archive)
    await deploy.set_archived(call.world, call.scope, call.path, archived=asked.archived)
    return replies.text(f"{'archived' if asked.archived else 'unarchived'} {call.path}")


@DELETE(f"{BASE}/delete/{{path...}}", "deleteFlowByPath", WRITE_AT)
async def delete(call: Call) -> web.Response:
    """Delete every version for good."""
    await deploy.delete(call.world, call.scope, call.path)
    return replies.text(f"deleted {call.path}")


@POST(f"{BASE}/history_update/v/{{version}}", "updateFlowHistory", WRITE, body=Message)
async def update_history(call: Call) -> web.Response:
    """Say what a version was deployed for."""
    asked, id = await call.body(Message), whole_of(call.params["version"], "version")
    await deploy.describe(call.world, call.scope, id, asked.deployment_msg)
    return replies.text(f"described version {id}")
