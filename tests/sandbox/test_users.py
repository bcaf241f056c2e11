"""Which users root gives to cells, and that no two fork servers give the same."""

from __future__ import annotations

import asyncio
import os

import pytest

from sandbox.kernel import users
from tests.sandbox.conftest import EVERY_LEVEL, Cells, Sleeper, cell, started, until
from tests.sandbox.test_endings import daemon

WHOLE = [range(2**32 - 1)]
ROOTLESS = [range(65_536)]
SINGLE = [range(1)]


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        (WHOLE, "0 1900000000 65536"),
        (ROOTLESS, "0 65534 1"),
        ([range(1), range(1, 1000)], "0 999 1"),
        (SINGLE, "0 0 1"),
    ],
)
def test_root_takes_ids_that_are_nobodys(
    monkeypatch: pytest.MonkeyPatch, ids: list[range], text: str
) -> None:
    monkeypatch.setattr(users, "_ranges", lambda _: iter(ids))
    assert users.container_users("uid") == text


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        (WHOLE, range(2_000_000_000 + 32 * 4_194_303, 2_000_000_000 + 32 * 4_194_304)),
        (ROOTLESS, range(65_502, 65_534)),
    ],
)
def test_every_fork_server_has_users_of_its_own(
    monkeypatch: pytest.MonkeyPatch, ids: list[range], found: range
) -> None:
    monkeypatch.setattr(users, "_ranges", lambda _: iter(ids))
    monkeypatch.setattr(os, "getpid", lambda: 4_194_303)
    assert users.cell_users() == found
    assert found.stop < 2_147_352_576


@EVERY_LEVEL
@pytest.mark.parametrize("other", ["namespaces", "process"])
async def test_the_end_of_a_cell_leaves_the_cells_of_other_servers_alone(
    cells: Cells, other: str, sleeper: Sleeper
) -> None:
    async with started(other) as neighbor:
        output: list[bytes] = []
        long = cell("import os, time; os.write(1, b'up'); time.sleep(600)")
        run = asyncio.create_task(neighbor.run(long, output.append))
        await until(lambda: output == [b"up"])
        await cells.run(daemon(sleeper))
        await cells.server.stop()
        assert neighbor.alive
        assert not run.done()
        neighbor.cancel(long.id)
        assert (await run).reason == "canceled"


async def test_cells_of_two_servers_are_two_users() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root has users to give")
    async with started("process") as first, started("process") as second:
        code = "import os; answer(os.getuid())"
        assert await Cells(first).answer(code) != await Cells(second).answer(code)
