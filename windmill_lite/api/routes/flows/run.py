"""Starting flows: the answer is the id at once.

A flow with a preprocessor, asked for from outside, gets the request as its event;
`skip_preprocessor` says that the body is the arguments.
"""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api.call import Call
from windmill_lite.api.params import whole_of
from windmill_lite.api.route import POST, member
from windmill_lite.api.routes.jobs_run import BASE, started
from windmill_lite.api.runs import Asked, RunQuery, asked
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.flows import deployed

AT_PATH = member("jobs", Action.RUN, kind="flows", path_in="url")
AT_VERSION = member("jobs", Action.RUN, kind="flows")
_START = POST.told(query=RunQuery, args_body=True, status=201)


async def asked_path(call: Call) -> Asked:
    """The deployed flow at a path."""
    return await asked(call, deployed.run_path, call.path)


async def asked_version(call: Call) -> Asked:
    """One version of a flow."""
    version = whole_of(call.params["version"], "version")
    return await asked(call, deployed.run_version, version)


@_START(f"{BASE}/f/{{path...}}", "runFlowByPath", AT_PATH)
async def run_path(call: Call) -> web.Response:
    """Run the deployed flow at a path."""
    return await started(await asked_path(call))


@_START(f"{BASE}/fv/{{version}}", "runFlowByVersion", AT_VERSION)
async def run_version(call: Call) -> web.Response:
    """Run one version of a flow."""
    return await started(await asked_version(call))
