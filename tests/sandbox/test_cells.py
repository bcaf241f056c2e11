"""What goes into a cell and what comes out, at every level."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from sandbox import Cell, Exit
from sandbox.cell import PIPE_BYTES
from tests.sandbox.conftest import EVERY_LEVEL, Cells, cell, resident_bytes

pytestmark = EVERY_LEVEL


async def test_a_cell_answers_with_what_it_wrote_to_its_result(cells: Cells) -> None:
    end = await cells.run("answer('forty-two')")
    assert (end.reason, end.code, end.result) == ("exited", 0, b"forty-two")


async def test_an_exit_tells_its_level_and_what_it_used(cells: Cells, level: str) -> None:
    end = await cells.run("sum(range(300_000))")
    assert end.level == level
    assert 0 < end.cpu_s < 5
    assert end.memory_peak_bytes > 1 << 20


async def test_a_cell_without_a_result_has_none(cells: Cells) -> None:
    assert (await cells.run("pass")).result is None


async def test_the_exit_code_is_the_cells_own(cells: Cells) -> None:
    assert (await cells.run("import os; os._exit(7)")).code == 7


async def test_a_crash_is_told_by_its_signal(cells: Cells) -> None:
    end = await cells.run("import ctypes; ctypes.string_at(0)")
    assert (end.reason, end.signal, end.code) == ("killed", 11, None)


async def test_output_arrives_while_the_cell_runs(cells: Cells) -> None:
    first = asyncio.Event()

    def on_output(piece: bytes) -> None:
        if b"first" in piece:
            first.set()

    endless = cell("import os, time; os.write(1, b'first'); time.sleep(600)")
    run = asyncio.create_task(cells.server.run(endless, on_output))
    await asyncio.wait_for(first.wait(), 40)
    assert cells.server.cancel(endless.id)
    assert (await run).reason == "canceled"


async def test_output_and_errors_keep_their_order(cells: Cells) -> None:
    await cells.run(
        """
        import os
        for n in range(50):
            os.write(1 + n % 2, b"%d " % n)
        """
    )
    assert cells.text == "".join(f"{n} " for n in range(50))


async def test_a_cell_has_the_environment_it_was_given_and_no_other(cells: Cells) -> None:
    given = Cell(
        id="env",
        env={"PATH": "/usr/bin:/bin", "GREETING": "grüß gott"},
        request=b"import os; answer(sorted(os.environ)); print(os.environ['GREETING'], end='')",
    )
    end = await cells.run_cell(given)
    assert end.result == b"['GREETING', 'HOME', 'PATH', 'PWD', 'TMPDIR']"
    assert cells.text == "grüß gott"


async def test_bytes_in_the_environment_reach_programs_that_a_cell_starts(cells: Cells) -> None:
    given = Cell(
        id="env-of-programs",
        env={"PATH": "/usr/bin:/bin", "RAW": "ü\udcff", "GONE": "1"},
        request=b"""
