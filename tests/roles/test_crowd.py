"""A thousand at the same moment: callers each get their job, listeners may all vanish."""

from __future__ import annotations

import asyncio
import resource
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from tests.conftest import NewDatabase
from tests.roles._client import Client, Door, admin_of
from tests.roles._process import Process, until
from tests.roles.conftest import Start
from windmill_lite.base import descriptors
from windmill_lite.store.db.deadlines import DEADLINES

CALLERS = 1_000
FEW_FILES = 512
FEW_MORE = 20  # connections to the database that were not open before
ALL_RUN_S = 200.0
PATIENT_S = DEADLINES.checkout_s  # the shortest of what a request waits for
PING = b'data: {"type":"ping"}\n'
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


@dataclass
class Crowd:
    """Callers whose requests are on the way together, each on a connection of its own."""

    client: Client
    promised: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)  # by status

    async def comes(self) -> None:
        head = {"Authorization": f"Bearer {self.client.token}"}
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(
            self.client.url, headers=head, connector=connector
        ) as session:
            await asyncio.gather(*(self._submit(session, number) for number in range(CALLERS)))

    async def _submit(self, session: aiohttp.ClientSession, number: int) -> None:
        """Nobody is turned away; who has waited in vain, of a machine too busy, comes back."""
        url = "/api/w/main/jobs/run/p/f/crowd/echo"
        while True:
            began = time.monotonic()
            async with session.post(url, json={"n": number}) as answer:
                text = await answer.text()
            if answer.status != 503:
                break
            assert time.monotonic() - began > PATIENT_S, text
        self.answers[answer.status] += 1
        self.promised.append(text)


@pytest.mark.timeout(300)
async def test_a_thousand_submissions_at_once_are_all_taken_and_all_run(
    process: Process,
) -> None:
    client = await asyncio.to_thread(admin_of, process)
    allow_many()
    assert client.post("/api/w/main/scripts/create", SCRIPT).status == 201
    crowd = Crowd(client)
    await crowd.comes()
    assert crowd.answers == {201: CALLERS}
    assert len(set(crowd.promised)) == CALLERS

    def all_ran() -> bool:
        return bool(client.get("/api/w/main/jobs/queue/list?per_page=1").json == [])

    await asyncio.to_thread(until, all_ran, "every job has run", within_s=ALL_RUN_S)
    done = client.get("/api/w/main/jobs/completed/list?success=true&per_page=1000").json
    assert {job["id"] for job in done} == set(crowd.promised)
    assert said(process) == [f"windmill-lite serves {process.address}"]


def said(process: Process) -> list[str]:
    """But for what is told of a machine that is too busy."""
    return [line for line in process.output.splitlines() if "the database is too busy" not in line]


def open_files(process: Process) -> int:
    return sum(1 for _ in Path(f"/proc/{process.pid}/fd").iterdir())


async def hear_and_vanish(client: Client, job_id: str) -> None:
    """A thousand are told that the job runs; then all are gone without a word. Who is told that the
    server is too busy comes back, as browsers do.
    """
    head = {"Authorization": f"Bearer {client.token}"}
    connector = aiohttp.TCPConnector(limit=0)
    url = f"/api/w/main/jobs_u/getupdate_sse/{job_id}"
    async with aiohttp.ClientSession(client.url, headers=head, connector=connector) as session:

        async def listen() -> aiohttp.ClientResponse:
            while (answer := await session.get(url)).status == 503:
                answer.close()
            while (line := await answer.content.readline()) in (PING, b"\n"):
                pass  # that long, on a machine that is too busy
            assert b'"running":true' in line
            return answer

        for answer in await asyncio.gather(*(listen() for _ in range(CALLERS))):
            answer.close()


@pytest.mark.timeout(300)
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
    assert said(process) == [f"windmill-lite serves {process.address}"]
