"""What of the machine a cell may use, and what it leaves there."""

from __future__ import annotations

import ctypes
import json
import os
import socket
from pathlib import Path

import pytest

from tests.sandbox.conftest import WALLED_LEVELS, Cells, attempt, until


@WALLED_LEVELS
async def test_only_the_families_of_sockets_that_programs_use_can_be_opened(cells: Cells) -> None:
    code = """
    import socket
    def opens(family, kind):
        try:
            socket.socket(family, kind).close()
            return True
        except OSError:
            return False
    answer([f for f in range(50) if any(opens(f, kind) for kind in (1, 2, 3, 5))])
    """
    usual = [socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK]
    found = set(json.loads(await cells.answer(code)))
    assert found <= set(usual)
    assert {socket.AF_UNIX, socket.AF_INET} <= found


@WALLED_LEVELS
async def test_a_cell_stays_the_first_to_go_when_memory_runs_out(cells: Cells) -> None:
    code = """
    import os
    for score in ("-900", "0", "799"):
        try:
            fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
            os.write(fd, score.encode())
        except OSError:
            pass
    answer(open("/proc/self/oom_score_adj").read().strip())
    """
    assert await cells.answer(code) == "800"


@WALLED_LEVELS
async def test_what_a_cell_keeps_in_system_v_shared_memory_ends_with_it(cells: Cells) -> None:
    if os.uname().machine != "x86_64":
        pytest.skip("the numbers are those of x86_64")
    key, shmget = 1_000_000 + os.getpid(), 29
    code = f"libc.syscall({shmget}, {key}, 4096, 0o1666)"
    await cells.answer(f"import ctypes; libc = ctypes.CDLL(None); answer({code})")
    assert ctypes.CDLL(None).syscall(shmget, key, 0, 0) == -1, "it is there for all of the machine"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can tell one job's objects from another's")
@WALLED_LEVELS
async def test_what_a_cell_leaves_in_shared_memory_is_removed(cells: Cells) -> None:
    place = Path("/dev/shm", f"left-{cells.server.level}-{os.getpid()}")
    await cells.answer(f"open({str(place)!r}, 'w').write('x' * 1000); answer(1)")
    await until(lambda: not place.exists())


@WALLED_LEVELS
async def test_the_objects_of_others_in_shared_memory_cannot_be_found(cells: Cells) -> None:
    found = await attempt(cells, "os.listdir('/dev/shm')")
    assert found == "got: []" or found.startswith("no:")


@WALLED_LEVELS
async def test_of_etc_a_cell_reads_what_programs_need_and_no_more(cells: Cells) -> None:
    for name in ("hostname", "fstab", "issue", "machine-id"):
        assert (await attempt(cells, f"open('/etc/{name}').read()")).startswith("no:")
    for name in ("hosts", "passwd", "nsswitch.conf"):
        assert (await attempt(cells, f"open('/etc/{name}').read()[:10]")).startswith("got:")


def _devices() -> list[str]:
    return [path.name for path in Path("/dev").iterdir()]


@WALLED_LEVELS
async def test_no_device_of_the_machine_can_be_opened(cells: Cells) -> None:
    usual = {"null", "zero", "full", "random", "urandom"}
    there = set(_devices()) - usual - {"stdin", "stdout", "stderr"}
    code = f"""
    import os, stat
    found = []
    for path in {[f"/dev/{name}" for name in there]!r}:
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            continue
        mode = os.fstat(fd).st_mode
        if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            found.append(path)
    answer(found)
    """
    assert await cells.answer(code) == "[]"
    for name in usual:
        assert (await attempt(cells, f"open('/dev/{name}', 'rb').read(1)")).startswith("got:")
    assert (await attempt(cells, "open('/dev/null', 'w').write('x')")).startswith("got:")
