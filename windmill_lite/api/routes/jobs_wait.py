"""Starting jobs and waiting for the result, which is the answer, or the end of a stream.

When the client goes away before the end, its job is canceled: nobody else knows of it. Unless the
request has an idempotency key: then it may come again for the same job.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any
from uuid import UUID

from aiohttp import web

from windmill_lite.api import events, replies
from windmill_lite.api.args import named_args
from windmill_lite.api.call import Call
from windmill_lite.api.replies import WaitedTooLong
from windmill_lite.api.route import GET, POST, Access, Handler, Kind, Lane, RouteDef, Verb
from windmill_lite.api.routes.jobs_run import AT_HASH, AT_PATH, OF_CODE
from windmill_lite.api.runs import PayloadQuery, RunQuery
from windmill_lite.api.shapes.jobs import Preview
from windmill_lite.base.errors import NotFound
from windmill_lite.base.ids import new_id
from windmill_lite.engine import cancel, push, watch
from windmill_lite.engine.rules.sweep import forget_read
from windmill_lite.model.job import RunOptions
from windmill_lite.model.limits import WAIT_RESULT_S

BASE = "/api/w/{workspace}/jobs"
Pushing = Coroutine[Any, Any, UUID]
BROKEN = "http connection broke"


async def run_path(call: Call) -> web.Response:
    """Run the deployed script at a path; the answer is its result."""
    return await _run_path(call, call.query(RunQuery))


async def get_path(call: Call) -> web.Response:
    """The same, with the arguments in `payload`."""
    return await _run_path(call, call.query(PayloadQuery))


async def _run_path(call: Call, query: RunQuery) -> web.Response:
    args, options = await query.args(call), query.options(call)

    def pushing(options: RunOptions) -> Pushing:
        return push.run_path(call.world, call.scope, call.path, args=args, options=options)

    return await _result(call, pushing, options)


async def run_hash(call: Call) -> web.Response:
    """Run one version of a script; the answer is its result."""
    return await _run_hash(call, call.query(RunQuery))


async def get_hash(call: Call) -> web.Response:
    """The same, with the arguments in `payload`."""
    return await _run_hash(call, call.query(PayloadQuery))


async def _run_hash(call: Call, query: RunQuery) -> web.Response:
    args, options = await query.args(call), query.options(call)
    hash_ = call.params["hash"]

    def pushing(options: RunOptions) -> Pushing:
        return push.run_hash(call.world, call.scope, hash_, args=args, options=options)

    return await _result(call, pushing, options)


async def run_preview(call: Call) -> web.Response:
    """Run code that is not deployed; the answer is its result."""
    query, preview = call.query(RunQuery), await call.body(Preview)
    args = preview.args | named_args(call.request, query.asked())
    code, options = preview.as_code(), query.options(call)

    def pushing(options: RunOptions) -> Pushing:
        return push.run_preview(call.world, call.scope, code, args=args, options=options)

    return await _result(call, pushing, options)


async def _result(
    call: Call, pushing: Callable[[RunOptions], Pushing], options: RunOptions
) -> web.Response:
    fresh = new_id(call.world.now())
    pushed = call.door.spawn(pushing(replace(options, fresh_id=fresh)))
    try:
        with watch.ends_of(call.world, fresh) as ear:
            job_id = await asyncio.shield(pushed)
            heard = ear if job_id == fresh else None
            job = await watch.wait(call.world, call.scope, job_id, WAIT_RESULT_S, heard=heard)
    except asyncio.CancelledError:
        if not call.door.closing and options.idempotency_key is None:
            call.door.spawn(cancel_left(call, pushed))
        raise
    if job is None or job.result is None:
        raise WaitedTooLong(f"timeout after {WAIT_RESULT_S:.0f}s")
    if job.delete_after_s == 0:
        await call.door.shielded(forget_read(call.world, job.id))
    good = job.outcome is not None and job.outcome.is_good
    return replies.waited_result(job.result, success=good)


async def stream_path(call: Call) -> web.StreamResponse:
    """Run the deployed script at a path; the answer is a stream of what it tells, to its result."""
    return await _stream_path(call, call.query(RunQuery))


async def stream_get_path(call: Call) -> web.StreamResponse:
    """The same, with the arguments in `payload`."""
    return await _stream_path(call, call.query(PayloadQuery))


async def _stream_path(call: Call, query: RunQuery) -> web.StreamResponse:
    args, options = await query.args(call), query.options(call)
    return await stream(
        call, push.run_path(call.world, call.scope, call.path, args=args, options=options)
    )


async def stream_hash(call: Call) -> web.StreamResponse:
    """Run one version of a script; the answer is a stream of what it tells, to its result."""
    return await _stream_hash(call, call.query(RunQuery))


async def stream_get_hash(call: Call) -> web.StreamResponse:
    """The same, with the arguments in `payload`."""
    return await _stream_hash(call, call.query(PayloadQuery))


async def _stream_hash(call: Call, query: RunQuery) -> web.StreamResponse:
    args, options = await query.args(call), query.options(call)
    hash_ = call.params["hash"]
    return await stream(
        call, push.run_hash(call.world, call.scope, hash_, args=args, options=options)
    )


async def stream(call: Call, pushing: Coroutine[Any, Any, UUID]) -> web.StreamResponse:
    """The job goes on when its client goes away: the answer's first line has named it."""
    job_id = await call.door.shielded(pushing)
    listener = events.Listener(job_id, logs=False, for_s=WAIT_RESULT_S)
    return await events.stream(call, listener, only_result=True)


