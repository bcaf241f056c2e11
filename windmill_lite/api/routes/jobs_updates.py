"""Following one job: a question that waits for news, and a stream of them."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from pydantic import Field

from windmill_lite.api import events, replies
from windmill_lite.api.call import Call
from windmill_lite.api.params import Query
from windmill_lite.api.route import GET, Kind, Lane, RouteDef, member
from windmill_lite.api.shapes.jobs import JobEvent, JobUpdate
from windmill_lite.core.token_scopes import Action

BASE = "/api/w/{workspace}/jobs_u"

Offset = Annotated[int, Field(ge=0, le=2**62)]


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
        )


class StreamQuery(UpdateQuery):
    only_result: bool = False


async def update(call: Call) -> web.Response:
    """What is new; waits up to a second for news."""
    listener = call.query(UpdateQuery).listener(call)
    return replies.json(await events.next_update(call.world, call.scope, listener))


async def stream(call: Call) -> web.StreamResponse:
    """A stream of what is new, until the job ends."""
    query = call.query(StreamQuery)
    return await events.stream(call, query.listener(call), only_result=query.only_result)


def routes() -> list[RouteDef]:
    read = member("jobs", Action.READ)
    return [
        GET(
            f"{BASE}/getupdate/{{id}}",
            "getJobUpdates",
            read,
            update,
            query=UpdateQuery,
            reply=JobUpdate,
            lane=Lane.LONG,
        ),
        GET(
            f"{BASE}/getupdate_sse/{{id}}",
            "getJobUpdatesSSE",
            read,
            stream,
            query=StreamQuery,
            reply=Kind.EVENTS,
            lane=Lane.LONG,
        ),
    ]


__all__ = ["JobEvent", "routes"]
