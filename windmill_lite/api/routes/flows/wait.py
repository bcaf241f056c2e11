"""Starting flows and waiting for their answer: the result, or that of the step the flow names as
its early return, after which it runs on. See `jobs_wait.py` for callers that go away.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from windmill_lite.api import replies
from windmill_lite.api.args import named_args
from windmill_lite.api.call import Call
from windmill_lite.api.replies import WaitedTooLong
from windmill_lite.api.route import GET, POST, Kind, Lane, RouteDef
from windmill_lite.api.routes.flows.run import (
    AT_PATH,
    AT_VERSION,
    Asked,
    FlowPayloadQuery,
    FlowRunQuery,
    asked_path,
    asked_version,
)
from windmill_lite.api.routes.jobs_run import OF_CODE
from windmill_lite.api.routes.jobs_wait import cancel_left, stream
from windmill_lite.api.runs import RunQuery
from windmill_lite.api.shapes.jobs import FlowPreview
from windmill_lite.engine.flows import push
from windmill_lite.engine.flows.wait import wait
from windmill_lite.engine.rules.sweep import forget_read
from windmill_lite.model.limits import WAIT_RESULT_S

BASE = "/api/w/{workspace}/jobs/run_wait_result"
STREAMS = "/api/w/{workspace}/jobs/run_and_stream"


async def run_path(call: Call) -> web.Response:
    """Run the deployed flow at a path; the answer is its result."""
    return await _result(call, await asked_path(call, call.query(FlowRunQuery)))


async def get_path(call: Call) -> web.Response:
    """The same, with the arguments in `payload`."""
    return await _result(call, await asked_path(call, call.query(FlowPayloadQuery)))


async def run_version(call: Call) -> web.Response:
    """Run one version of a flow; the answer is its result."""
    return await _result(call, await asked_version(call, call.query(FlowRunQuery)))


async def get_version(call: Call) -> web.Response:
    """The same, with the arguments in `payload`."""
    return await _result(call, await asked_version(call, call.query(FlowPayloadQuery)))


async def run_preview(call: Call) -> web.Response:
    """Run a flow that is not deployed; the answer is its result."""
    query, preview = call.query(RunQuery), await call.body(FlowPreview)
    args = preview.args | named_args(call.request, query.asked())
    flow, options = preview.as_flow(), query.options(call)
    pushing = push.run_preview(call.world, call.scope, flow, args=args, options=options)
    return await _result(call, Asked(pushing, options))


async def stream_path(call: Call) -> web.StreamResponse:
    """Run the deployed flow at a path; the answer is a stream of what it tells, to its result."""
    return await stream(call, (await asked_path(call, call.query(FlowRunQuery))).pushing)


async def stream_get_path(call: Call) -> web.StreamResponse:
    """The same, with the arguments in `payload`."""
    return await stream(call, (await asked_path(call, call.query(FlowPayloadQuery))).pushing)


async def stream_version(call: Call) -> web.StreamResponse:
    """Run one version of a flow; the answer is a stream of what it tells, to its result."""
    return await stream(call, (await asked_version(call, call.query(FlowRunQuery))).pushing)


async def stream_get_version(call: Call) -> web.StreamResponse:
    """The same, with the arguments in `payload`."""
    return await stream(call, (await asked_version(call, call.query(FlowPayloadQuery))).pushing)


async def _result(call: Call, asked: Asked) -> web.Response:
    pushed = call.door.spawn(asked.pushing)
    try:
        job_id = await asyncio.shield(pushed)
        answered = await wait(call.world, call.scope, job_id, WAIT_RESULT_S)
    except asyncio.CancelledError:
        if not call.door.closing and asked.options.idempotency_key is None:
            call.door.spawn(cancel_left(call, pushed))
        raise
    if answered is None:
        raise WaitedTooLong(f"timeout after {WAIT_RESULT_S:.0f}s")
    if answered.over and answered.delete_after_s == 0:
        await call.door.shielded(forget_read(call.world, job_id))
    return replies.waited_result(answered.result, success=answered.success)


def routes() -> list[RouteDef]:
    return [*_of_paths(), *_of_versions(), _of_code(), *_of_streams()]


def _of_streams() -> list[RouteDef]:
    rows = (
        (POST, "f/{path...}", "Path", AT_PATH, stream_path),
        (GET, "f/{path...}", "PathGet", AT_PATH, stream_get_path),
        (POST, "fv/{version}", "Version", AT_VERSION, stream_version),
        (GET, "fv/{version}", "VersionGet", AT_VERSION, stream_get_version),
    )
    return [
        verb(
            f"{STREAMS}/{place}",
            f"runAndStreamFlowBy{name}",
            access,
            handler,
            query=FlowRunQuery if verb is POST else FlowPayloadQuery,
            args_body=verb is POST,
            reply=Kind.EVENTS,
            lane=Lane.LONG,
        )
        for verb, place, name, access, handler in rows
    ]


def _of_paths() -> list[RouteDef]:
    return [
        POST(
            f"{BASE}/f/{{path...}}",
            "runWaitResultFlowByPath",
            AT_PATH,
            run_path,
            query=FlowRunQuery,
            args_body=True,
            reply=Kind.JSON,
            lane=Lane.LONG,
        ),
        GET(
            f"{BASE}/f/{{path...}}",
            "runWaitResultFlowByPathGet",
            AT_PATH,
            get_path,
            query=FlowPayloadQuery,
            reply=Kind.JSON,
            lane=Lane.LONG,
        ),
    ]


def _of_versions() -> list[RouteDef]:
    return [
        POST(
            f"{BASE}/fv/{{version}}",
            "runWaitResultFlowByVersion",
            AT_VERSION,
            run_version,
            query=FlowRunQuery,
            args_body=True,
            reply=Kind.JSON,
            lane=Lane.LONG,
        ),
        GET(
            f"{BASE}/fv/{{version}}",
            "runWaitResultFlowByVersionGet",
            AT_VERSION,
            get_version,
            query=FlowPayloadQuery,
            reply=Kind.JSON,
            lane=Lane.LONG,
        ),
    ]


def _of_code() -> RouteDef:
    return POST(
        f"{BASE}/preview_flow",
        "runFlowPreviewAndWaitResult",
        OF_CODE,
        run_preview,
        query=RunQuery,
        body=FlowPreview,
        reply=Kind.JSON,
        lane=Lane.LONG,
    )
