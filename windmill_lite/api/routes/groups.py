"""Groups of a workspace, and who owns one."""

from __future__ import annotations

from aiohttp import web
from pydantic import Field

from windmill_lite.api import replies
from windmill_lite.api.call import Call
from windmill_lite.api.params import Line, Paged, Query
from windmill_lite.api.route import DELETE, GET, POST, member
from windmill_lite.api.shapes import Body, Reply
from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Invalid
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.members import groups
from windmill_lite.model.workspace import Group

AT, ACLS, TAIL = "/api/w/{workspace}/groups", "/api/w/{workspace}/acls", "{kind}/{path...}"
READ, WRITE = member("groups", Action.READ), member("groups", Action.WRITE)
ACLS_READ, ACLS_WRITE = member("acls", Action.READ), member("acls", Action.WRITE)


class NewGroup(Body):
    name: Line
    summary: Line = ""


class GroupEdit(Body):
    summary: Line | None = None


class Username(Body):
    username: Line


class Owner(Body):
    owner: Line  # `u/<username>` or `g/<group>`
    write: bool = False


class NamesQuery(Query):
    only_member_of: bool = False


class GroupReply(Reply):
    name: str
    summary: str
    members: list[str]
    extra_perms: dict[str, bool] = Field(default_factory=dict)


def _told(group: Group) -> dict[str, Json]:
    members, perms = list[Json](group.members), dict[str, Json](group.extra_perms)
    named: dict[str, Json] = {"name": group.name, "summary": group.summary}
    return {**named, "members": members, "extra_perms": perms}


@GET(f"{AT}/list", "listGroups", READ, query=Paged, reply=list[GroupReply])
async def list_groups(call: Call) -> web.Response:
    """The groups of the workspace with who is in them."""
    found = await groups.listed(call.world, call.scope, call.query(Paged).as_page())
    return replies.json([_told(group) for group in found])


@GET(f"{AT}/listnames", "listGroupNames", READ, query=NamesQuery, reply=list[str])
async def list_names(call: Call) -> web.Response:
    """The names of the groups, or of those one is in."""
    own = call.query(NamesQuery).only_member_of
    return replies.json(await groups.names(call.world, call.scope, own=own))


@GET(f"{AT}/get/{{name}}", "getGroup", READ, reply=GroupReply)
async def get(call: Call) -> web.Response:
    """A group with who is in it, and who owns it."""
    return replies.json(_told(await groups.get(call.world, call.scope, call.params["name"])))


@POST(f"{AT}/create", "createGroup", WRITE, body=NewGroup)
async def create(call: Call) -> web.Response:
    """Make a group (admins)."""
    new = await call.body(NewGroup)
    await groups.create(call.world, call.scope, new.name, new.summary)
    return replies.text(f"Created group {new.name}")


@POST(f"{AT}/update/{{name}}", "updateGroup", WRITE, body=GroupEdit)
async def update(call: Call) -> web.Response:
    """Say something else about a group (admins and its owners, as for all that follows)."""
    edit = await call.body(GroupEdit)
    await groups.update(call.world, call.scope, call.params["name"], edit.summary)
    return replies.text(f"Edited group {call.params['name']}")


@DELETE(f"{AT}/delete/{{name}}", "deleteGroup", WRITE)
async def delete(call: Call) -> web.Response:
    """Remove a group; its members stay in the workspace."""
    await groups.delete(call.world, call.scope, call.params["name"])
    return replies.text(f"Deleted group {call.params['name']}")


@POST(f"{AT}/adduser/{{name}}", "addUserToGroup", WRITE, body=Username)
async def add_user(call: Call) -> web.Response:
    """Take a member of the workspace into a group."""
    asked, name = await call.body(Username), call.params["name"]
    await groups.add_user(call.world, call.scope, name, asked.username)
    return replies.text(f"Added {asked.username} to group {name}")


@POST(f"{AT}/removeuser/{{name}}", "removeUserToGroup", WRITE, body=Username)
async def remove_user(call: Call) -> web.Response:
    """Take a member out of a group."""
    asked, name = await call.body(Username), call.params["name"]
    await groups.remove_user(call.world, call.scope, name, asked.username)
    return replies.text(f"Removed {asked.username} from group {name}")


@GET(f"{ACLS}/get/{TAIL}", "getGranularAcls", ACLS_READ, reply=dict[str, bool])
async def get_acls(call: Call) -> web.Response:
    """Who owns a group."""
    found = await groups.get(call.world, call.scope, _permitted(call))
    return replies.json(dict[str, Json](found.extra_perms))


@POST(f"{ACLS}/add/{TAIL}", "addGranularAcls", ACLS_WRITE, body=Owner)
async def add_acl(call: Call) -> web.Response:
    """Make somebody, or a group, an owner of a group."""
    new, name = await call.body(Owner), _permitted(call)
    await groups.permit(call.world, call.scope, name, owner=new.owner, write=new.write)
    return replies.text("Successfully modified granular acl")


@POST(f"{ACLS}/remove/{TAIL}", "removeGranularAcls", ACLS_WRITE, body=Owner)
async def remove_acl(call: Call) -> web.Response:
    """Take what a group permits somebody away."""
    old, name = await call.body(Owner), _permitted(call)
    await groups.permit(call.world, call.scope, name, owner=old.owner, write=None)
    return replies.text("Successfully removed granular acl")


def _permitted(call: Call) -> str:
    """The name of the group. Fails: `Invalid` for what keeps no permissions of its own."""
    kind = call.params["kind"]
    if kind != "group_":
        words = "only groups (group_) keep permissions of their own here"
        raise Invalid(f"kind {kind}: {words}", field="kind")
    return call.path
