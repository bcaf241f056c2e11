"""Following one job: a question that waits for news, a stream of them, how far it says it is."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from pydantic import Field

from windmill_lite.api import events, replies
from windmill_lite.api.call import Call
from windmill_lite.api.params import Query
from windmill_lite.api.route import GET, POST, Kind, Lane, member
from windmill_lite.api.shapes.jobs import JobUpdate, Progress
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine import logbook
from windmill_lite.store.people import jobs

BASE = "/api/w/{workspace}/jobs_u"

Offset = Annotated[int, Field(ge=0, le=2**62)]


READ, WRITE = member("jobs", Action.READ), member("jobs", Action.WRITE)


class UpdateQuery(Query):
    running: bool = False  # the client knows that it runs
    log_offset: Offset = 0  # characters it has
    stream_offset: Offset = 0
    no_logs: bool = False

    def listener(self, call: Call) -> events.Listener:
        return events.Listener(
            call.uuid(),
            running=self.running,
            log_offset=self.log_offset,
            logs=not self.no_logs,
            stream_offset=self.stream_offset,
        )


class StreamQuery(UpdateQuery):
    only_result: bool = False


@GET(
    f"{BASE}/getupdate/{{id}}",
    "getJobUpdates",
    READ,
    query=UpdateQuery,
    reply=JobUpdate,
    lane=Lane.LONG,
)
async def update(call: Call) -> web.Response:
    """What is new; waits up to a second for news."""
    listener = call.query(UpdateQuery).listener(call)
    return replies.json(await events.next_update(call.world, call.scope, listener))


@GET(
    f"{BASE}/getupdate_sse/{{id}}",
    "getJobUpdatesSSE",
    READ,
    query=StreamQuery,
    reply=Kind.EVENTS,
    lane=Lane.LONG,
)
async def stream(call: Call) -> web.StreamResponse:
    """A stream of what is new, until the job ends."""
    query = call.query(StreamQuery)
    return await events.stream(call, query.listener(call), only_result=query.only_result)


@POST("/api/w/{workspace}/job_metrics/set_progress/{id}", "setJobProgress", WRITE, body=Progress)
async def set_progress(call: Call) -> web.Response:
    """Say how far a running job is, in percent."""
    said = await call.body(Progress)
    await logbook.set_progress(call.world, call.scope, call.uuid(), said.percent)
    return replies.text("progress updated")


@GET("/api/w/{workspace}/job_metrics/get_progress/{id}", "getJobProgress", READ, reply=int | None)
async def get_progress(call: Call) -> web.Response:
    """How far a job says it is; null when it has said nothing."""
    percent = await call.read(jobs.progress, call.uuid())
    return replies.json(percent)
