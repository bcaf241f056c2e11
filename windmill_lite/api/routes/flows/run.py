"""Starting flows: the answer is the id at once.

A flow with a preprocessor, asked for from outside, gets the request as its event;
`skip_preprocessor` says that the body is the arguments.
"""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from aiohttp import web

from windmill_lite.api import replies
from windmill_lite.api.args import args_of_payload, read_event
from windmill_lite.api.call import Call
from windmill_lite.api.params import Text, whole_of
from windmill_lite.api.route import POST, RouteDef, member
from windmill_lite.api.runs import RunQuery
from windmill_lite.base.codec import Json
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.flows import deployed
from windmill_lite.model.job import RunOptions

BASE = "/api/w/{workspace}/jobs/run"

AT_PATH = member("jobs", Action.RUN, kind="flows", path_in="url")
AT_VERSION = member("jobs", Action.RUN, kind="flows")


class FlowRunQuery(RunQuery):
    skip_preprocessor: bool = False


class FlowPayloadQuery(FlowRunQuery):
    """Of a GET that runs: the arguments are in `payload`, JSON in base64."""

    payload: Text | None = None

    async def args(self, call: Call) -> dict[str, Json]:
        found = args_of_payload(self.payload) if self.payload else {}
        return found | await super().args(call)


@dataclass(frozen=True, slots=True)
class Asked:
    """A run that is still to be pushed."""

    pushing: Coroutine[Any, Any, UUID]
    options: RunOptions


async def asked_path(call: Call, query: FlowRunQuery) -> Asked:
    prepares = await _prepares(call, query, None)
    args = await read_event(call.request) if prepares else await query.args(call)
    options = replace(query.options(call), prepares=prepares)
    pushing = deployed.run_path(call.world, call.scope, call.path, args=args, options=options)
    return Asked(pushing, options)


async def asked_version(call: Call, query: FlowRunQuery) -> Asked:
    version = whole_of(call.params["version"], "version")
    prepares = await _prepares(call, query, version)
    args = await read_event(call.request) if prepares else await query.args(call)
    options = replace(query.options(call), prepares=prepares)
    pushing = deployed.run_version(call.world, call.scope, version, args=args, options=options)
    return Asked(pushing, options)


async def _prepares(call: Call, query: FlowRunQuery, version: int | None) -> bool:
    if query.skip_preprocessor:
        return False
    path = call.params.get("path", "")
    return await deployed.has_preprocessor(call.world, call.scope, path=path, version=version)


async def run_path(call: Call) -> web.Response:
    """Run the deployed flow at a path."""
    asked = await asked_path(call, call.query(FlowRunQuery))
    return replies.text(str(await asked.pushing), 201)


async def run_version(call: Call) -> web.Response:
    """Run one version of a flow."""
    asked = await asked_version(call, call.query(FlowRunQuery))
    return replies.text(str(await asked.pushing), 201)


def routes() -> list[RouteDef]:
    return [
        POST(
            f"{BASE}/f/{{path...}}",
            "runFlowByPath",
            AT_PATH,
            run_path,
            query=FlowRunQuery,
            args_body=True,
            status=201,
        ),
        POST(
            f"{BASE}/fv/{{version}}",
            "runFlowByVersion",
            AT_VERSION,
            run_version,
            query=FlowRunQuery,
            args_body=True,
            status=201,
        ),
    ]
