"""Cells that become another program are held as firmly as those that stay warm."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import Cell, Exit, Limits, Mount
from tests.sandbox.conftest import EVERY_LEVEL, WALLED_LEVELS, Cells, Sleeper, cell, started, until


def command(script: str, *words: str, **more: object) -> Cell:
    changed: dict[str, object] = {"argv": ("bash", "-c", script, "bash", *words), "timeout_s": 40.0}
    return replace(cell(""), **(changed | more))  # type: ignore[arg-type]


async def denied(cells: Cells, script: str) -> bool:
    """Whether the script, which says `got` when it gets through, does not."""
    end = await cells.run_cell(command(f"{script} && echo got >&4"))
    assert end.reason == "exited", end
    return end.result is None


@WALLED_LEVELS
async def test_a_command_cannot_read_files_of_the_machine(cells: Cells, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    assert await denied(cells, f"cat {secret}")
    assert await denied(cells, "cat /etc/shadow")


@EVERY_LEVEL
async def test_a_command_reaches_neither_the_worker_nor_its_environment(cells: Cells) -> None:
    if os.geteuid() != 0 and cells.server.level == "process":
        pytest.skip("a cell is the worker's own user here")
    assert await denied(cells, f"cat /proc/{os.getpid()}/environ")
    assert await denied(cells, f"kill -0 {os.getpid()}")
    assert await denied(cells, "touch /usr/lib/planted")


@WALLED_LEVELS
@pytest.mark.parametrize(
    "attempt",
    [
        "unshare -U true",
        "unshare -m true",
        "mount -t tmpfs none /tmp",
        "chroot / true",
        "su -c true",
    ],
)
async def test_a_command_gains_no_privilege(cells: Cells, attempt: str) -> None:
    assert await denied(cells, attempt)


@EVERY_LEVEL
async def test_a_command_has_no_capability(cells: Cells) -> None:
    end = await cells.run_cell(
        command("grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status >&4")
    )
    told = dict(line.split(":\t") for line in (end.result or b"").decode().splitlines())
    assert (int(told["CapEff"], 16), told["NoNewPrivs"]) == (0, "1")


@EVERY_LEVEL
async def test_a_command_has_the_environment_it_was_given(cells: Cells) -> None:
    end = await cells.run_cell(command("env >&4"))
    names = {line.partition("=")[0] for line in (end.result or b"").decode().splitlines()}
    assert names <= {"HOME", "PATH", "PWD", "TMPDIR", "SHLVL", "OLDPWD", "_"}


@EVERY_LEVEL
async def test_a_canceled_command_is_dead_with_all_it_started(
    cells: Cells, sleeper: Sleeper
) -> None:
    endless = command(f"setsid nohup sleep {sleeper.seconds} & wait")
    run = asyncio.create_task(cells.run_cell(endless))
    await sleeper.until(running=True)
    cells.server.cancel(endless.id)
    assert (await run).reason == "canceled"
    await sleeper.until(running=False)


@EVERY_LEVEL
async def test_a_command_that_ends_leaves_nothing_behind(cells: Cells, sleeper: Sleeper) -> None:
    await cells.run_cell(command(f"setsid nohup sleep {sleeper.seconds} & sleep 0.1"))
    await sleeper.until(running=False)


@EVERY_LEVEL
async def test_a_fork_bomb_of_commands_ends_with_its_time(cells: Cells) -> None:
    bomb = command("f() { f | f & }; f; sleep 600", limits=Limits(processes=60), timeout_s=1.0)
    end = await cells.run_cell(bomb)
    assert end.reason == "timeout"
    assert await cells.answer("answer('next')") == "next"


@EVERY_LEVEL
async def test_a_command_that_takes_too_much_memory_is_ended(cells: Cells) -> None:
    greedy = "x=$(head -c 400M /dev/zero | tr '\\0' x); echo ${#x} >&4"
    end = await cells.run_cell(command(greedy, limits=Limits(memory_bytes=100 << 20)))
    assert end.result is None
    assert (end.reason, end.code) != ("exited", 0)


@EVERY_LEVEL
async def test_a_command_is_killed_at_the_limit_of_a_file(cells: Cells) -> None:
    writer = command("head -c 20M /dev/zero > big; stat -c %s big >&4")
    end = await cells.run_cell(replace(writer, limits=Limits(file_size_bytes=1 << 20)))
    assert int((end.result or b"0").split()[0]) <= 1 << 20


@WALLED_LEVELS
async def test_a_toolchain_is_run_from_where_it_is_mounted_and_cannot_be_changed(
    level: str, open_place: Path
) -> None:
    program = open_place / "tools" / "hello"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho from the toolchain >&4\necho x >> .tools/hello\n")
    program.chmod(0o777)
    program.parent.chmod(0o777)
    run = replace(cell(""), argv=(".tools/hello",), mounts=(Mount(str(program.parent), ".tools"),))
    async with started(level, shared=(str(open_place),)) as server:
        end: Exit = await server.run(run, lambda _: None)
    assert (end.result, end.code) == (b"from the toolchain\n", 2)
    assert not program.read_text().endswith("\nx\n")


@EVERY_LEVEL
async def test_output_of_a_command_arrives_while_it_runs(cells: Cells) -> None:
    endless = command("echo first; sleep 600")
    run = asyncio.create_task(cells.run_cell(endless))
    await until(lambda: "first" in cells.text)
    cells.server.cancel(endless.id)
    await run
