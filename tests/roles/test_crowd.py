"""A thousand at the same moment: callers each get their job, listeners may all vanish."""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.conftest import NewDatabase
from tests.roles._client import Client, Door, admin_of
from tests.roles._process import Process, until
from tests.roles.conftest import Start
from windmill_lite.base import descriptors

CALLERS = 1_000
FEW_FILES = 512
FEW_MORE = 20  # connections to the database that were not open before
ALL_RUN_S = 200.0
SCRIPT = {"path": "f/crowd/echo", "content": "def main(n: int): return n", "language": "python3"}


@pytest.fixture(autouse=True)
def many_connections() -> Iterator[None]:
    """For us. Whoever is started meanwhile begins with fewer, as under most systems."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, FEW_FILES), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def allow_many() -> None:
    descriptors.allow(4 * CALLERS)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def process(request: pytest.FixtureRequest, new_database: NewDatabase, start: Start) -> Process:
    """All roles in one process."""
    if request.param == "sqlite":
        return start("--log-level", "warning")
    return start("--log-level", "warning", "--database", new_database("postgres"))


async def all_at_once(client: Client) -> list[tuple[int, str]]:
    """The answers to requests that are on the way together, each on a connection of its own."""
    head = {"Authorization": f"Bearer {client.token}"}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(client.url, headers=head, connector=connector) as session:

        async def submit(number: int) -> tuple[int, str]:
            url = "/api/w/main/jobs/run/p/f/crowd/echo"
            async with session.post(url, json={"n": number}) as answer:
                return answer.status, await answer.text()

        return await asyncio.gather(*(submit(number) for number in range(CALLERS)))


@pytest.mark.timeout(300)
async def test_a_thousand_submissions_at_once_are_all_taken_and_all_run(
    process: Process,
) -> None:
    client = await asyncio.to_thread(admin_of, process)
    allow_many()
    assert client.post("/api/w/main/scripts/create", SCRIPT).status == 201
    answers = await all_at_once(client)
    assert Counter(status for status, _ in answers) == {201: CALLERS}
    assert len({job_id for _, job_id in answers}) == CALLERS

    def all_ran() -> bool:
        return bool(client.get("/api/w/main/jobs/queue/list?per_page=1").json == [])

    await asyncio.to_thread(until, all_ran, "every job has run", within_s=ALL_RUN_S)
    done = client.get("/api/w/main/jobs/completed/list?success=true&per_page=1000").json
    assert {job["id"] for job in done} == {job_id for _, job_id in answers}
    assert process.output.splitlines() == [f"windmill-lite serves {process.address}"]


def open_files(process: Process) -> int:
    return sum(1 for _ in Path(f"/proc/{process.pid}/fd").iterdir())


async def hear_and_vanish(client: Client, job_id: str) -> None:
    """A thousand are told that the job runs; then all are gone without a word."""
    head = {"Authorization": f"Bearer {client.token}"}
    connector = aiohttp.TCPConnector(limit=0)
    url = f"/api/w/main/jobs_u/getupdate_sse/{job_id}"
    async with aiohttp.ClientSession(client.url, headers=head, connector=connector) as session:
        answers = await asyncio.gather(*(session.get(url) for _ in range(CALLERS)))
        for answer in answers:
            assert b'"running":true' in await answer.content.readline()
        for answer in answers:
            answer.close()


@pytest.mark.timeout(180)
async def test_a_thousand_listeners_that_vanish_leave_nothing_open(
    process: Process, door: Door
) -> None:
    client = await asyncio.to_thread(admin_of, process)
    allow_many()
    job_id = client.push(door.code)
    visit = await asyncio.to_thread(door.visit)
    before = open_files(process)
    await hear_and_vanish(client, job_id)
    few = before + FEW_MORE
    await asyncio.to_thread(until, lambda: open_files(process) <= few, "they are forgotten")
    visit.answer("heard by nobody")
    ended = await asyncio.to_thread(client.done, job_id)
    assert ended["result"] == "heard by nobody"
    assert process.output.splitlines() == [f"windmill-lite serves {process.address}"]
