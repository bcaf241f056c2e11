"""Who is in a workspace."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from windmill_lite.api import replies, wire
from windmill_lite.api.call import Call
from windmill_lite.api.route import ANY_MEMBER, GET, POST, member
from windmill_lite.api.shapes.people import NewMember, WorkspaceUser
from windmill_lite.base.errors import NotFound
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine import workspaces
from windmill_lite.engine.members import groups
from windmill_lite.model.identity import EVERYBODY, Identity
from windmill_lite.model.paths import username_from_email
from windmill_lite.model.workspace import Member

READ = member("users", Action.READ)
WRITE = member("workspaces", Action.WRITE)


@GET("/api/w/{workspace}/users/whoami", "whoami", ANY_MEMBER, reply=WorkspaceUser)
async def whoami(call: Call) -> web.Response:
    """Who one is in this workspace."""
    found = await workspaces.members(call.world, call.scope)
    me = call.scope.identity
    person = next((person for person in found if person.email == me.email), None)
    if person is None:
        return replies.json(wire.member(_visitor(me, call.world.now())) | {"non_member": True})
    inside = await groups.names(call.world, call.scope, own=True)
    return replies.json(wire.member(replace(person, super_admin=me.super_admin), inside))


def _visitor(me: Identity, now: int) -> Member:
    """A super admin who is no member is an admin here."""
    return Member(
        username=me.username,
        email=me.email,
        is_admin=me.is_admin,
        operator=me.operator,
        disabled=False,
        super_admin=me.super_admin,
        created_at=now,
    )


@GET("/api/w/{workspace}/users/list", "listUsers", READ, reply=list[WorkspaceUser])
async def list_members(call: Call) -> web.Response:
    """The members of the workspace."""
    found = await workspaces.members(call.world, call.scope)
    inside = await groups.names_by_member(call.world, call.scope)
    everybody = [EVERYBODY]
    told = [wire.member(person, inside.get(person.username, everybody)) for person in found]
    return replies.json(told)


@GET("/api/w/{workspace}/users/list_usernames", "listUsernames", READ, reply=list[str])
async def list_usernames(call: Call) -> web.Response:
    """The usernames of the members."""
    found = await workspaces.members(call.world, call.scope)
    return replies.json([person.username for person in found])


@GET("/api/w/{workspace}/users/username_to_email/{username}", "usernameToEmail", READ)
async def username_to_email(call: Call) -> web.Response:
    """The email behind a username."""
    wanted = call.params["username"]
    for person in await workspaces.members(call.world, call.scope):
        if person.username == wanted:
            return replies.text(person.email)
    raise NotFound(f"user not found at name {wanted}")


@POST("/api/w/{workspace}/workspaces/add_user", "addUser", WRITE, body=NewMember, status=201)
async def add(call: Call) -> web.Response:
    """Bring an account into the workspace (admins)."""
    new = await call.body(NewMember)
    await workspaces.add_member(
        call.world,
        call.scope,
        email=new.email,
        username=new.username or username_from_email(new.email),
        is_admin=new.is_admin,
        operator=new.operator,
    )
    return replies.text(f"user {new.email} added to workspace {call.scope.workspace}", 201)
