"""Workspaces: which there are, which are one's own."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies, wire
from windmill_lite.api.call import Call
from windmill_lite.api.params import Paged
from windmill_lite.api.route import GET, POST, RouteDef, login
from windmill_lite.api.shapes.people import (
    NewWorkspace,
    UserWorkspaces,
    Workspace,
    WorkspaceId,
)
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine import accounts, workspaces


async def list_own(call: Call) -> web.Response:
    """The workspaces one is a member of."""
    found = await accounts.memberships(call.world, call.login)
    return replies.json([wire.workspace(entry.workspace) for entry in found])


async def list_memberships(call: Call) -> web.Response:
    """The workspaces one is a member of, and who one is there."""
    found = await accounts.memberships(call.world, call.login)
    entries = [wire.user_workspace(entry) for entry in found]
    return replies.json({"email": call.login.email, "workspaces": entries})


async def list_all(call: Call) -> web.Response:
    """Every workspace (super admins)."""
    page = call.query(Paged).as_page()
    found = await workspaces.list_all(call.world, call.login, page)
    return replies.json([wire.workspace(space) for space in found])


async def create(call: Call) -> web.Response:
    """Make a workspace (super admins)."""
    new = await call.body(NewWorkspace)
    await workspaces.create(call.world, call.login, id=new.id, name=new.name, username=new.username)
    return replies.text(f"Created workspace {new.id}", 201)


async def exists(call: Call) -> web.Response:
    """Whether a workspace has this id."""
    asked = await call.body(WorkspaceId)
    return replies.json(await workspaces.exists(call.world, asked.id))


def routes() -> list[RouteDef]:
    read = login("workspaces", Action.READ)
    return [
        GET("/api/workspaces/list", "listWorkspaces", read, list_own, reply=list[Workspace]),
        GET(
            "/api/workspaces/users",
            "listUserWorkspaces",
            read,
            list_memberships,
            reply=UserWorkspaces,
        ),
        GET(
            "/api/workspaces/list_as_superadmin",
            "listWorkspacesAsSuperAdmin",
            read,
            list_all,
            query=Paged,
            reply=list[Workspace],
        ),
        POST(
            "/api/workspaces/create",
            "createWorkspace",
            login("workspaces", Action.OWN),
            create,
            body=NewWorkspace,
            status=201,
        ),
        POST(
            "/api/workspaces/exists", "existsWorkspace", read, exists, body=WorkspaceId, reply=bool
        ),
    ]