async def cancel_left(call: Call, pushed: asyncio.Task[UUID]) -> None:
    """Ends the job that its caller has left."""
    job_id = await pushed
    try:
        await cancel.cancel(call.world, call.scope, job_id, reason=BROKEN, force=False)
    except NotFound:
        return  # pruned meanwhile


def routes() -> list[RouteDef]:
    return [*_of_paths(), *_of_versions(), *_of_code(), *_streams()]


def _streams() -> list[RouteDef]:
    rows: tuple[tuple[Verb, str, Access, Handler], ...] = (
        (POST, "p/{path...}", AT_PATH, stream_path),
        (GET, "p/{path...}", AT_PATH, stream_get_path),
        (POST, "h/{hash}", AT_HASH, stream_hash),
        (GET, "h/{hash}", AT_HASH, stream_get_hash),
    )
    return [
        verb(
            f"{BASE}/run_and_stream/{place}",
            f"runAndStreamScriptBy{'Path' if access is AT_PATH else 'Hash'}{way}",
            access,
            handler,
            query=RunQuery if verb is POST else PayloadQuery,
            args_body=verb is POST,
            reply=Kind.EVENTS,
            lane=Lane.LONG,
        )
        for verb, place, access, handler in rows
        for way in ("" if verb is POST else "Get",)
    ]


def _of_paths() -> list[RouteDef]:
    return [
        POST(
            f"{BASE}/run_wait_result/p/{{path...}}",
            "runWaitResultScriptByPath",
            AT_PATH,
            run_path,
            query=RunQuery,
            args_body=True,
            reply=Kind.JSON,
            lane=Lane.LONG,
        ),
        GET(
            f"{BASE}/run_wait_result/p/{{path...}}",
            "runWaitResultScriptByPathGet",
            AT_PATH,
            get_path,
            query=PayloadQuery,
            reply=Kind.JSON,
            lane=Lane.LONG,
        ),
    ]


def _of_versions() -> list[RouteDef]:
    return [
        POST(
            f"{BASE}/run_wait_result/h/{{hash}}",
            "runWaitResultScriptByHash",
            AT_HASH,
            run_hash,
            query=RunQuery,
            args_body=True,
            reply=Kind.JSON,
            lane=Lane.LONG,
        ),
        GET(
            f"{BASE}/run_wait_result/h/{{hash}}",
            "runWaitResultScriptByHashGet",
            AT_HASH,
            get_hash,
            query=PayloadQuery,
            reply=Kind.JSON,
            lane=Lane.LONG,
        ),
    ]


def _of_code() -> list[RouteDef]:
    return [
        POST(
            f"{BASE}/{way}/preview",
            name,
            OF_CODE,
            run_preview,
            query=RunQuery,
            body=Preview,
            reply=Kind.JSON,
            lane=Lane.LONG,
        )
        for way, name in (
            ("run_wait_result", "runScriptPreviewAndWaitResult"),
            ("run_inline", "runScriptPreviewInline"),  # what scripts call on their own machine
        )
    ]
