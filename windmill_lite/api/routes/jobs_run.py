"""Starting jobs: the answer is the id at once."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies
from windmill_lite.api.args import named_args
from windmill_lite.api.call import Call
from windmill_lite.api.route import POST, Access, RouteDef, member
from windmill_lite.api.runs import RunQuery
from windmill_lite.api.shapes.jobs import Dependencies, FlowDependencies, FlowPreview, Preview
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine import push
from windmill_lite.engine.dependencies import flows as locking
from windmill_lite.engine.flows import push as flows

BASE = "/api/w/{workspace}/jobs/run"

AT_PATH = member("jobs", Action.RUN, kind="scripts", path_in="url")
AT_HASH = member("jobs", Action.RUN, kind="scripts")
OF_CODE: Access = member("jobs", Action.RUN, kind="previews")


async def run_path(call: Call) -> web.Response:
    """Run the deployed script at a path."""
    query = call.query(RunQuery)
    args, options = await query.args(call), query.options(call)
    job_id = await push.run_path(call.world, call.scope, call.path, args=args, options=options)
    return replies.text(str(job_id), 201)


async def run_hash(call: Call) -> web.Response:
    """Run one version of a script."""
    query = call.query(RunQuery)
    args, options = await query.args(call), query.options(call)
    job_id = await push.run_hash(
        call.world, call.scope, call.params["hash"], args=args, options=options
    )
    return replies.text(str(job_id), 201)


async def run_preview(call: Call) -> web.Response:
    """Run code that is not deployed."""
    query, preview = call.query(RunQuery), await call.body(Preview)
    args = preview.args | named_args(call.request, query.asked())
    code, options = preview.as_code(), query.options(call)
    job_id = await push.run_preview(call.world, call.scope, code, args=args, options=options)
    return replies.text(str(job_id), 201)


async def run_flow_preview(call: Call) -> web.Response:
    """Run a flow that is not deployed."""
    query, preview = call.query(RunQuery), await call.body(FlowPreview)
    args = preview.args | named_args(call.request, query.asked())
    flow, options = preview.as_flow(), query.options(call)
    job_id = await flows.run_preview(call.world, call.scope, flow, args=args, options=options)
    return replies.text(str(job_id), 201)


async def run_dependencies(call: Call) -> web.Response:
    """Find the lock of code that is not deployed; the result of the job has it."""
    asked = await call.body(Dependencies)
    job_id = await push.run_dependencies(call.world, call.scope, asked.as_code())
    return replies.text(str(job_id), 201)


async def run_flow_dependencies(call: Call) -> web.Response:
    """Find the locks of a flow that is not deployed; the result of the job has it with them."""
    asked = await call.body(FlowDependencies)
    job_id = await locking.run(call.world, call.scope, asked.as_flow())
    return replies.text(str(job_id), 201)


def routes() -> list[RouteDef]:
    return [
        POST(
            f"{BASE}/p/{{path...}}",
            "runScriptByPath",
            AT_PATH,
            run_path,
            query=RunQuery,
            args_body=True,
            status=201,
        ),
        POST(
            f"{BASE}/h/{{hash}}",
            "runScriptByHash",
            AT_HASH,
            run_hash,
            query=RunQuery,
            args_body=True,
            status=201,
        ),
        POST(
            f"{BASE}/preview",
            "runScriptPreview",
            OF_CODE,
            run_preview,
            query=RunQuery,
            body=Preview,
            status=201,
        ),
        POST(
            f"{BASE}/preview_flow",
            "runFlowPreview",
            OF_CODE,
            run_flow_preview,
            query=RunQuery,
            body=FlowPreview,
            status=201,
        ),
        *_of_locks(),
    ]


def _of_locks() -> list[RouteDef]:
    return [
        POST(
            f"{BASE}/dependencies_async",
            "runRawScriptDependenciesAsync",
            OF_CODE,
            run_dependencies,
            body=Dependencies,
            status=201,
        ),
        POST(
            f"{BASE}/flow_dependencies_async",
            "runFlowDependenciesAsync",
            OF_CODE,
            run_flow_dependencies,
            body=FlowDependencies,
            status=201,
        ),
    ]
