"""Reading flows: versions, lists, history."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import flow_wire, replies
from windmill_lite.api.call import Call
from windmill_lite.api.params import Line, Paged, Query, Text, whole_of
from windmill_lite.api.route import GET, member
from windmill_lite.api.shapes.flows import Flow, FlowDefinition, FlowDeployment, FlowVersion
from windmill_lite.base.codec import dumps
from windmill_lite.base.errors import Invalid
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.dependencies import flows as locking
from windmill_lite.model.draft import DraftAt
from windmill_lite.model.flow import FlowFilter
from windmill_lite.model.flow import FlowVersion as Stored
from windmill_lite.store.people import drafts, flows

BASE = "/api/w/{workspace}/flows"


READ = member("flows", Action.READ)
READ_AT = member("flows", Action.READ, path_in="url")


class FlowsQuery(Paged):
    path_exact: Text | None = None
    path_start: Text | None = None
    created_by: Line | None = None
    show_archived: bool = False
    order_desc: bool = True
    include_draft_only: bool = False  # those that are a draft and nothing else are in drafts/list
    label: Line | None = None
    starred_only: bool = False
    dedicated_worker: bool = False

    def as_filter(self) -> FlowFilter:
        """Fails: `Invalid` for a question that is not answered here."""
        for name in ("label", "starred_only", "dedicated_worker"):
            if getattr(self, name):
                raise Invalid(f"{name}: flows cannot be listed by this", field=name)
        return FlowFilter(
            path=self.path_exact,
            path_prefix=self.path_start,
            created_by=self.created_by,
            show_archived=self.show_archived,
            oldest_first=not self.order_desc,
        )


class FlowQuery(Query):
    get_draft: bool = False


@GET(f"{BASE}/get/{{path...}}", "getFlowByPath", READ_AT, query=FlowQuery, reply=Flow)
async def by_path(call: Call) -> web.Response:
    """The newest version, archived or not; with the caller's own draft when that is asked for."""
    query = call.query(FlowQuery)
    flow = await _of_path(call)
    draft = await call.read(drafts.own, DraftAt("flow", call.path))
    if draft is not None and not query.get_draft:
        head = flow_wire.flow_head(flow, is_draft=True)
        members = {"value": flow.value, "schema": flow.schema}
        return replies.raw_json(replies.spliced(head, members))
    return replies.raw_json(flow_wire.flow_text(flow, draft))


@GET(f"{BASE}/get/v/{{version}}", "getFlowVersion", READ, reply=Flow)
async def by_version(call: Call) -> web.Response:
    """One version."""
    id = whole_of(call.params["version"], "version")
    flow = await call.found(f"flow not found with version {id}", flows.by_version, id)
    return replies.raw_json(flow_wire.flow_text(flow))


async def _of_path(call: Call) -> Stored:
    return await call.found(f"flow not found at name {call.path}", flows.by_path, call.path)


@GET(f"{BASE}/list", "listFlows", READ, query=FlowsQuery, reply=list[Flow])
async def list_flows(call: Call) -> web.Response:
    """Newest versions, without their definitions."""
    query = call.query(FlowsQuery)
    async with call.world.db.view() as view:
        found = await flows.list_flows(view, call.scope, query.as_filter(), query.as_page())
        mine = await drafts.own_paths(view, call.scope, "flow")
    return replies.json([flow_wire.flow_head(flow, is_draft=flow.path in mine) for flow in found])


@GET(f"{BASE}/list_search", "listSearchFlow", READ, reply=list[FlowDefinition])
async def list_search(call: Call) -> web.Response:
    """Paths and definitions, to search in; those deployed last, as far as there is room."""
    found = await call.read(flows.searched)
    lines = [replies.spliced({"path": each.path}, {"value": each.value}) for each in found]
    return replies.raw_json(f"[{','.join(lines)}]")


@GET(f"{BASE}/list_paths", "listFlowPaths", READ, reply=list[str])
async def list_paths(call: Call) -> web.Response:
    """Every deployed path."""
    return replies.json(await call.read(flows.paths))


@GET(
    f"{BASE}/list_paths_from_workspace_runnable/{{runnable_kind}}/{{path...}}",
    "listFlowPathsFromWorkspaceRunnable",
    READ,
    query=Paged,
    reply=list[str],
)
async def list_users(call: Call) -> web.Response:
    """The flows with a step that runs this script or flow."""
    kind, page = call.params["runnable_kind"], call.query(Paged).as_page()
    if kind not in ("script", "flow"):
        raise Invalid("runnable_kind is neither script nor flow", field="runnable_kind")
    asked = FlowFilter(uses=f"{kind}/{call.path}")
    found = await call.read(flows.list_flows, asked, page)
    return replies.json([flow.path for flow in found])


@GET(f"{BASE}/exists/{{path...}}", "existsFlowByPath", READ_AT, reply=bool)
async def exists(call: Call) -> web.Response:
    """Whether a flow is at this path."""
    flow = await call.read(flows.by_path, call.path)
    return replies.json(flow is not None)


@GET(
    f"{BASE}/history/p/{{path...}}", "getFlowHistory", READ_AT, query=Paged, reply=list[FlowVersion]
)
async def history(call: Call) -> web.Response:
    """The versions, newest first."""
    page = call.query(Paged).as_page()
    found = await call.read(flows.history, call.path, page)
    return replies.json([flow_wire.version(entry) for entry in found])


@GET(f"{BASE}/get_latest_version/{{path...}}", "getFlowLatestVersion", READ_AT, reply=FlowVersion)
async def latest_version(call: Call) -> web.Response:
    """The newest version's number."""
    flow = await _of_path(call)
    entry = flows.Version(flow.id, flow.created_at, flow.created_by, flow.deployment_message)
    return replies.raw_json(dumps(flow_wire.version(entry)))


@GET(
    f"{BASE}/deployment_status/p/{{path...}}",
    "getFlowDeploymentStatus",
    READ_AT,
    reply=FlowDeployment,
)
async def deployment_status(call: Call) -> web.Response:
    """Which job finds the locks of the newest version's steps, and why one cannot be found."""
    told = await locking.told(call.world, call.scope, await _of_path(call))
    job_id = None if told.job_id is None else str(told.job_id)
    return replies.json(replies.present(lock_error_logs=told.error, job_id=job_id))
