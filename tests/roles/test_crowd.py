"""A thousand callers at the same moment: each gets its job, and each job runs."""

from __future__ import annotations

import asyncio
from collections import Counter

import aiohttp
import pytest

from tests.conftest import NewDatabase
from tests.roles._client import Client, admin_of
from tests.roles._process import Process, until
from tests.roles.conftest import Start

CALLERS = 1_000
ALL_RUN_S = 120.0
SCRIPT = {"path": "f/crowd/echo", "content": "def main(n: int): return n", "language": "python3"}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def process(request: pytest.FixtureRequest, start: Start, new_database: NewDatabase) -> Process:
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


@pytest.mark.timeout(180)
async def test_a_thousand_submissions_at_once_are_all_taken_and_all_run(
    process: Process,
) -> None:
    client = await asyncio.to_thread(admin_of, process)
    assert client.post("/api/w/main/scripts/create", SCRIPT).status == 201
    answers = await all_at_once(client)
    assert Counter(status for status, _ in answers) == {201: CALLERS}
    assert len({job_id for _, job_id in answers}) == CALLERS
    done = "/api/w/main/jobs/completed/list?success=true&per_page=1000"

    def all_ran() -> bool:
        return len(client.get(done).json) == CALLERS

    await asyncio.to_thread(until, all_ran, "every job has run", within_s=ALL_RUN_S)
    assert process.output.splitlines() == [f"windmill-lite serves {process.address}"]
