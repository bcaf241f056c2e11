"""Starting flows: the answer is the id at once.

A flow with a preprocessor, asked for from outside, gets the request as its event;
`skip_preprocessor` says that the body is the arguments.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from aiohttp import web

from windmill_lite.api.args import read_event
from windmill_lite.api.call import Call
from windmill_lite.api.params import whole_of
from windmill_lite.api.route import POST, member
from windmill_lite.api.routes.jobs_run import BASE, started
from windmill_lite.api.runs import Asked, RunQuery
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.flows import deployed

AT_PATH = member("jobs", Action.RUN, kind="flows", path_in="url")
AT_VERSION = member("jobs", Action.RUN, kind="flows")


_START = POST.told(query=RunQuery, args_body=True, status=201)


async def asked_path(call: Call) -> Asked:
    """The deployed flow at a path."""
    return await _asked(call, partial(deployed.run_path, call.world, call.scope, call.path), None)


async def asked_version(call: Call) -> Asked:
    """One version of a flow."""
    version = whole_of(call.params["version"], "version")
    pushing = partial(deployed.run_version, call.world, call.scope, version)
    return await _asked(call, pushing, version)


async def _asked(call: Call, pushing: partial[Any], version: int | None) -> Asked:
    query = call.query(RunQuery)
    prepares = await _prepares(call, query, version)
    args = await read_event(call.request) if prepares else await query.args(call)
    return Asked(partial(pushing, args=args), replace(query.options(call), prepares=prepares))


async def _prepares(call: Call, query: RunQuery, version: int | None) -> bool:
    if query.skip_preprocessor:
        return False
    path = call.params.get("path", "")
    return await deployed.has_preprocessor(call.world, call.scope, path=path, version=version)


@_START(f"{BASE}/f/{{path...}}", "runFlowByPath", AT_PATH)
async def run_path(call: Call) -> web.Response:
    """Run the deployed flow at a path."""
    return await started(await asked_path(call))


@_START(f"{BASE}/fv/{{version}}", "runFlowByVersion", AT_VERSION)
async def run_version(call: Call) -> web.Response:
    """Run one version of a flow."""
    return await started(await asked_version(call))
