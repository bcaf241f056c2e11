"""Who executes jobs."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies, wire
from windmill_lite.api.call import Call
from windmill_lite.api.params import Paged
from windmill_lite.api.route import GET, RouteDef, login
from windmill_lite.api.shapes.jobs import Worker
from windmill_lite.core.token_scopes import Action
from windmill_lite.store.people import workers


class WorkersQuery(Paged):
    ping_since: int | None = None  # seconds: only those heard of since


async def list_workers(call: Call) -> web.Response:
    """The workers, those heard of last first."""
    query = call.query(WorkersQuery)
    async with call.world.db.view() as view:
        found = await workers.list_workers(view, call.login, query.as_page())
    lines = [wire.worker(worker, call.world.now()) for worker in found]
    since = query.ping_since
    return replies.json([line for line in lines if since is None or line["last_ping"] <= since])


def routes() -> list[RouteDef]:
    return [
        GET(
            "/api/workers/list",
            "listWorkers",
            login("workers", Action.READ),
            list_workers,
            query=WorkersQuery,
            reply=list[Worker],
        )
    ]
