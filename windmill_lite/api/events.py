"""Following a job: what is new for one listener, and the stream that tells it.

The protocol (`getupdate_sse`): lines `data: {json}`, each followed by an empty line. `type` is
`update` (only what changed since the listener's offsets), `ping`, `notfound` or `timeout`. A stream
ends after an update with `completed`, after `notfound`, and with `timeout` after `STREAM_S`: then
the client asks again with the offsets it has by then. Nothing is told twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from aiohttp import web

from windmill_lite.api import wire
from windmill_lite.api.call import Call
from windmill_lite.api.replies import present, spliced
from windmill_lite.base.codec import Json
from windmill_lite.base.errors import NotFound, Unavailable
from windmill_lite.engine.flows import show
from windmill_lite.engine.world import World
from windmill_lite.model.job import FLOW_KINDS
from windmill_lite.model.limits import (
    CLAIM_POLL_S,
    FLOW_LOOK_S,
    LOG_CHARS_SHOWN,
    STREAM_PING_S,
    STREAM_S,
    UPDATE_HOLD_S,
)
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope

HEADERS: Mapping[str, str] = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # a proxy that gathers would hold every line back
}


#: Whose news they are: who starts a job with its stream has no other way to know.
JOB_HEADER = "X-Job-Id"


@dataclass(slots=True)
class Listener:
    """What a client knows already, and what it does not want to hear."""

    job_id: UUID
    running: bool = False
    log_offset: int = 0  # characters
    logs: bool = True
    stream_offset: int = 0  # characters of the streamed result
    progress: int | None = None
    for_s: float | None = None  # a stream is no longer; None: `STREAM_S`
    is_flow: bool = False  # as soon as somebody looked
    flow_version: int = 0  # of a flow's status, the last that was told


@dataclass(frozen=True, slots=True)
class News:
    """What a listener did not know; `completed` once and for all."""

    members: dict[str, Json]
    completed: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A message of a stream; `completed`: the last one."""

    line: str
    completed: bool


async def news(
    world: World, scope: Scope, listener: Listener, *, steps: bool = False
) -> News | None:
    """None when there is nothing new; moves the listener on. `steps`: of a flow, what its steps do
    is news, too. Fails: `NotFound`.
    """
    async with world.db.view() as view:
        said = await jobs.said(
            view,
            scope,
            listener.job_id,
            log_from=listener.log_offset if listener.logs else None,
            stream_from=listener.stream_offset,
        )
    if said is None:
        raise NotFound(f"job {listener.job_id} does not exist")
    job = said.job
    started = job.running and not listener.running
    moved = said.percent is not None and said.percent != listener.progress
    listener.is_flow, version = job.kind in FLOW_KINDS, listener.flow_version
    if listener.is_flow and steps:
        version = await show.version(world, job.id)
    moved = moved or version != listener.flow_version
    if not (job.completed or started or moved or said.log or said.stream):
        return None
    listener.flow_version = version
    listener.running = listener.running or job.running
    listener.progress = said.percent
    listener.log_offset += len(said.log)
    listener.stream_offset += len(said.stream)
    return News(_members(said, listener), job.completed)


def _members(said: jobs.Said, listener: Listener) -> dict[str, Json]:
    streams = listener.stream_offset > 0
    return present(
        running=said.job.running,
        completed=said.job.completed,
        new_logs=said.log or None,
        log_offset=listener.log_offset,
        new_result_stream=said.stream or None,
        stream_offset=listener.stream_offset if streams else None,
        progress=said.percent,
        mem_peak=said.job.memory_peak_kb,
    )


async def next_update(world: World, scope: Scope, listener: Listener) -> dict[str, Json]:
    """The next news, or after `UPDATE_HOLD_S` of silence what is known already."""
    deadline = world.clock.monotonic_s() + UPDATE_HOLD_S
    with world.db.bell.listen(f"job:{listener.job_id}") as ear:
        while True:
            found = await news(world, scope, listener)
            if found is not None:
                return found.members | await _of_flow(world, listener)
            left = deadline - world.clock.monotonic_s()
            if left <= 0:
                offset = listener.log_offset
                known = {"running": listener.running, "completed": False, "log_offset": offset}
                return known | await _of_flow(world, listener)
            await ear.wait(left)


async def _of_flow(world: World, listener: Listener) -> dict[str, Json]:
    """Of a flow: how far its steps are. Who may see the job was asked before."""
    status = await show.status_of(world, listener.job_id) if listener.is_flow else None
    return present(flow_status=status)


async def stream(call: Call, listener: Listener, *, only_result: bool) -> web.StreamResponse:
    """Tells a client everything about a job until it ends, the client goes or the time is up."""
    response = web.StreamResponse(headers={**HEADERS, JOB_HEADER: str(listener.job_id)})
    await response.prepare(call.request)
    task = asyncio.current_task()
    assert task is not None, "a stream runs in its request's task"
    call.door.streams.add(task)
    try:
        await _tell(call, listener, response, only_result=only_result)
        await response.write_eof()
    finally:
        call.door.streams.discard(task)
    return response


async def _tell(
    call: Call, listener: Listener, response: web.StreamResponse, *, only_result: bool
) -> None:
    world, clock = call.world, call.world.clock
    deadline = clock.monotonic_s() + (listener.for_s or STREAM_S)
    ping_at = clock.monotonic_s() + STREAM_PING_S
    with world.db.bell.listen(f"job:{listener.job_id}") as ear:
        while not call.door.closing:
            try:
                told = await _next(call, listener, only_result=only_result)
            except NotFound:
                await _send(response, '{"type":"notfound"}')
                return
            now = clock.monotonic_s()
            if told is not None:
                await _send(response, told.line)
                if told.completed:
                    return
                ping_at = now + STREAM_PING_S
            if now >= deadline:
                break
            if now >= ping_at:
                await _send(response, '{"type":"ping"}')
                ping_at = now + STREAM_PING_S
            look_s = FLOW_LOOK_S if listener.flow_version else CLAIM_POLL_S
            await ear.wait(min(ping_at, deadline, now + look_s) - now)
    await _send(response, '{"type":"timeout"}')


async def _next(call: Call, listener: Listener, *, only_result: bool) -> Told | None:
    """None when there is nothing new, or nobody to tell it now: a listener waits, like everybody,
    for a database that is away or busy. The answer has begun, so no status could tell it.
    """
    before = replace(listener)
    try:
        found = await news(call.world, call.scope, listener, steps=not only_result)
        if found is None:
            return None
        return Told(await _update(call, listener, found, only_result=only_result), found.completed)
    except Unavailable:
        listener.running, listener.progress = before.running, before.progress
        listener.log_offset, listener.stream_offset = before.log_offset, before.stream_offset
        listener.flow_version = before.flow_version
        return None


async def _update(call: Call, listener: Listener, found: News, *, only_result: bool) -> str:
    head = {"type": "update", **found.members}
    if not found.completed:
        return spliced(head | await _of_flow(call.world, listener), {})
    async with call.world.db.view() as view:
        job = await jobs.get(view, call.scope, listener.job_id)
        tail = await jobs.log_tail(view, call.scope, listener.job_id, LOG_CHARS_SHOWN)
    if job is None:
        return spliced(head, {})
    if only_result:
        return spliced(head, {"only_result": job.result})
    flow = await show.told(call.world, job, code=True)
    logs = tail if listener.logs else None
    return spliced(head, {"job": wire.job_text(job, logs=logs, flow=flow)})


async def _send(response: web.StreamResponse, line: str) -> None:
    await response.write(f"data: {line}\n\n".encode())
