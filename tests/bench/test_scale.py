"""What everyday work costs with few completed jobs and with many: the ratio is what counts.

`FINISHED_JOBS` in the environment says how many are many.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests import _finished
from tests._postgres import PostgresServer
from tests.bench._machine import machine, sized
from windmill_lite.base.clock import SystemClock
from windmill_lite.engine import finish, push
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.keeping import prune, room
from windmill_lite.engine.keeping.prune import Progress
from windmill_lite.engine.world import World, open_world
from windmill_lite.model.identity import Identity
from windmill_lite.model.job import Finished, Outcome, Preview, RunOptions
from windmill_lite.model.page import JobFilter, Page
from windmill_lite.model.retention import Keeping
from windmill_lite.store.db.connect import connect
from windmill_lite.store.machine.prune import Stretch
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]

FEW, MANY = sized(10_000, 5_000), int(os.environ.get("FINISHED_JOBS", sized(200_000, 10_000)))
ROUNDS = sized(15, 2)
ADMIN = Scope(Identity("main", "ada", "ada@here.test", is_admin=True))
MEMBER = Scope(Identity("main", "bob", "bob@here.test"))
STRANGER = Scope(Identity("main", "zoe", "zoe@here.test"))
LISTS: dict[str, tuple[Scope, JobFilter, Page]] = {
    "runs": (ADMIN, JobFilter(), Page()),
    "runs, oldest first": (ADMIN, JobFilter(oldest_first=True), Page()),
    "roots": (ADMIN, JobFilter(has_parent=False), Page()),
    "children": (ADMIN, JobFilter(has_parent=True), Page()),
    "page 100": (ADMIN, JobFilter(), Page(100)),
    "of a member": (MEMBER, JobFilter(), Page()),
    "of a stranger": (STRANGER, JobFilter(), Page()),
    "path": (ADMIN, JobFilter(path="f/team7/s7"), Page()),
    "path, no run": (ADMIN, JobFilter(path="f/no/where"), Page()),
    "below a folder": (ADMIN, JobFilter(path_prefix="f/team7/"), Page()),
    "below a folder, no run": (ADMIN, JobFilter(path_prefix="f/no/"), Page()),
    "script hash": (ADMIN, JobFilter(script_hash=f"{70:016x}"), Page()),
    "user": (ADMIN, JobFilter(created_by="bob"), Page()),
    "user, few runs": (ADMIN, JobFilter(created_by="eve"), Page()),
    "success": (ADMIN, JobFilter(outcome=("success",)), Page()),
    "failure": (ADMIN, JobFilter(outcome=("failure", "canceled")), Page()),
    "skipped, no run": (ADMIN, JobFilter(outcome=("skipped",)), Page()),
    "kind": (ADMIN, JobFilter(kinds=("preview",)), Page()),
    "kind, no run": (ADMIN, JobFilter(kinds=("flow",)), Page()),
    "tag": (ADMIN, JobFilter(tag="gpu"), Page()),
    "tag, no run": (ADMIN, JobFilter(tag="none"), Page()),
    "worker": (ADMIN, JobFilter(worker="w-3"), Page()),
    "worker, no run": (ADMIN, JobFilter(worker="none"), Page()),
    "label": (ADMIN, JobFilter(label="l11"), Page()),
    "label, no run": (ADMIN, JobFilter(label="none"), Page()),
    "schedule": (ADMIN, JobFilter(schedule_path="f/team2/s2"), Page()),
    "trigger": (ADMIN, JobFilter(trigger_kind="schedule"), Page()),
    "trigger, no run": (ADMIN, JobFilter(trigger_kind="none"), Page()),
    "created before": (ADMIN, JobFilter(created_before=_finished.NOW - 15_000_000_000), Page()),
    "completed after, no run": (ADMIN, JobFilter(completed_after=_finished.NOW), Page()),
}

Once = Callable[[], Awaitable[object]]


@asynccontextmanager
async def world_with(dialect: str, many: int, place: Path, server: object) -> AsyncIterator[World]:
    """A world with that many completed jobs."""
    if isinstance(server, PostgresServer):
        url = server.create_database(f"scale_{many}")
    else:
        url = f"sqlite:///{place}/{many}.db"
    db = connect(url, place)
    await db.open()
    await db.migrate()
    if isinstance(server, PostgresServer):
        await _finished.fill_postgres(url, many)
    else:
        await db.close()
        await asyncio.to_thread(_finished.fill_sqlite, url.removeprefix("sqlite:///"), many)
        db = connect(url, place)
        await db.open()
    keeping = Keeping(retention_days=10_000)
    yield await open_world(db, SystemClock(), "http://here.test", keeping=keeping)
    await db.close()


async def measured(once: Once) -> float:
    """The fastest of some rounds after one to warm up, in ms: of a busy machine the least wrong."""
    await once()
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await once()
        spent.append(time.perf_counter() - began)
    return min(spent) * 1000


def everyday(world: World) -> dict[str, Once]:
    """What a worker and a caller do all day, and the pages a person looks at."""
    preview = Preview("def main(): pass", "python3")
    ask = Ask(_finished.WORKER, ("python3",), 1)

    async def enqueue() -> UUID:
        return await push.run_preview(world, ADMIN, preview, args={}, options=RunOptions())

    async def take_and_finish() -> None:
        for taken in await claim(world, ask):
            ended = Finished(Outcome.SUCCESS, "1")
            report = finish.Report(taken.job.id, taken.attempt, "w", ended)
            await finish.finish(world, report)

    async def job_page() -> object:
        async with world.db.view() as view:
            return await jobs.get(view, ADMIN, _finished.Finished(77, FEW).id)

    async def missing_page() -> object:
        async with world.db.view() as view:
            return await jobs.get(view, ADMIN, uuid4())

    async def prune_batch() -> object:
        return await anext(prune.along(world, oldest, lambda _: True), None)

    async def idle_round() -> object:
        return [each async for each in prune.old_runs(world, Progress())]

    oldest = Stretch("main", roots=True, before=_finished.NOW)
    work: dict[str, Once] = {
        "enqueue": enqueue,
        "claim and finish": take_and_finish,
        "job": job_page,
        "job that is not there": missing_page,
        "a batch of 200 old runs goes": prune_batch,
        "a round in which nothing goes": idle_round,
        "room is measured": lambda: room.measure(world),
    }
    return work | {f"list: {name}": listing(world, *LISTS[name]) for name in LISTS}


def listing(world: World, scope: Scope, filter_: JobFilter, page: Page) -> Once:
    async def once() -> object:
        async with world.db.view() as view:
            return await jobs.list_jobs(view, scope, filter_, page)

    return once


@pytest.mark.parametrize(
    "dialect", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
async def test_the_cost_of_everyday_work_does_not_grow(
    dialect: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("postgres_server") if dialect == "postgres" else None
    costs: list[dict[str, float]] = []
    for many in (FEW, MANY):
        async with world_with(dialect, many, tmp_path, server) as world:
            costs.append({name: await measured(once) for name, once in everyday(world).items()})
    print(f"\n{dialect}, {machine()}\n{'ms':<36} {FEW:>10,} {MANY:>10,}   ratio")
    for name, few in costs[0].items():
        many_ms = costs[1][name]
        print(f"{name:<36} {few:10.2f} {many_ms:10.2f}   {many_ms / few:5.1f}")
