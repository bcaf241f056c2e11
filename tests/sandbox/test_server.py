"""The fork server as a tenant: what it costs, how it starts, what it says when it cannot."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import signal
import sys
from pathlib import Path

import pytest
import uvloop

from sandbox import Cell, ForkServer, Unfit, probe, source_launcher
from sandbox.client.scratch import Scratch
from sandbox.room import runtime_paths
from sandbox.trial import choose
from tests.sandbox.conftest import (
    ENTRY,
    EVERY_LEVEL,
    NAMESPACES,
    Cells,
    cell,
    launcher,
    readable_by_others,
    resident_bytes,
    started,
)


def names(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def descriptors(pid: int | str) -> int:
    gc.collect()  # sockets of tests before this one
    return len(names(Path(f"/proc/{pid}/fd")))


def family(pid: int) -> list[int]:
    """A process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(below for child in children for below in family(int(child)))]


@EVERY_LEVEL
async def test_fifty_cells_leave_no_descriptor_and_no_process_behind(cells: Cells) -> None:
    await cells.answer("answer(1)")
    pids = family(cells.server.pid or 0)
    before = [descriptors("self"), *map(descriptors, pids)]
    for _ in range(10):
        await asyncio.gather(*(cells.run("answer(1)") for _ in range(5)))
    assert family(cells.server.pid or 0) == pids
    assert [descriptors("self"), *map(descriptors, pids)] == before


@NAMESPACES
async def test_an_idle_server_is_small(level: str) -> None:
    preload = ("asyncio", "json", "ssl", "sqlite3", "urllib.request", "subprocess", "zoneinfo")
    async with started(level, preload=preload) as server:
        warm = family(server.pid or 0)[-1]
        assert resident_bytes(warm) < 32 << 20


@EVERY_LEVEL
def test_it_runs_on_uvloop(level: str) -> None:
    async def three_cells() -> list[bytes | None]:
        async with started(level) as server:
            cells = Cells(server)
            return [(await cells.run(f"print({n}); answer({n})")).result for n in range(3)]

    assert uvloop.run(three_cells()) == [b"0", b"1", b"2"]


@EVERY_LEVEL
async def test_starting_twice_is_starting_once(cells: Cells) -> None:
    pid = cells.server.pid
    await cells.server.start()
    assert cells.server.pid == pid
    assert cells.server.alive


async def test_stopping_before_starting_is_harmless() -> None:
    server = ForkServer(source_launcher(), ENTRY, "best")
    await server.stop()
    assert not server.alive


async def test_a_stopped_server_can_be_started_again() -> None:
    server = ForkServer(launcher("process"), ENTRY, "process")
    try:
        await server.start()
        await server.stop()
        await server.start()
        assert (await server.run(cell("answer(1)"), lambda _: None)).result == b"1"
    finally:
        await server.stop()


