"""Reading scripts: versions, lists, history, and the signature of code."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies, script_wire
from windmill_lite.api.call import Call
from windmill_lite.api.params import Line, Paged, Query, Text
from windmill_lite.api.route import GET, POST, login, member
from windmill_lite.api.shapes.scripts import (
    Code,
    DeploymentStatus,
    FoundScript,
    HubScript,
    InferredSignature,
    Script,
    ScriptVersion,
)
from windmill_lite.base.errors import Invalid, NotFound
from windmill_lite.core.signature import SourceError
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine import signature
from windmill_lite.engine.hub import scripts as hub
from windmill_lite.engine.world import World
from windmill_lite.model.draft import Draft, DraftAt
from windmill_lite.model.page import Page
from windmill_lite.model.script import Script as Stored
from windmill_lite.model.script import ScriptFilter
from windmill_lite.store.people import drafts, scripts

BASE = "/api/w/{workspace}/scripts"


READ_AT = member("scripts", Action.READ, path_in="url")
READ = member("scripts", Action.READ)
READ_HUB = login("scripts", Action.READ)


_REFUSED = (
    *("label", "starred_only", "is_template", "dedicated_worker"),
    *("first_parent_hash", "last_parent_hash"),
)


class ScriptsQuery(Paged):
    path_exact: Text | None = None
    path_start: Text | None = None
    created_by: Line | None = None
    languages: Line | None = None
    kinds: Line | None = None  # comma list
    show_archived: bool = False
    parent_hash: Line | None = None
    first_parent_hash: Line | None = None
    last_parent_hash: Line | None = None
    dedicated_worker: bool | None = None
    order_desc: bool = True
    label: Line | None = None
    starred_only: bool = False
    is_template: bool = False

    def as_filter(self) -> ScriptFilter:
        """Fails: `Invalid` for a question that is not answered yet."""
        for name in _REFUSED:
            if getattr(self, name) not in (None, False, ""):
                raise Invalid(f"{name}: scripts cannot be listed by this", field=name)
        if self.languages is not None and "," in self.languages:
            raise Invalid("languages: one language at a time", field="languages")
        return ScriptFilter(
            path=self.path_exact,
            path_prefix=self.path_start,
            created_by=self.created_by,
            language=self.languages,
            kinds=tuple(self.kinds.split(",")) if self.kinds else None,
            show_archived=self.show_archived,
            parent_hash=self.parent_hash,
            oldest_first=not self.order_desc,
        )


class ScriptQuery(Query):
    get_draft: bool = False


@GET(f"{BASE}/get/p/{{path...}}", "getScriptByPath", READ_AT, query=ScriptQuery, reply=Script)
async def by_path(call: Call) -> web.Response:
    """The newest version, archived or not; with the caller's own draft when that is asked for."""
    query, script = call.query(ScriptQuery), await _of_path(call)
    draft = await call.read(drafts.own, DraftAt("script", call.path))
    return await _whole(call, script, draft, with_draft=query.get_draft)


@GET(f"{BASE}/get/h/{{hash}}", "getScriptByHash", READ, reply=Script)
async def by_hash(call: Call) -> web.Response:
    """One version."""
    return await _whole(call, await _of_hash(call))


async def _of_path(call: Call) -> Stored:
    script = await call.read(scripts.by_path, call.path)
    if script is None or script.deleted:
        raise NotFound(f"script not found at name {call.path}")
    return script


async def _of_hash(call: Call) -> Stored:
    return await call.found(
        f"script not found with hash {call.params['hash']}", scripts.by_hash, call.params["hash"]
    )


async def _whole(
    call: Call, script: Stored, draft: Draft | None = None, *, with_draft: bool = False
) -> web.Response:
    parents = await call.read(scripts.parent_hashes, script.hash)
    return replies.raw_json(script_wire.script_text(script, parents, draft, whole=with_draft))


@GET(f"{BASE}/list", "listScripts", READ, query=ScriptsQuery, reply=list[Script])
async def list_scripts(call: Call) -> web.Response:
    """Newest versions, without their content and schema."""
    query = call.query(ScriptsQuery)
    found = await call.read(scripts.list_scripts, query.as_filter(), query.as_page())
    return replies.json([script_wire.script_head(script) for script in found])


