"""Resources: made, changed, read, with or without what they refer to."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies, wire_values
from windmill_lite.api.call import Call
from windmill_lite.api.params import Line, Paged, Query, Text
from windmill_lite.api.route import DELETE, GET, POST, Kind, member
from windmill_lite.api.shapes.resources import (
    CreateResource,
    FoundResource,
    NamedResource,
    Resource,
    ResourceCount,
    UpdateResource,
    UpdateResourceValue,
)
from windmill_lite.api.shapes.variables import BulkDelete
from windmill_lite.base.codec import dumps, loads
from windmill_lite.base.errors import Invalid
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.values import references
from windmill_lite.engine.values import resources as verbs
from windmill_lite.model.limits import PAGE_SIZE_MAX
from windmill_lite.model.page import Page
from windmill_lite.model.resource import ResourceChange, ResourceFilter
from windmill_lite.store.people import resources

BASE = "/api/w/{workspace}/resources"


WRITE_IN = member("resources", Action.WRITE, path_in="body")
WRITE_AT = member("resources", Action.WRITE, path_in="url")
WRITE = member("resources", Action.WRITE)
READ_AT = member("resources", Action.READ, path_in="url")
READ = member("resources", Action.READ)


class CreateQuery(Query):
    update_if_exists: bool = False


class InterpolatedQuery(Query):
    job_id: Text | None = None  # whoever asks has the rights that count, a job its own
    allow_cache: bool = False  # what is read is always what is stored


class ReadQuery(Query):
    get_draft: bool = False  # there are no drafts


class ResourcesQuery(Paged):
    path: Text | None = None
    path_start: Text | None = None
    resource_type: Text | None = None  # several by commas
    resource_type_exclude: Text | None = None
    description: Line | None = None
    value: Line | None = None
    broad_filter: Line | None = None
    label: Line | None = None
    starred_only: bool = False
    include_draft_only: bool = False  # there are no drafts

    def as_filter(self) -> ResourceFilter:
        """Fails: `Invalid` for a question that is not answered."""
        for name in ("label", "starred_only"):
            if getattr(self, name):
                raise Invalid(f"{name}: resources cannot be listed by this", field=name)
        return ResourceFilter(
            path=self.path,
            path_prefix=self.path_start,
            types=_words(self.resource_type),
            types_without=_words(self.resource_type_exclude),
            description=self.description,
            value=self.value,
            anywhere=self.broad_filter,
        )


def _words(text: str | None) -> tuple[str, ...] | None:
    return tuple(filter(None, text.split(","))) or None if text else None


@POST(
    f"{BASE}/create", "createResource", WRITE_IN, query=CreateQuery, body=CreateResource, status=201
)
async def create(call: Call) -> web.Response:
    """Make a resource."""
    query, body = call.query(CreateQuery), await call.body(CreateResource)
    await verbs.create(call.world, call.scope, body.as_new(), or_update=query.update_if_exists)
    return replies.text(f"resource {body.path} created", 201)


@POST(f"{BASE}/update/{{path...}}", "updateResource", WRITE_AT, body=UpdateResource)
async def update(call: Call) -> web.Response:
    """Change a resource, or move it."""
    change = (await call.body(UpdateResource)).as_change()
    path = await verbs.update(call.world, call.scope, call.path, change)
    return replies.text(f"resource {path} updated (npath: {path})")


@POST(f"{BASE}/update_value/{{path...}}", "updateResourceValue", WRITE_AT, body=UpdateResourceValue)
async def update_value(call: Call) -> web.Response:
    """Give a resource another value; the rest stays."""
    value = dumps((await call.body(UpdateResourceValue)).value)
    await verbs.update(call.world, call.scope, call.path, ResourceChange(value=value))
    return replies.text(f"value of resource {call.path} updated")


@DELETE(f"{BASE}/delete/{{path...}}", "deleteResource", WRITE_AT)
async def delete(call: Call) -> web.Response:
    """Delete a resource."""
    await verbs.delete(call.world, call.scope, call.path)
    return replies.text(f"resource {call.path} deleted")


@DELETE(f"{BASE}/delete_bulk", "deleteResourcesBulk", WRITE, body=BulkDelete, reply=list[str])
async def delete_bulk(call: Call) -> web.Response:
    """Delete several resources; the answer is those that were there."""
    paths = (await call.body(BulkDelete)).paths
    return replies.json(await verbs.delete_many(call.world, call.scope, paths))


@GET(f"{BASE}/get/{{path...}}", "getResource", READ_AT, query=ReadQuery, reply=Resource)
async def get(call: Call) -> web.Response:
    """One resource, its references as they were given."""
    call.query(ReadQuery)
    return replies.raw_json(
        wire_values.resource_text(await verbs.get(call.world, call.scope, call.path))
    )


@GET(f"{BASE}/get_value/{{path...}}", "getResourceValue", READ_AT, reply=Kind.JSON)
async def get_value(call: Call) -> web.Response:
    """The value of one resource, its references as they were given."""
    return replies.raw_json((await verbs.get(call.world, call.scope, call.path)).value)


@GET(
    f"{BASE}/get_value_interpolated/{{path...}}",
    "getResourceValueInterpolated",
    READ_AT,
    query=InterpolatedQuery,
    reply=Kind.JSON,
)
async def get_value_interpolated(call: Call) -> web.Response:
    """The value of one resource, with the variables and resources that it refers to."""
    call.query(InterpolatedQuery)
    return replies.json(await references.resource(call.world, call.scope, call.path))


@GET(f"{BASE}/exists/{{path...}}", "existsResource", READ_AT, reply=bool)
async def exists(call: Call) -> web.Response:
    """Whether a resource is at this path."""
    found = await call.read(resources.by_path, call.path)
    return replies.json(found is not None)


@GET(f"{BASE}/list", "listResource", READ, query=ResourcesQuery, reply=list[Resource])
async def list_resources(call: Call) -> web.Response:
    """Resources by path, without their values."""
    query = call.query(ResourcesQuery)
    found = await call.read(resources.list_resources, query.as_filter(), query.as_page())
    return replies.json([wire_values.resource(each) for each in found])


@GET(f"{BASE}/list_search", "listSearchResource", READ, reply=list[FoundResource])
async def list_search(call: Call) -> web.Response:
    """Paths and values, for a search over all of them; a long value is null."""
    found = await call.read(resources.everything)
    texts = [
        replies.spliced({"path": path, "truncated": text is None}, {"value": text or "null"})
        for path, text in found.items()
    ]
    return replies.raw_json(f"[{','.join(texts)}]")


@GET(f"{BASE}/list_names/{{name}}", "listResourceNames", READ, reply=list[NamedResource])
async def list_names(call: Call) -> web.Response:
    """Of one type, as far as a page goes: where they are and what their values call themselves."""
    of_type = ResourceFilter(types=(call.params["name"],))
    async with call.world.db.view() as view:
        found = await resources.list_resources(view, call.scope, of_type, Page(1, PAGE_SIZE_MAX))
        values = await resources.values(view, call.scope, [each.path for each in found])
    told = {path: loads(text, what="value") for path, text in values.items()}
    names = {path: value.get("name") for path, value in told.items() if isinstance(value, dict)}
    return replies.json([{"name": str(names.get(p) or ""), "path": p} for p in sorted(told)])


@GET(f"{BASE}/type/resource_counts", "listResourceCountsByType", READ, reply=list[ResourceCount])
async def count(call: Call) -> web.Response:
    """How many resources there are of each type, those that one sees."""
    async with call.world.db.view() as view:
        found = await resources.counts(view, call.scope)
    return replies.json([{"resource_type": name, "count": n} for name, n in found.items()])
