"""A cell that may reach a few places, and nothing else."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from textwrap import dedent

import pytest

from sandbox import Exit, ForkServer, Place
from sandbox.client.relay import _is_barred
from tests.sandbox.conftest import ENTRY, EVERY_LEVEL, NAMESPACES, Cells, cell, launcher, started

ASK = """
import socket
def ask(host, port, text=b"x"):
    try:
        with socket.create_connection((host, port), timeout=10) as link:
            link.sendall(text)
            link.shutdown(socket.SHUT_WR)
            said = b""
            while piece := link.recv(65536):
                said += piece
            return said.decode() or "closed"
    except OSError as error:
        return "no: " + type(error).__name__
"""


@dataclass
class Echo:
    """A server of this machine that says everything twice."""

    port: int
    asked: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def echoing(host: str = "127.0.0.1") -> AsyncIterator[Echo]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        text = await reader.read()
        echo.asked.append(text)
        writer.write(text * 2)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, host, 0)
    echo = Echo(server.sockets[0].getsockname()[1])
    async with server:
        yield echo


async def run(cells: Cells, code: str, *places: Place) -> Exit:
    made = replace(cell(ASK + dedent(code)), network="places", places=places, timeout_s=30)
    return await cells.run_cell(made)


async def said(cells: Cells, code: str, *places: Place) -> str:
    end = await run(cells, code, *places)
    assert end.code == 0, (end, cells.text)
    return (end.result or b"").decode()


def at(host: str, port: int, address: str = "127.77.0.1") -> Place:
    return Place(host, port, address)


@NAMESPACES
async def test_a_place_is_reached_by_its_name_and_by_its_address(cells: Cells) -> None:
    async with echoing("0.0.0.0") as echo:  # noqa: S104
        own = socket.gethostbyname(socket.gethostname())
        places = [
            at("localhost", echo.port, "127.0.0.1"),
            at(socket.gethostname(), echo.port),
            *([] if own.startswith("127.") else [at(own, echo.port, own)]),
        ]
        for place in places:
            code = f"answer(ask({place.host!r}, {place.port}))"
            assert await said(cells, code, *places) == "xx", place


@NAMESPACES
async def test_what_is_not_listed_does_not_exist(cells: Cells) -> None:
    async with echoing() as listed, echoing() as other:
        place = at("localhost", listed.port, "127.0.0.1")
        code = f"""
        answer([ask("localhost", {listed.port}), ask("127.0.0.1", {other.port}),
                ask("203.0.113.7", 443), ask("example.org", {listed.port})])
        """
        answers = await said(cells, code, place)
        assert answers.count("no: ") == 3
        assert answers.startswith("['xx', 'no: ConnectionRefusedError'")
        assert other.asked == []


@NAMESPACES
@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('203.0.113.7', 53))",
        "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'x', ('2001:db8::1', 53))",
        "open('/etc/hosts', 'a').write('203.0.113.7 x')",
        "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
        "fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sH22x', b'lo', 0))",
    ],
)
async def test_there_is_no_other_way_out(cells: Cells, attempt: str) -> None:
    code = f"""
    import fcntl, os, struct
    try:
        answer(str({attempt})[:0] or "got through")
    except OSError as error:
        answer("refused")
    """
    assert await said(cells, code, at("localhost", 9, "127.0.0.1")) == "refused"


@NAMESPACES
async def test_megabytes_go_both_ways(cells: Cells) -> None:
    async with echoing() as echo:
        place = at("localhost", echo.port, "127.0.0.1")
        code = f"answer(len(ask('localhost', {echo.port}, b'x' * 3_000_000)))"
        assert await said(cells, code, place) == "6000000"


@NAMESPACES
async def test_a_barred_port_of_this_machine_is_reached_by_none_of_its_names(level: str) -> None:
    async with echoing("0.0.0.0") as echo:  # noqa: S104
        barred = [("localhost", echo.port)]
        server = ForkServer(launcher(level), ENTRY, level, barred=barred)
        await server.start()
        try:
            for host in ("localhost", socket.gethostname()):
                place = at(host, echo.port)
                answer = await said(Cells(server), f"answer(ask({host!r}, {echo.port}))", place)
                assert answer.startswith("no: ") or answer == "closed"
        finally:
            await server.stop()
        assert echo.asked == []


@NAMESPACES
async def test_connections_end_with_their_cell(cells: Cells) -> None:
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"y")
        await reader.read()
        gone.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        # A cell may connect, and end, before anything is carried: it waits to be answered.
        code = f"""
        link = socket.create_connection(("localhost", {port}))
        link.sendall(b"x")
        link.recv(1)
        answer("up")
        """
        assert await said(cells, code, at("localhost", port, "127.0.0.1")) == "up"
        async with asyncio.timeout(20):
            await gone.wait()


@pytest.mark.parametrize("level", EVERY_LEVEL.args[1][1:])
async def test_a_level_that_cannot_keep_a_list_says_so(level: str) -> None:
    async with started(level) as server:
        made = replace(cell("answer('ran')"), network="places", places=(at("localhost", 9),))
        end = await server.run(made, lambda _: None)
    assert end.reason == "broken"


@pytest.mark.parametrize("written", ["192.0.2.7", "::ffff:192.0.2.7", "::ffff:c000:207"])
def test_a_barred_address_is_barred_however_it_is_written(written: str) -> None:
    assert _is_barred(written, 5432, {("192.0.2.7", 5432)})
    assert _is_barred("192.0.2.7", 5432, {(written, 5432)})
    assert not _is_barred(written, 5433, {("192.0.2.7", 5432)})
