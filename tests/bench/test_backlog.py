"""What a person and a caller wait for the API while a long queue is drained by two workers.

`WAITING_JOBS` in the environment says how long the queue is; the promise is made for 100,000.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.bench._machine import Report, sized
from tests.conftest import NewDatabase
from tests.roles._client import Client, admin_of
from tests.roles.conftest import starting

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]

WAITING = int(os.environ.get("WAITING_JOBS", sized(5_000, 500)))
SECONDS = sized(5, 2) if WAITING < 50_000 else 60  # of looking, while the workers drain
VISITORS = 4
PAUSE_S = 0.02  # of a visitor between two requests
IN_FLIGHT = 64  # while the queue is filled
NOOP = {"path": "f/bench/noop", "content": "def main(): return 1", "language": "python3"}
RUN = "jobs/run/p/f/bench/noop"
LISTS = (
    "jobs/list?per_page=30",
    "jobs/list?per_page=1000",
    "jobs/list?per_page=30&page=100",
    "jobs/list?per_page=30&script_path_exact=f/bench/noop",
    "jobs/list?per_page=30&script_path_start=f/none",
    "jobs/list?per_page=30&running=true",
    "jobs/list?per_page=30&success=true",
    "jobs/list?per_page=30&created_by=nobody",
    "jobs/queue/list?per_page=30&order_desc=false",
    "jobs/queue/count",
    "jobs/completed/list?per_page=30",
)


@dataclass
class Visit:
    """Somebody with a session; `spent` are the seconds of each request, by its kind."""

    session: aiohttp.ClientSession
    jobs: list[str] = field(default_factory=list)
    spent: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def submit(self) -> None:
        self.jobs.append(await self.ask("submit", "POST", RUN))

    async def ask(self, kind: str, method: str, path: str) -> str:
        began = time.perf_counter()
        body: dict[str, Any] = {"json": {}} if method == "POST" else {}
        async with self.session.request(method, f"/api/w/main/{path}", **body) as answer:
            text = await answer.text()
        assert answer.status < 300, (path, answer.status, text)
        self.spent[kind].append(time.perf_counter() - began)
        return text


Begin = Callable[[], Client]  # the workers, and who may ask from then on
Kept = Callable[[Path, NewDatabase], AbstractContextManager[tuple[Client, Begin]]]


@contextmanager
def sqlite(home: Path, _: NewDatabase) -> Iterator[tuple[Client, Begin]]:
    """One process for all: the queue is filled while it takes no jobs, then it is started again."""
    with starting(home) as start:
        filling = start("--tags", "none")

        def begin() -> Client:
            filling.stop()
            return admin_of(start("--workers", "2"))

        yield admin_of(filling), begin


@contextmanager
def postgres(home: Path, new_database: NewDatabase) -> Iterator[tuple[Client, Begin]]:
    """One process for the callers, and one for each worker."""
    shared = ("--database", new_database("postgres"))
    with starting(home) as start:
        api = start("--role", "api,scheduler", *shared, place="api")

        def begin() -> Client:
            for name in ("one", "two"):
                flags = ("--role", "worker", "--workers", "1", "--base-url", api.address)
                start(*flags, *shared, place=name)
            return admin_of(api)

        yield admin_of(api), begin


@asynccontextmanager
async def visiting(client: Client) -> AsyncIterator[Visit]:
    head = {"Authorization": f"Bearer {client.token}"}
    async with aiohttp.ClientSession(client.url, headers=head) as session:
        yield Visit(session)


async def fill(visit: Visit) -> None:
    numbers = iter(range(WAITING))

    async def caller() -> None:
        for _ in numbers:
            await visit.submit()

    await asyncio.gather(*(caller() for _ in range(IN_FLIGHT)))


async def look_around(visit: Visit) -> None:
    """Every page, over and over, and a submission with each."""
    until = time.perf_counter() + SECONDS
    for turn in itertools.count():
        if time.perf_counter() > until:
            return
        path = LISTS[turn % len(LISTS)]
        await visit.ask(path, "GET", path)
        for job_id in (visit.jobs[turn], visit.jobs[-1 - turn]):  # a done one, one that waits
            await visit.ask("job page", "GET", f"jobs_u/get/{job_id}")
            await visit.ask("job log", "GET", f"jobs_u/get_logs/{job_id}")
        await visit.submit()
        await asyncio.sleep(PAUSE_S)


def told(report: Report, visit: Visit) -> None:
    every = [spent for kind in visit.spent.values() for spent in kind]
    for kind, spent in sorted(visit.spent.items()):
        report.spread(kind, spent)
    report.spread(f"all {len(every)} requests", every)


@pytest.mark.parametrize(
    "kept", [sqlite, pytest.param(postgres, marks=pytest.mark.postgres)], ids=lambda k: k.__name__
)
async def test_the_api_while_a_long_queue_is_drained(
    kept: Kept, tmp_path: Path, new_database: NewDatabase
) -> None:
    report = Report(
        f"{WAITING:,} jobs wait, two workers drain, {VISITORS} visitors: {kept.__name__}"
    )
    with kept(tmp_path, new_database) as (client, begin):
        assert client.post("/api/w/main/scripts/create", NOOP).status == 201
        began = time.perf_counter()
        async with visiting(client) as visit:
            await fill(visit)
            report.rate("submissions", WAITING, time.perf_counter() - began)
            filled = visit.jobs
        async with visiting(await asyncio.to_thread(begin)) as visit:
            visit.jobs = filled
            await asyncio.gather(*(look_around(visit) for _ in range(VISITORS)))
            told(report, visit)
            left = int(
                json.loads(await visit.ask("", "GET", "jobs/queue/count"))["database_length"]
            )
        drained = len(filled) - left
        report.rate("drained meanwhile", max(drained, 1), SECONDS)
    report.print()
