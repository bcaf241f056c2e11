"""For how many days a workspace keeps its completed runs. Ours: Windmill has no such thing."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies
from windmill_lite.api.call import Call
from windmill_lite.api.route import GET, POST, member
from windmill_lite.api.shapes.retention import NewRetention, Retention
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.keeping import retention
from windmill_lite.model.retention import Rule

PATH = "/api/w/{workspace}/workspaces/retention"


READ = member("workspaces", Action.READ)
OWN = member("workspaces", Action.OWN)


@GET(PATH, "getRetention", READ, reply=Retention)
async def get(call: Call) -> web.Response:
    """How long completed runs are kept (admins)."""
    found = await retention.read(call.world, call.scope)
    paths = [{"path": rule.path, "days": rule.days} for rule in found.paths]
    told = replies.present(
        days=found.days,
        default_days=found.default_days,
        max_disk_bytes=found.max_disk_bytes,
        paths=paths,
    )
    return replies.json(told)


@POST(PATH, "setRetention", OWN, body=NewRetention)
async def put(call: Call) -> web.Response:
    """Say how long completed runs are kept (admins)."""
    asked = await call.body(NewRetention)
    rules = [Rule(each.path, each.days) for each in asked.paths]
    await retention.write(call.world, call.scope, days=asked.days, paths=rules)
    return replies.text(f"updated the retention of workspace {call.scope.workspace}")