import os, subprocess
del os.environ["GONE"]
seen = subprocess.run(["env"], stdout=subprocess.PIPE, check=True).stdout.splitlines()
answer([b"RAW=" + os.environb[b"RAW"] in seen, b"GONE=1" in seen, os.environb[b"RAW"]])
""",
    )
    end = await cells.run_cell(given)
    assert end.result == rb"[True, False, b'\xc3\xbc\xff']"


async def test_files_lie_in_the_working_directory(cells: Cells) -> None:
    with_files = replace(
        cell("answer([open('a.txt').read(), open('deep/down/b.bin', 'rb').read()])"),
        files={"a.txt": b"one", "deep/down/b.bin": b"\x00\xff"},
    )
    assert (await cells.run_cell(with_files)).result == rb"['one', b'\x00\xff']"


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", ""])
async def test_a_file_that_would_leave_the_job_directory_is_refused(
    cells: Cells, name: str
) -> None:
    end = await cells.run_cell(replace(cell("answer('ran')"), files={name: b""}))
    assert end.reason == "broken"
    assert "job directory" in end.detail
    assert end.result is None


async def test_temporary_files_can_be_made(cells: Cells) -> None:
    code = "import tempfile; f = tempfile.NamedTemporaryFile(); f.write(b'x'); answer('made')"
    assert await cells.answer(code) == "made"


async def test_a_command_reads_the_request_and_writes_its_result(cells: Cells) -> None:
    shell = replace(
        cell(""), argv=("sh", "-c", "cat; cat seed; echo done >&2; echo 42 >&4"), request=b"asked "
    )
    end = await cells.run_cell(replace(shell, files={"seed": b"file "}))
    assert (end.code, end.result, cells.text) == (0, b"42\n", "asked file done\n")


async def test_a_command_that_does_not_exist_fails_as_in_a_shell(cells: Cells) -> None:
    end = await cells.run_cell(replace(cell(""), argv=("no-such-program",)))
    assert (end.reason, end.code) == ("exited", 127)
    assert "no-such-program" in cells.text


@pytest.mark.parametrize("more", [-1, 0, 1])
async def test_a_request_as_large_as_a_pipe_arrives_whole(cells: Cells, more: int) -> None:
    asked = cell("answer(len(text))")
    overhead = len(json.dumps({"env": dict(asked.env), "argv": None, "files": []})) + 1
    text = b"text = '"
    room = PIPE_BYTES - overhead - len(text) - len(asked.request) - 2 + more
    end = await cells.run_cell(replace(asked, request=text + b"x" * room + b"'\n" + asked.request))
    assert end.result == str(room).encode()


async def test_a_request_of_many_megabytes_arrives_whole(cells: Cells) -> None:
    padding = b"#" * (20 << 20)
    big = replace(cell(""), request=b"answer('whole')\n" + padding)
    assert (await cells.run_cell(big)).result == b"whole"


async def test_a_cell_that_closes_its_output_still_answers(cells: Cells) -> None:
    code = "import os, sys; sys.stdout.close(); os.close(2); os.close(1); answer('quiet')"
    assert (await cells.run(code)).result == b"quiet"


async def test_a_result_above_its_ceiling_is_flagged_and_dropped(cells: Cells) -> None:
    code = "import os\nfor _ in range(64): os.write(result_fd, bytes(1 << 20))"
    before = resident_bytes()
    end = await cells.run_cell(replace(cell(code), result_bytes_max=1 << 20))
    assert (end.code, end.result, end.result_too_large) == (0, None, True)
    assert resident_bytes() - before < 16 << 20


async def test_a_hundred_megabytes_of_output_do_not_stay_in_memory(cells: Cells) -> None:
    sizes: list[int] = []
    code = "import os\nfor _ in range(100): os.write(1, b'y' * (1 << 20))"
    before = resident_bytes()
    end = await cells.server.run(cell(code), lambda piece: sizes.append(len(piece)))
    assert end.code == 0
    assert sum(sizes) == 100 << 20
    assert max(sizes) <= 64 << 10
    assert resident_bytes() - before < 16 << 20


async def test_an_error_of_the_reader_ends_the_cell_and_is_raised(cells: Cells) -> None:
    def full(piece: bytes) -> None:
        raise OSError("disk full")

    noisy = cell("import os, time; os.write(1, b'x'); time.sleep(600)")
    with pytest.raises(OSError, match="disk full"):
        await cells.server.run(noisy, full)
    assert await cells.answer("answer('next')") == "next"


async def test_cells_that_run_at_once_do_not_mix(cells: Cells) -> None:
    async def one(number: int) -> tuple[Exit, bytes]:
        pieces: list[bytes] = []
        code = f"import os; os.write(1, b'out {number}'); answer({number})"
        return await cells.server.run(cell(code), pieces.append), b"".join(pieces)

    ends = await asyncio.gather(*(one(number) for number in range(12)))
    assert [(end.result, out) for end, out in ends] == [
        (b"%d" % n, b"out %d" % n) for n in range(12)
    ]


async def test_random_numbers_differ_between_cells(cells: Cells) -> None:
    code = "import random, uuid; answer((random.random(), uuid.uuid4()))"
    assert await cells.answer(code) != await cells.answer(code)


async def test_a_signal_raised_by_the_cell_reaches_its_handler(cells: Cells) -> None:
    # By the C library's own idea of the thread, which a raw clone leaves stale.
    code = """
    import signal
    signal.signal(signal.SIGUSR1, lambda *_: answer("reached"))
    signal.raise_signal(signal.SIGUSR1)
    """
    assert await cells.answer(code) == "reached"


async def test_threads_and_processes_work(cells: Cells) -> None:
    code = """
    import multiprocessing, threading, subprocess, sys
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    process = context.Process(target=queue.put, args=("from a process",))
    process.start()
    said = [queue.get(timeout=10)]
    process.join()
    thread = threading.Thread(target=said.append, args=("from a thread",))
    thread.start()
    thread.join()
    python = [sys.executable, "-I", "-c", "print('from python', end='')"]
    said.append(subprocess.run(python, capture_output=True, text=True, check=True).stdout)
    answer(said)
    """
    assert await cells.answer(code) == "['from a process', 'from a thread', 'from python']"