@EVERY_LEVEL
async def test_cells_ignore_no_signal_that_their_client_ignores_and_block_none(level: str) -> None:
    before = {each: signal.signal(each, signal.SIG_IGN) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        server = ForkServer(launcher(level), ENTRY, level)
        await server.start()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    code = """
    import signal
    status = open("/proc/self/status").read()
    ignored, blocked = (
        int(status.partition(each)[2].split()[0], 16) for each in ("SigIgn:", "SigBlk:")
    )
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
    answer([*(bool(ignored >> number - 1 & 1) for number in numbers), blocked])
    """
    try:
        assert (await server.run(cell(code), lambda _: None)).result == b"[False, False, False, 0]"
    finally:
        await server.stop()


async def test_a_launcher_that_does_not_exist_is_told() -> None:
    server = ForkServer(("/no/such/python",), ENTRY, "best")
    with pytest.raises(Unfit, match="/no/such/python"):
        await server.start()
    end = await server.run(Cell(id="1", env={}, request=b""), lambda _: None)
    assert end.reason == "broken"
    assert "/no/such/python" in end.detail
    await server.stop()


async def test_a_server_that_fails_to_start_says_why(tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "run.py"
    broken.parent.mkdir()
    (broken.parent / "__init__.py").touch()
    broken.write_text("raise RuntimeError('entry is broken')")
    server = ForkServer(source_launcher(), broken, "best")
    with pytest.raises(Unfit, match="entry is broken"):
        await server.start()
    await server.stop()


@pytest.mark.skipif(
    os.geteuid() != 0 or readable_by_others(Path(os.path.realpath(sys.executable))),
    reason="needs root, and a Python that other users cannot read",
)
async def test_a_python_that_jobs_cannot_read_is_told_at_the_start() -> None:
    server = ForkServer(source_launcher(), ENTRY, "process")
    with pytest.raises(Unfit, match=r"cannot be read by a job .*chmod"):
        await server.start()
    await server.stop()


@pytest.mark.namespaces
async def test_the_probe_finds_the_strongest_level_and_every_feature() -> None:
    report = await probe(source_launcher())
    assert report.level == "namespaces"
    assert report.why == ()
    assert set(report.features) == {"namespaces", "empty network", "seccomp", "landlock"}
    assert set(report.features.values()) == {"yes"}


@pytest.mark.namespaces
async def test_best_is_the_strongest_level() -> None:
    async with started("best") as server:
        assert server.level == "namespaces"
        assert server.why == ()


def test_without_namespaces_landlock_is_chosen_and_the_reason_given() -> None:
    refused = "no: clone: Operation not permitted"
    level, why = choose({"namespaces": refused, "seccomp": "yes", "landlock": "yes"})
    assert level == "landlock"
    assert why[0] == "user namespaces: clone: Operation not permitted"


@pytest.mark.parametrize("missing", ["landlock", "seccomp"])
def test_without_both_walls_only_the_process_is_left(missing: str) -> None:
    found = {"namespaces": "no: a", "seccomp": "yes", "landlock": "yes"} | {missing: "no: b"}
    level, why = choose(found)
    assert level == "process"
    assert f"{missing}: b" in why


def test_nothing_of_the_runtime_is_shown_twice() -> None:
    paths = runtime_paths()
    for path in paths:
        assert not any(path != other and path.startswith(f"{other}/") for other in paths)


def test_the_scratch_of_a_killed_worker_is_swept(open_place: Path) -> None:
    left = open_place / "cells-left"
    (left / "7").mkdir(parents=True)
    living = Scratch(open_place)
    living.open()
    second = Scratch(open_place)
    second.open()
    assert not left.exists()
    assert len(list(open_place.iterdir())) == 2
    living.close()
    second.close()
    assert list(open_place.iterdir()) == []


async def test_job_directories_are_removed(open_place: Path) -> None:
    server = ForkServer(launcher("process"), ENTRY, "process", scratch=open_place)
    try:
        code = "import os; open('f', 'w'); os.symlink('/etc', 'link'); answer(os.getcwd())"
        end = await server.run(cell(code), lambda _: None)
        directory = Path((end.result or b"").decode())
        assert directory.is_relative_to(open_place)
        assert names(directory.parent) == []
        assert "passwd" in names(Path("/etc"))
    finally:
        await server.stop()


@NAMESPACES
async def test_hundreds_of_cells_at_once_all_come_to_their_end(cells: Cells) -> None:
    ends = await asyncio.gather(*(cells.run(f"answer({n})", timeout_s=60) for n in range(300)))
    assert [end.result for end in ends] == [b"%d" % n for n in range(300)]


@NAMESPACES
async def test_cells_canceled_while_they_queue_never_start(cells: Cells) -> None:
    tasks = [asyncio.create_task(cells.run("print('x')", timeout_s=60)) for _ in range(200)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    async with asyncio.timeout(60):
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError) for end in ends)
    assert await cells.answer("answer('next')") == "next"


@NAMESPACES
async def test_without_descriptors_a_cell_is_broken_and_nothing_leaks(cells: Cells) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = descriptors("self")
    resource.setrlimit(resource.RLIMIT_NOFILE, (before + 2, hard))
    try:
        end = await cells.run("answer(1)")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert end.reason == "broken"
    assert "no descriptor left" in end.detail
    assert descriptors("self") == before
    assert await cells.answer("answer('next')") == "next"
