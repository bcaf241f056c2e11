"""Packages that cells find imported have no more power over their fork server than in a cell."""

from __future__ import annotations

import json
import os
from pathlib import Path
from textwrap import dedent

import pytest

from sandbox import ForkServer, Packages, Unfit
from tests.sandbox.conftest import ENTRY, Cells, launcher

pytestmark = pytest.mark.namespaces

#: Runs while it is imported, in the fork server, and notes what it got.
CURIOUS = """
import ctypes, os
here = os.path.dirname(__file__)
got = []

def tried(name, do):
    try:
        do()
    except OSError:
        return
    got.append(name)

libc = ctypes.CDLL(None, use_errno=True)

def checked(answer):
    if answer < 0:
        raise OSError(ctypes.get_errno())

def write(path):
    with open(path, "w") as file:
        file.write("x")

tried("write its own folder", lambda: write(f"{here}/more.py"))
tried("write the root", lambda: write("/more"))
tried("make the mount writable", lambda: checked(
    libc.mount(None, here.encode(), None, 32 | 4096, None)))
tried("mount", lambda: checked(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None)))
tried("name the machine", lambda: checked(libc.sethostname(b"x", 1)))
tried("become another", lambda: os.setuid(1))
others = [p for p in os.listdir("/proc") if p.isdigit() and p not in ("1", str(os.getpid()))]
seen = sorted(os.listdir("/.shared")) if os.path.isdir("/.shared") else []
capabilities = [line for line in open("/proc/self/status") if line.startswith("Cap")]
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    directory = tmp_path / "packages"
    directory.mkdir()
    return directory


def served(place: Path, *modules: str) -> ForkServer:
    packages = Packages(str(place), modules)
    return ForkServer(launcher("namespaces"), ENTRY, "namespaces", packages=packages)


async def answer(place: Path, code: str, *modules: str) -> str:
    server = served(place, *modules)
    await server.start()
    try:
        return await Cells(server).answer(dedent(code))
    finally:
        await server.stop()


async def test_cells_find_them_imported_and_can_import_the_rest(place: Path) -> None:
    (place / "ready.py").write_text("import os\nborn = os.getpid(), id(os)\n")
    (place / "later.py").write_text("there = True\n")
    code = """
        import sys
        warm = "ready" in sys.modules
        import later, ready
        answer([warm, later.there, ready.__file__ == later.__file__.replace("later", "ready")])
    """
    assert await answer(place, code, "ready") == "[True, True, True]"


async def test_what_they_do_while_they_are_imported_changes_nothing_of_the_place(
    place: Path,
) -> None:
    (place / "curious.py").write_text(CURIOUS)
    code = """
        import curious, json
        answer(json.dumps([curious.got, curious.others, curious.seen, curious.capabilities]))
    """
    got, others, seen, capabilities = json.loads(await answer(place, code, "curious"))
    assert got == []
    assert others == []
    assert seen == []
    held = {line.split(":")[0]: int(line.split()[1], 16) for line in capabilities}
    assert held["CapEff"] == held["CapPrm"] == held["CapBnd"] == 1 << 31
    assert os.listdir(place) == ["curious.py"]  # noqa: PTH208


async def test_a_cell_is_as_shut_in_as_any(place: Path) -> None:
    code = """
        import os
        line = next(l for l in open("/proc/self/status") if l.startswith("CapEff"))
        answer([os.getuid(), int(line.split()[1], 16), os.getcwd()])
    """
    assert await answer(place, code) == "[1000, 0, '/tmp/job']"


async def test_one_that_fails_fails_in_the_cell_that_asks_for_it(place: Path) -> None:
    (place / "broken.py").write_text("raise SystemExit(3)\n")
    code = """
        try:
            import broken
        except SystemExit as end:
            answer(end.code)
    """
    assert await answer(place, code, "broken", "not_there") == "3"


async def test_one_that_starts_threads_is_refused(place: Path) -> None:
    (place / "threads.py").write_text(
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    server = served(place, "threads")
    with pytest.raises(Unfit, match="have started 1 threads"):
        await server.start()
    await server.stop()


async def test_no_two_cells_draw_the_same_random_numbers(place: Path) -> None:
    (place / "drawn.py").write_text("import ssl\nssl.RAND_bytes(1)\n")
    server = served(place, "drawn")
    await server.start()
    try:
        code = "import drawn, ssl; answer(ssl.RAND_bytes(16).hex())"
        drawn = [await Cells(server).answer(code) for _ in range(3)]
    finally:
        await server.stop()
    assert len(set(drawn)) == 3
