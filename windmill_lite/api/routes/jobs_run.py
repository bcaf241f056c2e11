"""Starting jobs: the answer is the id at once."""

from __future__ import annotations

from functools import partial

from aiohttp import web

from windmill_lite.api import replies
from windmill_lite.api.args import named_args
from windmill_lite.api.call import Call
from windmill_lite.api.route import POST, member
from windmill_lite.api.runs import Asked, Keyed, RunQuery, asked
from windmill_lite.api.shapes.jobs import Dependencies, FlowDependencies, FlowPreview, Preview
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine import push
from windmill_lite.engine.dependencies import flows as locking
from windmill_lite.engine.flows import push as flows
from windmill_lite.engine.flows.restart import restart

BASE = "/api/w/{workspace}/jobs/run"

AT_PATH = member("jobs", Action.RUN, kind="scripts", path_in="url")
AT_HASH = member("jobs", Action.RUN, kind="scripts")
OF_CODE = member("jobs", Action.RUN, kind="previews")
_START = POST.told(query=RunQuery, status=201)


async def asked_path(call: Call) -> Asked:
    """The deployed script at a path."""
    return await asked(call, push.run_path, call.path)


async def asked_hash(call: Call) -> Asked:
    """One version of a script."""
    return await asked(call, push.run_hash, call.params["hash"])


async def asked_code(call: Call) -> Asked:
    """Code that is not deployed."""
    query, preview = call.query(RunQuery), await call.body(Preview)
    args = preview.args | named_args(call.request, query.asked())
    pushing = partial(push.run_preview, call.world, call.scope, preview.as_code(), args=args)
    return Asked(pushing, query.options(call))


async def asked_flow(call: Call) -> Asked:
    """A flow that is not deployed."""
    query, preview = call.query(RunQuery), await call.body(FlowPreview)
    if preview.restarted_from is not None:
        again = preview.as_again(preview.restarted_from)
        return Asked(partial(restart, call.world, call.scope, again), query.options(call))
    args = preview.args | named_args(call.request, query.asked())
    pushing = partial(flows.run_preview, call.world, call.scope, preview.as_flow(), args=args)
    return Asked(pushing, query.options(call))


async def started(run: Asked) -> web.Response:
    return replies.text(str(await run.pushing()), 201)


@_START(f"{BASE}/p/{{path...}}", "runScriptByPath", AT_PATH, args_body=True)
async def run_path(call: Call) -> web.Response:
    """Run the deployed script at a path."""
    return await started(await asked_path(call))


@_START(f"{BASE}/h/{{hash}}", "runScriptByHash", AT_HASH, args_body=True)
async def run_hash(call: Call) -> web.Response:
    """Run one version of a script."""
    return await started(await asked_hash(call))


@_START(f"{BASE}/preview", "runScriptPreview", OF_CODE, body=Preview)
async def run_preview(call: Call) -> web.Response:
    """Run code that is not deployed."""
    return await started(await asked_code(call))


@_START(f"{BASE}/preview_flow", "runFlowPreview", OF_CODE, body=FlowPreview)
async def run_flow_preview(call: Call) -> web.Response:
    """Run a flow that is not deployed."""
    return await started(await asked_flow(call))


@POST(
    f"{BASE}/dependencies_async",
    "runRawScriptDependenciesAsync",
    OF_CODE,
    query=Keyed,
    body=Dependencies,
    status=201,
)
async def run_dependencies(call: Call) -> web.Response:
    """Find the lock of code that is not deployed; the result of the job has it."""
    options = call.query(Keyed).options(call)
    code = (await call.body(Dependencies)).as_code()
    job_id = await push.run_dependencies(call.world, call.scope, code, options=options)
    return replies.text(str(job_id), 201)


@POST(
    f"{BASE}/flow_dependencies_async",
    "runFlowDependenciesAsync",
    OF_CODE,
    query=Keyed,
    body=FlowDependencies,
    status=201,
)
async def run_flow_dependencies(call: Call) -> web.Response:
    """Find the locks of a flow that is not deployed; the result of the job has it with them."""
    options = call.query(Keyed).options(call)
    flow = (await call.body(FlowDependencies)).as_flow()
    job_id = await locking.run(call.world, call.scope, flow, options=options)
    return replies.text(str(job_id), 201)
