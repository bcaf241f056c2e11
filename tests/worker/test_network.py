"""Networks of jobs, in real cells: none, a list, and what a level cannot keep."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.worker._kept import Runs, runs
from windmill_lite.model.script import Network
from windmill_lite.store.db.connect import reached_at
from windmill_lite.worker.network import Networks

ASK = """
import socket
def main(ports):
    got = []
    for port in ports:
        try:
            with socket.create_connection(("localhost", port), timeout=10) as link:
                got.append(link.recv(9).decode())
        except OSError as error:
            got.append("no")
    return got
"""


@pytest.fixture
async def ports() -> AsyncIterator[list[int]]:
    """Where this machine says hello."""

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await writer.drain()
        writer.close()

    servers = [await asyncio.start_server(serve, "127.0.0.1", 0) for _ in range(3)]
    yield [server.sockets[0].getsockname()[1] for server in servers]
    for server in servers:
        server.close()


@pytest.fixture
async def jobs(tmp_path: Path) -> AsyncIterator[Runs]:
    async with runs(tmp_path) as opened:
        if opened.runner.level != "namespaces":
            pytest.skip("a list needs namespaces")
        yield opened


@pytest.mark.parametrize("dedicated", ["", '"dedicated":true,'])
async def test_a_run_reaches_what_its_version_lists_and_the_api_and_nothing_else(
    jobs: Runs, ports: list[int], dedicated: str
) -> None:
    asked = f'{{{dedicated}"network":["localhost:{ports[0]}"]}}'
    env = {"BASE_INTERNAL_URL": f"http://127.0.0.1:{ports[1]}"}
    for _ in range(2):
        got = await jobs.result(ASK, {"ports": ports}, cell=asked, env=env)
        assert got == ["hello", "hello", "no"]


async def test_a_run_without_network_reaches_nobody(jobs: Runs, ports: list[int]) -> None:
    got = await jobs.result(ASK, {"ports": ports}, cell='{"network":"none"}')
    assert got == ["no", "no", "no"]
    assert await jobs.result(ASK, {"ports": ports}, cell=None) == ["hello"] * 3


async def test_a_worker_gives_less_and_a_version_that_wants_more_is_refused(
    tmp_path: Path, ports: list[int]
) -> None:
    async with runs(tmp_path, networks=Networks("none")) as jobs:
        assert await jobs.result(ASK, {"ports": ports}, cell=None) == ["no"] * 3
        error = await jobs.error(ASK, {"ports": ports}, cell='{"network":"host"}')
        assert error["name"] == "NetworkRefused"
        assert "gives its jobs less than host: none" in error["message"]


@pytest.mark.parametrize(
    ("asked", "level", "refused"),
    [
        ("none", "namespaces", False),
        ("none", "landlock", False),
        ("none", "process", True),
        (("a:1",), "namespaces", False),
        (("a:1",), "landlock", True),
        (("a:1",), "process", True),
        ("", "process", False),
    ],
)
def test_what_a_level_cannot_keep_is_refused(asked: Network, level: str, *, refused: bool) -> None:
    assert (Networks().refusal(asked, level) is not None) is refused


@pytest.mark.parametrize(
    ("url", "places"),
    [
        (None, ()),
        ("sqlite:///x.db", ()),
        ("postgresql://u:p@db.here/x", (("db.here", 5432),)),
        ("postgres://u:p%40@a:1,b:2/x?sslmode=require", (("a", 1), ("b", 2))),
        ("postgresql://u@[::1]:6000/x", (("::1", 6000),)),
        ("postgresql:///x?host=/var/run/postgresql", ()),
        ("postgresql:///x?host=h&port=7", (("h", 7),)),
    ],
)
def test_where_the_database_is_reached(url: str | None, places: Any) -> None:
    assert reached_at(url) == places
