"""A client that nobody vouches for any more loses its cells, whatever has become of itself."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from tests.sandbox.conftest import EVERY_LEVEL, Cells, Sleeper, cell, launcher, until
from tests.sandbox.test_endings import client, daemon

LONG_S = 600.0


def now_s() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@EVERY_LEVEL
async def test_trust_that_was_given_is_not_taken_back(cells: Cells) -> None:
    cells.server.trust_until(now_s() + LONG_S)
    await cells.answer("answer('begun')")
    cells.server.trust_until(now_s())
    assert await cells.answer("answer('still')") == "still"


@EVERY_LEVEL
async def test_a_cell_whose_client_is_not_trusted_in_time_is_ended(
    cells: Cells, sleeper: Sleeper
) -> None:
    cells.server.trust_until(now_s() + 1.5)
    end = await cells.run(daemon(sleeper) + "time.sleep(600)", timeout_s=LONG_S)
    assert (end.reason, end.result, end.detail) == ("guard", None, "")
    assert not sleeper.running


@EVERY_LEVEL
async def test_a_command_is_ended_as_well(cells: Cells, sleeper: Sleeper) -> None:
    cells.server.trust_until(now_s() + 0.5)
    argv = ("/bin/sh", "-c", f"setsid sleep {sleeper.seconds} & sleep {sleeper.seconds}")
    end = await cells.run_cell(replace(cell(""), argv=argv, timeout_s=LONG_S))
    assert end.reason == "guard"
    assert not sleeper.running


@EVERY_LEVEL
async def test_a_client_that_is_trusted_again_in_time_keeps_its_cells(cells: Cells) -> None:
    first_s = now_s() + 1.0
    cells.server.trust_until(first_s)
    outlives = f"""
    while time.clock_gettime(time.CLOCK_BOOTTIME) < {first_s} + 0.5:
        time.sleep(0.01)
    answer("lived")
    """
    run = asyncio.create_task(cells.answer("import time\n" + outlives.replace("\n    ", "\n")))
    await asyncio.sleep(0)
    cells.server.trust_until(first_s + LONG_S)
    assert await run == "lived"


@EVERY_LEVEL
async def test_no_cell_begins_without_trust_and_one_does_when_it_is_back(cells: Cells) -> None:
    cells.server.trust_until(now_s())
    end = await cells.run("print('begins'); answer(1)")
    assert (end.reason, cells.text) == ("guard", "")
    cells.server.trust_until(now_s() + LONG_S)
    assert await cells.answer("answer('back')") == "back"


@EVERY_LEVEL
async def test_a_fork_server_that_comes_back_is_told_how_long_its_client_is_trusted(
    cells: Cells,
) -> None:
    cells.server.trust_until(now_s())
    os.kill(cells.server.pid or 0, signal.SIGKILL)
    await until(lambda: not cells.server.alive)
    end = await cells.run("print('begins'); answer(1)")
    assert (end.reason, cells.text) == ("guard", "")


@asynccontextmanager
async def speaking(
    level: str, sleeper: Sleeper, more: Mapping[str, object]
) -> AsyncIterator[subprocess.Popen[bytes]]:
    """A client that is trusted for a few seconds, once its cell has spoken: for more of them on a
    machine that is too busy for that.
    """
    order = {"level": level, "launcher": launcher(level), "code": daemon(sleeper)}
    for trust_s in (3.0, 6.0, 12.0, 24.0):
        with client(order | {"trust_s": trust_s, **more}) as process:
            assert process.stdout is not None
            if await asyncio.to_thread(process.stdout.readline) == b"up\n":
                yield process
                return
    raise AssertionError("no cell speaks")


@EVERY_LEVEL
async def test_the_cells_of_a_stopped_client_end_while_it_is_stopped_and_it_learns_why(
    level: str, sleeper: Sleeper
) -> None:
    async with speaking(level, sleeper, {}) as process:
        assert process.stdout is not None
        process.send_signal(signal.SIGSTOP)
        await sleeper.until(running=False)
        process.send_signal(signal.SIGCONT)
        said = await asyncio.to_thread(process.stdout.read)
    assert said.decode().splitlines()[-1] == "guard"


@EVERY_LEVEL
async def test_a_client_that_reads_nothing_does_not_hold_up_the_guard(
    level: str, sleeper: Sleeper
) -> None:
    """It is told of more ends than its socket holds."""
    async with speaking(level, sleeper, {"deaf_after": 600}) as process:
        await sleeper.until(running=False)
        assert process.poll() is None
