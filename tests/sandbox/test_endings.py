"""However a cell ends, nothing of it stays alive."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from sandbox import ForkServer
from sandbox.client.forkserver import Restarts
from sandbox.kernel import tree
from tests._promised import within
from tests.sandbox.conftest import (
    ENTRY,
    EVERY_LEVEL,
    PATIENCE_S,
    Cells,
    Sleeper,
    cell,
    launcher,
    until,
)

REPO = Path(__file__).parents[2]

#: Leaves the session twice over, ignores what can be ignored, and holds the cell's pipes.
DAEMON = """
import os, signal, subprocess, sys, time
def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            os.execvp("sleep", ["sleep", "{seconds}"])
        os._exit(0)
    os.wait()
daemon()
while b"{seconds}" not in subprocess.run(["ps", "ax"], capture_output=True).stdout:
    time.sleep(0.01)
os.write(1, b"daemon is up")
"""


def daemon(sleeper: Sleeper) -> str:
    return DAEMON.replace("{seconds}", sleeper.seconds)


@contextmanager
def client(order: Mapping[str, object]) -> Iterator[subprocess.Popen[bytes]]:
    """A program of its own that runs one cell."""
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "worker_process.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=REPO,
        env={"PYTHONPATH": str(REPO), "PATH": "/usr/bin:/bin"},
    ) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(order).encode())
        process.stdin.close()
        try:
            yield process
        finally:
            process.kill()


def open_files(pid: int | None) -> set[str]:
    """The names of what a process has open."""
    return {path.readlink().name for path in Path(f"/proc/{pid}/fd").iterdir()}


def is_free(path: Path) -> bool:
    with path.open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@EVERY_LEVEL
async def test_a_daemon_does_not_outlive_its_cell(cells: Cells, sleeper: Sleeper) -> None:
    end = await cells.run(daemon(sleeper) + "answer('left')")
    assert (end.reason, end.result) == ("exited", b"left")
    assert cells.text == "daemon is up"
    assert not sleeper.running


@EVERY_LEVEL
async def test_a_timeout_ends_the_cell_and_its_daemons(cells: Cells, sleeper: Sleeper) -> None:
    timeout_s = 2
    while "daemon is up" not in cells.text:  # on a machine that is too busy it takes longer
        end = await cells.run(daemon(sleeper) + "time.sleep(600)", timeout_s=timeout_s)
        assert end.reason == "timeout"
        assert not sleeper.running
        timeout_s *= 2
        assert timeout_s < PATIENCE_S


@EVERY_LEVEL
async def test_a_canceled_cell_ends_within_a_second(cells: Cells, sleeper: Sleeper) -> None:
    async def started() -> Callable[[], Awaitable[object]]:
        cells.output.clear()
        stubborn = cell(
            "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            + daemon(sleeper)
            + "while True: time.sleep(1)"
        )
        run = asyncio.create_task(cells.run_cell(stubborn))
        await until(lambda: "daemon is up" in cells.text)

        async def canceled() -> None:
            assert cells.server.cancel(stubborn.id)
            assert (await run).reason == "canceled"
            assert not sleeper.running

        return canceled

    await within(1.0, started)


@EVERY_LEVEL
async def test_canceling_the_task_ends_the_cell(cells: Cells, sleeper: Sleeper) -> None:
    run = asyncio.create_task(cells.run(daemon(sleeper) + "time.sleep(600)"))
    await until(lambda: "daemon is up" in cells.text)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert not sleeper.running


@EVERY_LEVEL
async def test_a_cell_that_kills_its_parent_leaves_nothing(cells: Cells, sleeper: Sleeper) -> None:
    code = """
    try:
        os.kill(os.getppid() or 1, signal.SIGKILL)
    except OSError:
        pass
    """
    await cells.run(daemon(sleeper) + "\n".join(line[4:] for line in code.splitlines()))
    await sleeper.until(running=False)
    assert await cells.answer("answer('next')") == "next"


@EVERY_LEVEL
async def test_canceling_an_unknown_cell_says_so(cells: Cells) -> None:
    assert not cells.server.cancel("nobody")


@EVERY_LEVEL
async def test_stopping_the_server_ends_its_cells(cells: Cells, sleeper: Sleeper) -> None:
    run = asyncio.create_task(cells.run(daemon(sleeper) + "time.sleep(600)"))
    await until(lambda: "daemon is up" in cells.text)
    await cells.server.stop()
    assert (await run).reason == "broken"
    await sleeper.until(running=False)
    await cells.server.stop()


@EVERY_LEVEL
async def test_after_the_server_was_stopped_a_cell_is_refused(cells: Cells) -> None:
    await cells.server.stop()
    end = await cells.run("answer('ran')")
    assert (end.reason, end.detail) == ("broken", "the fork server was stopped")


@EVERY_LEVEL
async def test_a_killed_fork_server_breaks_its_cells_and_comes_back(
    cells: Cells, sleeper: Sleeper
) -> None:
    run = asyncio.create_task(cells.run(daemon(sleeper) + "time.sleep(600)"))
    await until(lambda: "daemon is up" in cells.text)
    os.kill(cells.server.pid or 0, signal.SIGKILL)
    end = await run
    assert (end.reason, end.detail) == ("broken", "the fork server died")
    await sleeper.until(running=False)
    assert await cells.answer("answer('back')") == "back"


@EVERY_LEVEL
async def test_a_cell_is_not_said_to_be_over_when_only_the_fork_server_is(
    cells: Cells, sleeper: Sleeper
) -> None:
    run = asyncio.create_task(cells.run(daemon(sleeper) + "time.sleep(600)"))
    await until(lambda: "daemon is up" in cells.text)
    pid = cells.server.pid or 0
    innermost = tree.children(pid)[0] if cells.server.level == "namespaces" else pid
    os.kill(innermost, signal.SIGKILL)
    assert (await run).reason == "broken"
    assert not sleeper.running


async def test_a_fork_server_that_keeps_dying_is_given_up() -> None:
    server = ForkServer(
        launcher("process"), ENTRY, "process", restarts=Restarts(count_max=1, within_s=600)
    )
    try:
        for _ in range(2):
            await server.start()
            os.kill(server.pid or 0, signal.SIGKILL)
            await until(lambda: not server.alive)
        end = await server.run(cell("answer('ran')"), lambda _: None)
    finally:
        await server.stop()
    assert end.reason == "broken"
    assert end.detail == "the fork server died 2 times within 600 s"


@EVERY_LEVEL
async def test_a_killed_worker_takes_everything_with_it(level: str, sleeper: Sleeper) -> None:
    order = {"level": level, "launcher": launcher(level), "code": daemon(sleeper)}
    with client(order) as worker:
        await sleeper.until(running=True)
        worker.kill()
    await sleeper.until(running=False)


@EVERY_LEVEL
async def test_what_a_killed_worker_has_locked_is_free_when_nothing_of_its_cells_is_alive(
    level: str, sleeper: Sleeper, tmp_path: Path
) -> None:
    order = {"level": level, "launcher": launcher(level), "code": daemon(sleeper)}
    with client(order | {"locks": [str(tmp_path / "lock")]}) as worker:
        await sleeper.until(running=True)
        assert not is_free(tmp_path / "lock")
        worker.kill()
        await until(lambda: is_free(tmp_path / "lock"))
        assert not sleeper.running


@EVERY_LEVEL
async def test_a_cell_has_nothing_of_what_is_held(level: str, tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as file:
        server = ForkServer(launcher(level), ENTRY, level, held=[file.fileno()])
        try:
            code = """
            found = set()
            for fd in os.listdir("/proc/self/fd"):
                try:
                    found.add(os.readlink(f"/proc/self/fd/{fd}"))
                except OSError:
                    pass
            answer([path for path in found if path.endswith("/lock")])
            """
            assert await Cells(server).answer("import os\n" + dedent(code)) == "[]"
            assert "lock" in open_files(server.pid)
        finally:
            await server.stop()


@EVERY_LEVEL
async def test_a_cell_without_a_timeout_runs_until_it_ends(cells: Cells) -> None:
    end = await cells.run_cell(replace(cell("answer('done')"), timeout_s=None))
    assert end.result == b"done"
