"""Workspaces: which there are, which are one's own."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import export, replies, wire
from windmill_lite.api.call import Call
from windmill_lite.api.params import Paged
from windmill_lite.api.route import GET, POST, Kind, login, member
from windmill_lite.api.shapes.people import (
    NewWorkspace,
    UserWorkspaces,
    Workspace,
    WorkspaceId,
)
from windmill_lite.core import token_scopes
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine import accounts, workspaces

READ = login("workspaces", Action.READ)
OWN = login("workspaces", Action.OWN)


@GET("/api/workspaces/list", "listWorkspaces", READ, reply=list[Workspace])
async def list_own(call: Call) -> web.Response:
    """The workspaces one is a member of."""
    found = await accounts.memberships(call.world, call.login)
    return replies.json([wire.workspace(entry.workspace) for entry in found])


@GET("/api/workspaces/users", "listUserWorkspaces", READ, reply=UserWorkspaces)
async def list_memberships(call: Call) -> web.Response:
    """The workspaces one is a member of, and who one is there."""
    found = await accounts.memberships(call.world, call.login)
    entries = [wire.user_workspace(entry) for entry in found]
    return replies.json({"email": call.login.email, "workspaces": entries})


@GET(
    "/api/workspaces/list_as_superadmin",
    "listWorkspacesAsSuperAdmin",
    READ,
    query=Paged,
    reply=list[Workspace],
)
async def list_all(call: Call) -> web.Response:
    """Every workspace (super admins)."""
    page = call.query(Paged).as_page()
    found = await workspaces.list_all(call.world, call.login, page)
    return replies.json([wire.workspace(space) for space in found])


@POST("/api/workspaces/create", "createWorkspace", OWN, body=NewWorkspace, status=201)
async def create(call: Call) -> web.Response:
    """Make a workspace (super admins)."""
    new = await call.body(NewWorkspace)
    await workspaces.create(call.world, call.login, id=new.id, name=new.name, username=new.username)
    return replies.text(f"Created workspace {new.id}", 201)


@POST("/api/workspaces/exists", "existsWorkspace", READ, body=WorkspaceId, reply=bool)
async def exists(call: Call) -> web.Response:
    """Whether a workspace has this id."""
    asked = await call.body(WorkspaceId)
    return replies.json(await workspaces.exists(call.world, asked.id))


@GET(
    "/api/w/{workspace}/workspaces/tarball",
    "tarballWorkspace",
    member("workspaces", Action.READ),
    query=export.ExportQuery,
    reply=Kind.ARCHIVE,
)
async def tarball(call: Call) -> web.Response:
    """Everything that one sees of a workspace, as an archive of files; secrets as they are stored,
    unless they are asked for.
    """
    asked = call.query(export.ExportQuery)
    if asked.plain_secret:
        token_scopes.require(call.login, token_scopes.Need("variables", Action.READ))
    made = await export.archive(call.world, call.scope, asked)
    return web.Response(body=made, headers={"Content-Type": Kind.ARCHIVE.value})
