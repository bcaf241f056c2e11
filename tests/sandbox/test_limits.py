"""What a cell may use, and how it learns that it asked for more."""

from __future__ import annotations

import pytest

from sandbox import Limits
from tests.sandbox.conftest import EVERY_LEVEL, NAMESPACES, Cells


@EVERY_LEVEL
async def test_too_much_memory_in_one_process_is_a_memory_error(cells: Cells) -> None:
    code = """
    try:
        bytearray(512 << 20)
    except MemoryError:
        answer("refused")
    """
    end = await cells.run(code, limits=Limits(memory_bytes=128 << 20))
    assert (end.code, end.result) == (0, b"refused")


@EVERY_LEVEL
async def test_too_much_memory_in_many_processes_ends_the_cell(cells: Cells) -> None:
    code = """
    import os, time
    for _ in range(6):
        if os.fork() == 0:
            held = bytearray(os.urandom(1)) * (60 << 20)
            time.sleep(600)
    time.sleep(600)
    """
    end = await cells.run(code, limits=Limits(memory_bytes=128 << 20))
    assert end.reason == "memory"
    assert "134217728 bytes" in end.detail


@EVERY_LEVEL
async def test_a_fork_bomb_meets_its_limit(cells: Cells) -> None:
    code = """
    import os, time
    forks = 0
    try:
        while True:
            if os.fork() == 0:
                time.sleep(600)
            forks += 1
    except OSError:
        answer(forks)
    """
    end = await cells.run(code, limits=Limits(processes=32), timeout_s=30)
    assert end.reason == "exited"
    assert 16 <= int(end.result or 0) <= 32


@EVERY_LEVEL
async def test_a_bomb_whose_children_fork_too_is_ended(cells: Cells) -> None:
    code = """
    import os
    while True:
        try:
            os.fork()
        except OSError:
            pass
    """
    end = await cells.run(code, limits=Limits(processes=32), timeout_s=1)
    assert end.reason == "timeout"
    assert await cells.answer("answer('next')") == "next"


@EVERY_LEVEL
async def test_a_file_cannot_grow_beyond_its_limit(cells: Cells) -> None:
    code = """
    try:
        with open("big", "wb") as file:
            file.truncate(2 << 20)
    except OSError as error:
        answer(error.strerror)
    """
    end = await cells.run(code, limits=Limits(file_size_bytes=1 << 20))
    assert end.result == b"File too large"


@NAMESPACES
async def test_all_files_together_have_a_limit(cells: Cells) -> None:
    code = """
    try:
        for n in range(10):
            with open(f"part{n}", "wb") as file:
                file.write(bytes(1 << 20))
    except OSError as error:
        answer(error.strerror)
    """
    end = await cells.run(code, limits=Limits(tmp_bytes=4 << 20))
    assert end.result == b"No space left on device"


@NAMESPACES
async def test_the_number_of_files_has_a_limit(cells: Cells) -> None:
    code = """
    try:
        for n in range(5000):
            open(f"part{n}", "w").close()
    except OSError as error:
        answer(error.strerror)
    """
    end = await cells.run(code, limits=Limits(tmp_bytes=4 << 20))
    assert end.result == b"No space left on device"


@EVERY_LEVEL
async def test_open_files_have_a_limit(cells: Cells) -> None:
    code = """
    import os
    try:
        for n in range(100):
            os.dup(0)
    except OSError as error:
        answer(n)
    """
    end = await cells.run(code, limits=Limits(open_files=50))
    assert 30 < int(end.result or 0) < 50


@EVERY_LEVEL
async def test_too_much_processor_time_ends_the_cell(cells: Cells) -> None:
    end = await cells.run("while True: pass", limits=Limits(cpu_s=1), timeout_s=30)
    assert (end.reason, end.signal) == ("killed", 9)
    assert end.detail == "it used 1 s of processor time, its limit"


@EVERY_LEVEL
@pytest.mark.parametrize("huge", [1 << 40])
async def test_a_limit_above_what_the_machine_grants_is_no_error(cells: Cells, huge: int) -> None:
    limits = Limits(memory_bytes=huge, file_size_bytes=huge, tmp_bytes=huge, open_files=4096)
    assert (await cells.run("answer('ran')", limits=limits)).result == b"ran"
