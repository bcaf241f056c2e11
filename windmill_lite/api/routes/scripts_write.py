"""Deploying scripts, archiving and deleting them."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies, script_wire
from windmill_lite.api.call import Call
from windmill_lite.api.params import Query
from windmill_lite.api.route import POST, member
from windmill_lite.api.shapes.flows import Message
from windmill_lite.api.shapes.scripts import NewScript, Script
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine import deploy

BASE = "/api/w/{workspace}/scripts"


WRITE_IN = member("scripts", Action.WRITE, path_in="body")
WRITE_AT = member("scripts", Action.WRITE, path_in="url")
WRITE = member("scripts", Action.WRITE)


class CreateQuery(Query):
    skip_if_noop: bool = False  # nothing changes: the answer is the hash that is there


@POST(f"{BASE}/create", "createScript", WRITE_IN, query=CreateQuery, body=NewScript, status=201)
async def create(call: Call) -> web.Response:
    """Deploy a version; the answer is its hash."""
    query, new = call.query(CreateQuery), await call.body(NewScript)
    hash_ = await deploy.create_script(
        call.world, call.scope, new.as_version(), skip_if_noop=query.skip_if_noop
    )
    return replies.text(hash_, 201)


@POST(f"{BASE}/archive/p/{{path...}}", "archiveScriptByPath", WRITE_AT)
async def archive_path(call: Call) -> web.Response:
    """Take all versions from the lists; the path can still be run."""
    await deploy.archive_path(call.world, call.scope, call.path)
    return replies.text(f"archived {call.path}")


@POST(f"{BASE}/archive/h/{{hash}}", "archiveScriptByHash", WRITE, reply=Script)
async def archive_hash(call: Call) -> web.Response:
    """Take one version from the lists."""
    script = await deploy.archive_hash(call.world, call.scope, call.params["hash"])
    return replies.raw_json(script_wire.script_text(script, []))


@POST(
    f"{BASE}/history_update/h/{{hash}}/p/{{path...}}",
    "updateScriptHistory",
    WRITE_AT,
    body=Message,
)
async def update_history(call: Call) -> web.Response:
    """Say what a version was deployed for."""
    asked, hash_ = await call.body(Message), call.params["hash"]
    await deploy.describe(call.world, call.scope, hash_, asked.deployment_msg)
    return replies.text(f"described version {hash_}")


@POST(f"{BASE}/delete/p/{{path...}}", "deleteScriptByPath", WRITE_AT, reply=str)
async def delete_path(call: Call) -> web.Response:
    """Delete every version for good."""
    await deploy.delete_path(call.world, call.scope, call.path)
    return replies.json(call.path)


@POST(f"{BASE}/delete/h/{{hash}}", "deleteScriptByHash", WRITE, reply=Script)
async def delete_hash(call: Call) -> web.Response:
    """Delete the code of one version for good."""
    script = await deploy.delete_hash(call.world, call.scope, call.params["hash"])
    return replies.raw_json(script_wire.script_text(script, []))
