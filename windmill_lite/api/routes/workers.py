"""Who executes jobs."""

from __future__ import annotations

from aiohttp import web

from windmill_lite.api import replies, wire
from windmill_lite.api.call import Call
from windmill_lite.api.params import Line, Paged, Query
from windmill_lite.api.route import GET, login, member
from windmill_lite.api.shapes.jobs import Worker as WorkerShape
from windmill_lite.api.shapes.jobs import WorkerGroup
from windmill_lite.base.codec import Json
from windmill_lite.base.config import DEFAULT_TAGS
from windmill_lite.core.token_scopes import Action
from windmill_lite.engine.world import World
from windmill_lite.model.limits import PAGE_SIZE_MAX
from windmill_lite.model.page import Page
from windmill_lite.model.worker import Worker
from windmill_lite.store.people import workers

READ = login("workers", Action.READ)


READ_HERE = member("workers", Action.READ)


class TagsQuery(Query):
    tags: Line  # comma list


class WorkersQuery(Paged):
    ping_since: int | None = None  # seconds: only those heard of since


@GET("/api/workers/list", "listWorkers", READ, query=WorkersQuery, reply=list[WorkerShape])
async def list_workers(call: Call) -> web.Response:
    """The workers, those heard of last first."""
    query = call.query(WorkersQuery)
    async with call.world.db.view() as view:
        found = await workers.list_workers(view, call.login, query.as_page())
    lines = [_told(call.world, worker) for worker in found]
    since = query.ping_since
    return replies.json([line for line in lines if since is None or line["last_ping"] <= since])


@GET(
    "/api/workers/exists_workers_with_tags",
    "existsWorkersWithTags",
    READ,
    query=TagsQuery,
    reply=dict[str, bool],
)
async def serve_tags(call: Call) -> web.Response:
    """Of each tag whether a worker that is alive takes its jobs."""
    served = await _served(call)
    return replies.json({tag: tag in served for tag in call.query(TagsQuery).tags.split(",")})


@GET("/api/workers/custom_tags", "getCustomTags", READ, reply=list[str])
@GET(
    "/api/w/{workspace}/workers/custom_tags",
    "getCustomTagsForWorkspace",
    READ_HERE,
    reply=list[str],
)
async def custom_tags(call: Call) -> web.Response:
    """The tags of workers that are alive, beyond those that every worker has."""
    return replies.json(sorted((await _served(call)).difference(DEFAULT_TAGS)))


@GET("/api/configs/list_worker_groups", "listWorkerGroups", READ, reply=list[WorkerGroup])
async def groups(_: Call) -> web.Response:
    """The groups of workers: one, of which nothing is set here."""
    return replies.json([{"name": "default", "config": {}}])


async def _served(call: Call) -> set[str]:
    async with call.world.db.view() as view:
        found = await workers.list_workers(view, call.login, Page(1, PAGE_SIZE_MAX))
    alive = [worker for worker in found if _told(call.world, worker)["alive"]]
    return {tag for worker in alive for tag in worker.tags}


def _told(world: World, worker: Worker) -> dict[str, Json]:
    """Alive within the lease that it was started with, whatever this process was told. On SQLite a
    worker gives no sign of life: it is the process that answers this, unless its row was left
    behind by an earlier one, which the start marked.
    """
    here = world.solo and worker.last_seen_at > 0
    silent_us = 0 if here else max(0, world.now() - worker.last_seen_at)
    return wire.worker(worker, silent_s=silent_us // 1_000_000, alive=silent_us < worker.lease_us)
