"""The service: binding, stopping, and what a stop does to those who wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import aiohttp
import pytest

from tests.api.conftest import WORKER, Api, people
from windmill_lite.api.server import ApiServer
from windmill_lite.base.address import Address
from windmill_lite.base.errors import Unavailable
from windmill_lite.engine.login import authenticate, enter
from windmill_lite.engine.ping import register
from windmill_lite.engine.world import World
from windmill_lite.model.page import JobFilter, Page
from windmill_lite.store.people import jobs

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"])
LOCAL = Address("127.0.0.1", 0)
PREVIEW = {"content": "def main(): pass", "language": "python3", "args": {}}


@pytest.fixture
async def server(world: World) -> AsyncIterator[ApiServer]:
    found = ApiServer(world, ApiServer.bind(LOCAL))
    yield found
    await found.stop()


@pytest.fixture
async def base(server: ApiServer) -> str:
    await server.start()
    return f"http://127.0.0.1:{server.port}"


async def run_and_wait(client: aiohttp.ClientSession) -> tuple[int, str]:
    """The status and the text of a run whose caller waits for it."""
    async with client.post("/api/w/main/jobs/run_wait_result/preview", json=PREVIEW) as response:
        return response.status, await response.text()


async def test_starting_and_stopping_may_be_repeated(world: World) -> None:
    server = ApiServer(world, ApiServer.bind(LOCAL))
    await server.start()
    await server.start()
    url = f"http://127.0.0.1:{server.port}/api/version"
    async with aiohttp.ClientSession() as client, client.get(url) as response:
        assert response.status == 200
    await server.stop()
    await server.stop()
    with pytest.raises(Unavailable, match="stopped"):
        await server.start()


async def test_stopping_before_starting_is_harmless(world: World) -> None:
    server = ApiServer(world, ApiServer.bind(LOCAL))
    await server.stop()


async def test_a_taken_address_is_refused_with_the_remedy(server: ApiServer) -> None:
    with pytest.raises(Unavailable, match="another program does already; choose another port"):
        ApiServer.bind(Address("127.0.0.1", server.port))


async def test_an_address_that_is_not_ours_is_refused(dialect: str) -> None:
    with pytest.raises(Unavailable, match=r"cannot listen on 192\.0\.2\.1 port 80"):
        ApiServer.bind(Address("192.0.2.1", 80))


async def test_a_stop_ends_streams_and_lets_a_waiting_run_finish(
    world: World, server: ApiServer, base: str
) -> None:
    tokens = await people(world)
    await register(world, WORKER)
    headers = {"Authorization": f"Bearer {tokens['ada']}"}
    async with aiohttp.ClientSession(base, headers=headers) as client:
        api = Api(world, cast("Any", None), tokens)  # only its hands of a worker
        waiting = asyncio.create_task(run_and_wait(client))
        job = await api.claim()
        async with client.get(f"/api/w/main/jobs_u/getupdate_sse/{job.job.id}") as stream:
            await stream.content.readline()
            stopping = asyncio.create_task(server.stop())
            with pytest.raises(aiohttp.ClientError):
                await stream.read()
        assert not stopping.done()
        await api.finish(job, {"a": 1})
        assert await waiting == (200, '{"a": 1}')
        await stopping


async def test_a_stop_that_cannot_wait_longer_cancels_no_job(
    world: World, server: ApiServer, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = await people(world)
    headers = {"Authorization": f"Bearer {tokens['ada']}"}
    runner = server._runner
    assert runner is not None
    runner._shutdown_timeout = 0.05
    async with aiohttp.ClientSession(base, headers=headers) as client:
        waiting = asyncio.create_task(run_and_wait(client))
        with world.db.bell.listen("queue") as ear:
            assert await ear.wait(10)
        await server.stop()
        with pytest.raises(aiohttp.ClientError):
            await waiting
    scope = await enter(world, await authenticate(world, tokens["ada"]), "main")
    async with world.db.view() as view:
        done = await jobs.list_jobs(view, scope, JobFilter(completed=True), Page())
        waiting_now, _gated = await jobs.counts(view, scope)
    assert (done, waiting_now) == ([], 1)