@GET(f"{BASE}/list_paths", "listScriptPaths", READ, reply=list[str])
async def list_paths(call: Call) -> web.Response:
    """Every deployed path."""
    return replies.json(await call.read(scripts.paths))


@GET(f"{BASE}/exists/p/{{path...}}", "existsScriptByPath", READ_AT, reply=bool)
async def exists(call: Call) -> web.Response:
    """Whether a script is at this path."""
    script = await call.read(scripts.by_path, call.path)
    return replies.json(script is not None and not script.deleted)


@GET(
    f"{BASE}/history/p/{{path...}}",
    "getScriptHistoryByPath",
    READ_AT,
    query=Paged,
    reply=list[ScriptVersion],
)
async def history(call: Call) -> web.Response:
    """The versions, newest first."""
    page = call.query(Paged).as_page()
    found = await call.read(scripts.history, call.path, page)
    return replies.json([script_wire.version(entry) for entry in found])


@GET(
    f"{BASE}/get_latest_version/{{path...}}",
    "getScriptLatestVersion",
    READ_AT,
    reply=ScriptVersion,
)
async def latest_version(call: Call) -> web.Response:
    """The newest version's hash."""
    found = await call.read(scripts.history, call.path, Page(1, 1))
    if not found:
        raise NotFound(f"script not found at name {call.path}")
    return replies.json(script_wire.version(found[0]))


@GET(f"{BASE}/list_search", "listSearchScript", READ, reply=list[FoundScript])
async def list_search(call: Call) -> web.Response:
    """Paths and code, to search in; those deployed last, as far as there is room."""
    found = await call.read(scripts.searched)
    return replies.json([{"path": path, "content": content} for path, content in found.items()])


@GET(f"{BASE}/raw/p/{{path...}}", "rawScriptByPath", READ_AT)
async def raw_by_path(call: Call) -> web.Response:
    """The code of the newest version."""
    return replies.text((await _of_path(call)).content)


@GET(f"{BASE}/raw/h/{{hash}}", "rawScriptByHash", READ)
async def raw_by_hash(call: Call) -> web.Response:
    """The code of one version."""
    return replies.text((await _of_hash(call)).content)


@GET(
    f"{BASE}/deployment_status/h/{{hash}}",
    "getScriptDeploymentStatus",
    READ,
    reply=DeploymentStatus,
)
async def deployment_status(call: Call) -> web.Response:
    """Whether the dependencies are resolved."""
    script = await _of_hash(call)
    return replies.json(replies.present(lock=script.lock, lock_error_logs=script.lock_error))


@POST(f"{BASE}/infer_signature", "inferSignature", READ, body=Code, reply=InferredSignature)
async def infer_signature(call: Call) -> web.Response:
    """The parameters of code and the schema of its form; the code is not run."""
    return replies.json(await _inferred(call.world, await call.body(Code)))


async def _inferred(world: World, code: Code) -> dict[str, object]:
    """Code that does not parse is a normal day in an editor: the answer says where."""
    try:
        found = await signature.look(world, code.language, code.content, code.entrypoint)
    except SourceError as error:
        problem = {"message": error.reason, "line": error.line, "column": error.column}
        return {"error": problem}
    return {"schema": found.schema, "signature": script_wire.signature(found.signature)}


@GET("/api/scripts/hub/get/{path...}", "getHubScriptContentByPath", READ_HUB)
async def hub_content(call: Call) -> web.Response:
    """The code of a script of the hub; this server can be the hub of another one."""
    return replies.text((await hub.find(call.world, call.path)).content)


@GET("/api/scripts/hub/get_full/{path...}", "getHubScriptByPath", READ_HUB, reply=HubScript)
async def hub_script(call: Call) -> web.Response:
    """A script of the hub."""
    found = await hub.find(call.world, call.path)
    head = replies.present(
        content=found.content,
        language=found.language,
        lockfile=found.lock,
        summary=found.summary,
    )
    return replies.raw_json(replies.spliced(head, {"schema": found.schema}))
