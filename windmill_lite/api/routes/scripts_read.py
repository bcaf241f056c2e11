"""Reading scripts: versions, lists, history, and the signature of code."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies, wire
from windmill_lite.api.call import Call
from windmill_lite.api.params import Line, Paged, Text
from windmill_lite.api.route import RouteDef, member
from windmill_lite.api.shapes.scripts import (
    Code,
    DeploymentStatus,
    Script,
    ScriptVersion,
    Signature,
)
from windmill_lite.base.errors import Invalid, NotFound
from windmill_lite.core.signature import SourceError, infer
from windmill_lite.core.token_scopes import Action
from windmill_lite.model.script import Script as Stored
from windmill_lite.model.script import ScriptFilter
from windmill_lite.store.people import scripts

BASE = "/api/w/{workspace}/scripts"


class ScriptsQuery(Paged):
    path_exact: Text | None = None
    path_start: Text | None = None
    created_by: Line | None = None
    languages: Line | None = None
    kinds: Line | None = None  # comma list
    show_archived: bool = False
    parent_hash: Line | None = None
    order_desc: bool = True
    label: Line | None = None
    starred_only: bool = False
    is_template: bool = False

    def as_filter(self) -> ScriptFilter:
        """Fails: `Invalid` for a question that is not answered yet."""
        for name in ("label", "starred_only", "is_template"):
            if getattr(self, name):
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


async def by_path(call: Call) -> web.Response:
    return await _whole(call, await _of_path(call))


async def by_hash(call: Call) -> web.Response:
    return await _whole(call, await _of_hash(call))


async def _of_path(call: Call) -> Stored:
    async with call.world.db.view() as view:
        script = await scripts.by_path(view, call.scope, call.path)
    if script is None or script.deleted:
        raise NotFound(f"script not found at name {call.path}")
    return script


async def _of_hash(call: Call) -> Stored:
    async with call.world.db.view() as view:
        script = await scripts.by_hash(view, call.scope, call.params["hash"])
    if script is None:
        raise NotFound(f"script not found with hash {call.params['hash']}")
    return script


async def _whole(call: Call, script: Stored) -> web.Response:
    async with call.world.db.view() as view:
        parents = await scripts.parent_hashes(view, call.scope, script.hash)
    return replies.raw_json(wire.script_text(script, parents))


async def list_scripts(call: Call) -> web.Response:
    query = call.query(ScriptsQuery)
    async with call.world.db.view() as view:
        found = await scripts.list_scripts(view, call.scope, query.as_filter(), query.as_page())
    return replies.json([wire.script_head(script) for script in found])


async def list_paths(call: Call) -> web.Response:
    async with call.world.db.view() as view:
        return replies.json(await scripts.paths(view, call.scope))


async def exists(call: Call) -> web.Response:
    async with call.world.db.view() as view:
        script = await scripts.by_path(view, call.scope, call.path)
    return replies.json(script is not None and not script.deleted)


async def history(call: Call) -> web.Response:
    page = call.query(Paged).as_page()
    async with call.world.db.view() as view:
        found = await scripts.history(view, call.scope, call.path, page)
    return replies.json([wire.version(entry) for entry in found])


async def raw_by_path(call: Call) -> web.Response:
    return replies.text((await _of_path(call)).content)


async def raw_by_hash(call: Call) -> web.Response:
    return replies.text((await _of_hash(call)).content)


async def deployment_status(call: Call) -> web.Response:
    script = await _of_hash(call)
    return replies.json(replies.present(lock=script.lock, lock_error_logs=script.lock_error))


async def infer_signature(call: Call) -> web.Response:
    return replies.json(_inferred(await call.body(Code)))


def _inferred(code: Code) -> dict[str, object]:
    """Code that does not parse is a normal day in an editor: the answer says where."""
    try:
        found = infer(code.language, code.content, code.entrypoint)
    except SourceError as error:
        blank = {"type": "object", "properties": {}, "required": []}
        return {"schema": blank, "signature": {"args": []}, "error": error.message}
    return {"schema": found.schema, "signature": wire.signature(found.signature)}


def routes() -> list[RouteDef]:
    return [*_of_one(), *_of_many()]


def _of_one() -> list[RouteDef]:
    at_path = member("scripts", Action.READ, path_in="url")
    read = member("scripts", Action.READ)
    return [
        RouteDef(
            "GET",
            f"{BASE}/get/p/{{path...}}",
            "getScriptByPath",
            "The newest version, archived or not",
            at_path,
            by_path,
            reply=Script,
        ),
        RouteDef(
            "GET",
            f"{BASE}/get/h/{{hash}}",
            "getScriptByHash",
            "One version",
            read,
            by_hash,
            reply=Script,
        ),
        RouteDef(
            "GET",
            f"{BASE}/exists/p/{{path...}}",
            "existsScriptByPath",
            "Whether a script is at this path",
            at_path,
            exists,
            reply=bool,
        ),
        RouteDef(
            "GET",
            f"{BASE}/history/p/{{path...}}",
            "getScriptHistoryByPath",
            "The versions, newest first",
            at_path,
            history,
            query=Paged,
            reply=list[ScriptVersion],
        ),
        RouteDef(
            "GET",
            f"{BASE}/raw/p/{{path...}}",
            "rawScriptByPath",
            "The code of the newest version",
            at_path,
            raw_by_path,
        ),
        RouteDef(
            "GET",
            f"{BASE}/raw/h/{{hash}}",
            "rawScriptByHash",
            "The code of one version",
            read,
            raw_by_hash,
        ),
        RouteDef(
            "GET",
            f"{BASE}/deployment_status/h/{{hash}}",
            "getScriptDeploymentStatus",
            "Whether the dependencies are resolved",
            read,
            deployment_status,
            reply=DeploymentStatus,
        ),
    ]


def _of_many() -> list[RouteDef]:
    read = member("scripts", Action.READ)
    return [
        RouteDef(
            "GET",
            f"{BASE}/list",
            "listScripts",
            "Newest versions, without their content and schema",
            read,
            list_scripts,
            query=ScriptsQuery,
            reply=list[Script],
        ),
        RouteDef(
            "GET",
            f"{BASE}/list_paths",
            "listScriptPaths",
            "Every deployed path",
            read,
            list_paths,
            reply=list[str],
        ),
        RouteDef(
            "POST",
            f"{BASE}/infer_signature",
            "inferSignature",
            "The parameters of code and the schema of its form; the code is not run",
            read,
            infer_signature,
            body=Code,
            reply=Signature,
        ),
    ]
