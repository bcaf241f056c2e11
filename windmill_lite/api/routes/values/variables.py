"""Variables: made, changed, read, encrypted."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies, wire_values
from windmill_lite.api.call import Call
from windmill_lite.api.params import Line, Paged, Query, Text
from windmill_lite.api.route import DELETE, GET, POST, member
from windmill_lite.api.shapes.variables import (
    BulkDelete,
    ContextualVariable,
    CreateVariable,
    PlainText,
    UpdateVariable,
    Variable,
)
from windmill_lite.base.errors import Invalid
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.values import contextual
from windmill_lite.engine.values import variables as verbs
from windmill_lite.model.variable import VariableFilter
from windmill_lite.store.people import variables

BASE = "/api/w/{workspace}/variables"


WRITE_IN = member("variables", Action.WRITE, path_in="body")
WRITE_AT = member("variables", Action.WRITE, path_in="url")
WRITE = member("variables", Action.WRITE)
READ_AT = member("variables", Action.READ, path_in="url")
READ = member("variables", Action.READ)


class WriteQuery(Query):
    already_encrypted: bool = False  # the value of a secret is


class ReadQuery(Query):
    decrypt_secret: bool = True
    include_encrypted: bool = False  # of a secret that is not decrypted
    get_draft: bool = False  # there are no drafts


class ValueQuery(Query):
    allow_cache: bool = False  # what is read is always what is stored


class VariablesQuery(Paged):
    path: Text | None = None
    path_start: Text | None = None
    description: Line | None = None
    value: Line | None = None
    broad_filter: Line | None = None
    label: Line | None = None
    include_draft_only: bool = False  # there are no drafts

    def as_filter(self) -> VariableFilter:
        """Fails: `Invalid` for a question that is not answered."""
        if self.label:
            raise Invalid("label: variables cannot be listed by this", field="label")
        return VariableFilter(
            path=self.path,
            path_prefix=self.path_start,
            description=self.description,
            value=self.value,
            anywhere=self.broad_filter,
        )


@POST(
    f"{BASE}/create", "createVariable", WRITE_IN, query=WriteQuery, body=CreateVariable, status=201
)
async def create(call: Call) -> web.Response:
    """Make a variable."""
    query, body = call.query(WriteQuery), await call.body(CreateVariable)
    await verbs.create(call.world, call.scope, body.as_new(sealed=query.already_encrypted))
    return replies.text(f"variable {body.path} created", 201)


@POST(
    f"{BASE}/update/{{path...}}", "updateVariable", WRITE_AT, query=WriteQuery, body=UpdateVariable
)
async def update(call: Call) -> web.Response:
    """Change a variable, or move it; a secret stays one unless the change says otherwise."""
    query, body = call.query(WriteQuery), await call.body(UpdateVariable)
    change = body.as_change(sealed=query.already_encrypted)
    path = await verbs.update(call.world, call.scope, call.path, change)
    return replies.text(f"variable {path} updated (npath: {path})")


@DELETE(f"{BASE}/delete/{{path...}}", "deleteVariable", WRITE_AT)
async def delete(call: Call) -> web.Response:
    """Delete a variable."""
    await verbs.delete(call.world, call.scope, call.path)
    return replies.text(f"variable {call.path} deleted")


@DELETE(f"{BASE}/delete_bulk", "deleteVariablesBulk", WRITE, body=BulkDelete, reply=list[str])
async def delete_bulk(call: Call) -> web.Response:
    """Delete several variables; the answer is those that were there."""
    paths = (await call.body(BulkDelete)).paths
    return replies.json(await verbs.delete_many(call.world, call.scope, paths))


@GET(f"{BASE}/get/{{path...}}", "getVariable", READ_AT, query=ReadQuery, reply=Variable)
async def get(call: Call) -> web.Response:
    """One variable, with the value of a secret unless it is not wanted."""
    query = call.query(ReadQuery)
    found = await verbs.get(call.world, call.scope, call.path, opened=query.decrypt_secret)
    shown = not found.is_secret or query.decrypt_secret or query.include_encrypted
    return replies.json(wire_values.variable(found, shown=shown))


@GET(f"{BASE}/get_value/{{path...}}", "getVariableValue", READ_AT, query=ValueQuery, reply=str)
async def get_value(call: Call) -> web.Response:
    """The value of one variable."""
    call.query(ValueQuery)
    found = await verbs.get(call.world, call.scope, call.path, opened=True)
    return replies.json(found.value)


@GET(f"{BASE}/exists/{{path...}}", "existsVariable", READ_AT, reply=bool)
async def exists(call: Call) -> web.Response:
    """Whether a variable is at this path."""
    found = await call.read(variables.by_path, call.path)
    return replies.json(found is not None)


@GET(f"{BASE}/list", "listVariable", READ, query=VariablesQuery, reply=list[Variable])
async def list_variables(call: Call) -> web.Response:
    """Variables by path, without the values of secrets."""
    query = call.query(VariablesQuery)
    found = await call.read(variables.list_variables, query.as_filter(), query.as_page())
    return replies.json([wire_values.variable(each, shown=not each.is_secret) for each in found])


@GET(f"{BASE}/list_contextual", "listContextualVariables", READ, reply=list[ContextualVariable])
async def list_contextual(call: Call) -> web.Response:
    """The names that every job finds in its environment, with examples."""
    return replies.json(
        [
            {"name": each.name, "value": each.example, "description": each.says, "is_custom": False}
            for each in contextual.examples(call.world, call.scope)
        ]
    )


@POST(f"{BASE}/encrypt", "encryptValue", WRITE, body=PlainText)
async def encrypt(call: Call) -> web.Response:
    """Encrypt a text with the key of the workspace, for a variable to be made of it."""
    text = (await call.body(PlainText)).root
    return replies.text(await verbs.encrypt(call.world, call.scope, text))
