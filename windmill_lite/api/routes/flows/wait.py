"""Starting flows and waiting for their answer: the result, or that of the step the flow names as
its early return, after which it runs on. See `jobs_wait.py` for callers that go away.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from windmill_lite.api import replies
from windmill_lite.api.call import Call
from windmill_lite.api.replies import WaitedTooLong
from windmill_lite.api.routes.flows.run import (
    AT_PATH,
    AT_VERSION,
    asked_path,
    asked_version,
)
from windmill_lite.api.routes.jobs_run import OF_CODE, asked_flow
from windmill_lite.api.routes.jobs_wait import (
    STREAM,
    STREAMING,
    STREAMING_GET,
    WAIT,
    WAITING,
    WAITING_CODE,
    WAITING_GET,
    canceling,
    streamed,
)
from windmill_lite.api.runs import Asked
from windmill_lite.api.shapes.jobs import FlowPreview
from windmill_lite.engine.flows.wait import wait
from windmill_lite.engine.rules.sweep import forget_read
from windmill_lite.model.limits import WAIT_RESULT_S


@WAITING(f"{WAIT}/f/{{path...}}", "runWaitResultFlowByPath", AT_PATH)
@WAITING_GET(f"{WAIT}/f/{{path...}}", "runWaitResultFlowByPathGet", AT_PATH)
async def wait_path(call: Call) -> web.Response:
    """Run the deployed flow at a path; the answer is its result."""
    return await _result(call, await asked_path(call))


@WAITING(f"{WAIT}/fv/{{version}}", "runWaitResultFlowByVersion", AT_VERSION)
@WAITING_GET(f"{WAIT}/fv/{{version}}", "runWaitResultFlowByVersionGet", AT_VERSION)
async def wait_version(call: Call) -> web.Response:
    """Run one version of a flow; the answer is its result."""
    return await _result(call, await asked_version(call))


@WAITING_CODE(f"{WAIT}/preview_flow", "runFlowPreviewAndWaitResult", OF_CODE, body=FlowPreview)
async def wait_preview(call: Call) -> web.Response:
    """Run a flow that is not deployed; the answer is its result."""
    return await _result(call, await asked_flow(call))


@STREAMING(f"{STREAM}/f/{{path...}}", "runAndStreamFlowByPath", AT_PATH)
@STREAMING_GET(f"{STREAM}/f/{{path...}}", "runAndStreamFlowByPathGet", AT_PATH)
async def stream_path(call: Call) -> web.StreamResponse:
    """Run the deployed flow at a path; the answer is a stream of what it tells, to its result."""
    return await streamed(call, await asked_path(call))


@STREAMING(f"{STREAM}/fv/{{version}}", "runAndStreamFlowByVersion", AT_VERSION)
@STREAMING_GET(f"{STREAM}/fv/{{version}}", "runAndStreamFlowByVersionGet", AT_VERSION)
async def stream_version(call: Call) -> web.StreamResponse:
    """Run one version of a flow; the answer is a stream of what it tells, to its result."""
    return await streamed(call, await asked_version(call))


async def _result(call: Call, asked: Asked) -> web.Response:
    pushed = call.door.spawn(asked.pushing())
    with canceling(call, pushed, asked.options.idempotency_key):
        job_id = await asyncio.shield(pushed)
        answered = await wait(call.world, call.scope, job_id, WAIT_RESULT_S)
    if answered is None:
        raise WaitedTooLong(f"timeout after {WAIT_RESULT_S:.0f}s")
    if answered.over and answered.delete_after_s == 0:
        await call.door.shielded(forget_read(call.world, job_id))
    return replies.waited_result(answered.result, success=answered.success)
