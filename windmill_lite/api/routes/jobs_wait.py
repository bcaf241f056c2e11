"""Starting jobs and waiting for the result, which is the answer, or the end of a stream.

When the client goes away before the end, its job is canceled: nobody else knows of it. Unless the
request has an idempotency key: then it may come again for the same job.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

from aiohttp import web

from windmill_lite.api import events, replies
from windmill_lite.api.call import Call
from windmill_lite.api.replies import WaitedTooLong
from windmill_lite.api.route import GET, POST, Kind, Lane
from windmill_lite.api.routes.jobs_run import (
    AT_HASH,
    AT_PATH,
    OF_CODE,
    asked_code,
    asked_hash,
    asked_path,
)
from windmill_lite.api.runs import Asked, PayloadQuery, RunQuery
from windmill_lite.api.shapes.jobs import Inline, Preview
from windmill_lite.base.errors import NotFound
from windmill_lite.base.ids import new_id
from windmill_lite.engine import cancel, push, watch
from windmill_lite.engine.rules.sweep import forget_read
from windmill_lite.model.limits import WAIT_RESULT_S

WAIT = "/api/w/{workspace}/jobs/run_wait_result"
STREAM = "/api/w/{workspace}/jobs/run_and_stream"
INLINE = "/api/w/{workspace}/jobs/run_inline"  # what scripts call on their own machine
BROKEN = "http connection broke"

WAITING = POST.told(query=RunQuery, args_body=True, reply=Kind.JSON, lane=Lane.LONG)
WAITING_GET = GET.told(query=PayloadQuery, reply=Kind.JSON, lane=Lane.LONG)
WAITING_CODE = POST.told(query=RunQuery, reply=Kind.JSON, lane=Lane.LONG)
STREAMING = POST.told(query=RunQuery, args_body=True, reply=Kind.EVENTS, lane=Lane.LONG)
STREAMING_GET = GET.told(query=PayloadQuery, reply=Kind.EVENTS, lane=Lane.LONG)


@WAITING(f"{WAIT}/p/{{path...}}", "runWaitResultScriptByPath", AT_PATH)
@WAITING_GET(f"{WAIT}/p/{{path...}}", "runWaitResultScriptByPathGet", AT_PATH)
async def wait_path(call: Call) -> web.Response:
    """Run the deployed script at a path; the answer is its result."""
    return await _result(call, await asked_path(call))


@WAITING(f"{WAIT}/h/{{hash}}", "runWaitResultScriptByHash", AT_HASH)
@WAITING_GET(f"{WAIT}/h/{{hash}}", "runWaitResultScriptByHashGet", AT_HASH)
async def wait_hash(call: Call) -> web.Response:
    """Run one version of a script; the answer is its result."""
    return await _result(call, await asked_hash(call))


@WAITING_CODE(f"{WAIT}/preview", "runScriptPreviewAndWaitResult", OF_CODE, body=Preview)
@WAITING_CODE(f"{INLINE}/preview", "runScriptPreviewInline", OF_CODE, body=Preview)
async def wait_preview(call: Call) -> web.Response:
    """Run code that is not deployed; the answer is its result."""
    return await _result(call, await asked_code(call))


@WAITING_CODE(f"{INLINE}/p/{{path...}}", "runScriptByPathInline", AT_PATH, body=Inline)
@WAITING_CODE(f"{INLINE}/h/{{hash}}", "runScriptByHashInline", AT_HASH, body=Inline)
async def wait_inline(call: Call) -> web.Response:
    """Run a deployed script; the answer is its result."""
    query, args = call.query(RunQuery), (await call.body(Inline)).args
    run, what = (push.run_path, "path") if "path" in call.params else (push.run_hash, "hash")
    pushing = partial(run, call.world, call.scope, call.params[what], args=args)
    return await _result(call, Asked(pushing, query.options(call)))


@STREAMING(f"{STREAM}/p/{{path...}}", "runAndStreamScriptByPath", AT_PATH)
@STREAMING_GET(f"{STREAM}/p/{{path...}}", "runAndStreamScriptByPathGet", AT_PATH)
async def stream_path(call: Call) -> web.StreamResponse:
    """Run the deployed script at a path; the answer is a stream of what it tells, to its result."""
    return await streamed(call, await asked_path(call))


@STREAMING(f"{STREAM}/h/{{hash}}", "runAndStreamScriptByHash", AT_HASH)
@STREAMING_GET(f"{STREAM}/h/{{hash}}", "runAndStreamScriptByHashGet", AT_HASH)
async def stream_hash(call: Call) -> web.StreamResponse:
    """Run one version of a script; the answer is a stream of what it tells, to its result."""
    return await streamed(call, await asked_hash(call))


async def _result(call: Call, asked: Asked) -> web.Response:
    fresh = new_id(call.world.now())
    options = asked.options._replace(fresh_id=fresh)
    pushed = call.door.spawn(asked.push(options=options))
    with canceling(call, pushed, options.idempotency_key), watch.ends_of(call.world, fresh) as ear:
        job_id = await asyncio.shield(pushed)
        waiting = partial(watch.wait_for_own, ear=ear) if job_id == fresh else watch.wait
        job = await waiting(call.world, call.scope, job_id, WAIT_RESULT_S)
    if job is None or job.result is None:
        raise WaitedTooLong(f"timeout after {WAIT_RESULT_S:.0f}s")
    if job.delete_after_s == 0:
        await call.door.shielded(forget_read(call.world, job_id))
    good = job.outcome is not None and job.outcome.is_good
    return replies.waited_result(job.result, success=good)


async def streamed(call: Call, asked: Asked) -> web.StreamResponse:
    """The job goes on when its client goes away: the answer's first line has named it."""
    job_id = await call.door.shielded(asked.pushing())
    listener = events.Listener(job_id, logs=False, for_s=WAIT_RESULT_S)
    return await events.stream(call, listener, only_result=True)


@contextmanager
def canceling(call: Call, pushed: asyncio.Task[UUID], key: str | None) -> Iterator[None]:
    """Cancels the job when its caller goes away meanwhile, unless it may ask again by `key`."""
    try:
        yield
    except asyncio.CancelledError:
        if not call.door.closing and key is None:
            call.door.spawn(_cancel_left(call, pushed))
        raise


async def _cancel_left(call: Call, pushed: asyncio.Task[UUID]) -> None:
    job_id = await pushed
    try:
        await cancel.cancel(call.world, call.scope, job_id, reason=BROKEN, force=False)
    except NotFound:
        return  # pruned meanwhile
