"""The types of resources: those of every workspace and those it made."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies, wire_values
from windmill_lite.api.call import Call
from windmill_lite.api.route import DELETE, GET, POST, member
from windmill_lite.api.shapes.resources import (
    CreateResourceType,
    FileType,
    ResourceType,
    UpdateResourceType,
)
from windmill_lite.base.codec import dumps
from windmill_lite.base.errors import Invalid
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.values import resource_types as verbs

BASE = "/api/w/{workspace}/resources/type"


WRITE = member("resources", Action.WRITE)
READ = member("resources", Action.READ)


@POST(f"{BASE}/create", "createResourceType", WRITE, body=CreateResourceType, status=201)
async def create(call: Call) -> web.Response:
    """Make a type."""
    made = (await call.body(CreateResourceType)).as_type()
    await verbs.create(call.world, call.scope, made)
    return replies.text(f"resource_type {made.name} created", 201)


@POST(f"{BASE}/update/{{path...}}", "updateResourceType", WRITE, body=UpdateResourceType)
async def update(call: Call) -> web.Response:
    """Change a type."""
    body = await call.body(UpdateResourceType)
    if body.is_fileset:
        raise Invalid("is_fileset: resource types cannot be this here", field="is_fileset")
    schema = dumps(body.schema_) if body.schema_ is not None else None
    await verbs.update(
        call.world, call.scope, call.path, schema=schema, description=body.description
    )
    return replies.text(f"resource_type {call.path} updated")


@DELETE(f"{BASE}/delete/{{path...}}", "deleteResourceType", WRITE)
async def delete(call: Call) -> web.Response:
    """Delete a type; its resources stay."""
    await verbs.delete(call.world, call.scope, call.path)
    return replies.text(f"resource_type {call.path} deleted")


@GET(f"{BASE}/get/{{path...}}", "getResourceType", READ, reply=ResourceType)
async def get(call: Call) -> web.Response:
    """One type with its schema."""
    found = await verbs.get(call.world, call.scope, call.path)
    if found is None:
        raise verbs.missing(call.path)
    return replies.raw_json(wire_values.resource_type_text(found))


@GET(f"{BASE}/exists/{{path...}}", "existsResourceType", READ, reply=bool)
async def exists(call: Call) -> web.Response:
    """Whether there is a type of this name."""
    return replies.json(await verbs.get(call.world, call.scope, call.path) is not None)


@GET(f"{BASE}/list", "listResourceType", READ, reply=list[ResourceType])
async def list_types(call: Call) -> web.Response:
    """Every type by name, with its schema."""
    found = await verbs.list_types(call.world, call.scope)
    return replies.raw_json(f"[{','.join(map(wire_values.resource_type_text, found))}]")


@GET(f"{BASE}/listnames", "listResourceTypeNames", READ, reply=list[str])
async def list_names(call: Call) -> web.Response:
    """The names of every type."""
    found = await verbs.list_types(call.world, call.scope)
    return replies.json([each.name for each in found])


@GET(
    f"{BASE.removesuffix('/type')}/file_resource_type_to_file_ext_map",
    "fileResourceTypeToFileExtMap",
    READ,
    reply=dict[str, FileType],
)
async def list_files(call: Call) -> web.Response:
    """The types whose resources are files, with what the files end in."""
    found = await verbs.list_types(call.world, call.scope)
    return replies.json(
        {
            each.name: {"format_extension": each.format_extension, "is_fileset": False}
            for each in found
            if each.format_extension
        }
    )
