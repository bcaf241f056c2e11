"""A fork server of every level this machine has, and eyes for the processes it leaves."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import dedent

import pytest

from sandbox import Cell, Exit, ForkServer, Limits, source_launcher
from sandbox.kernel.syscalls import landlock_abi

ENTRY = Path(__file__).parent / "entry" / "run.py"
PATIENCE_S = 40.0
_numbers = itertools.count(1)

EVERY_LEVEL = pytest.mark.parametrize(
    "level",
    [
        pytest.param("namespaces", marks=pytest.mark.namespaces),
        pytest.param(
            "landlock",
            marks=pytest.mark.skipif(landlock_abi() == 0, reason="this kernel has no Landlock"),
        ),
        "process",
    ],
)
WALLED_LEVELS = pytest.mark.parametrize("level", EVERY_LEVEL.args[1][:2])
NAMESPACES = pytest.mark.parametrize("level", EVERY_LEVEL.args[1][:1])


def launcher(level: str) -> tuple[str, ...]:
    """Root without namespaces runs cells as other users, who need a Python they can read."""
    ours = source_launcher()
    if level == "namespaces" or os.geteuid() != 0 or readable_by_others(Path(ours[0])):
        return ours
    system = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    if system is None:
        pytest.skip(f"{ours[0]} cannot be read by other users, and there is no other Python")
    return (system, *ours[1:])


def readable_by_others(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o005 == 0o005 for parent in path.resolve().parents)


@dataclass
class Cells:
    """Runs code in cells and keeps what they print."""

    server: ForkServer
    output: list[bytes] = field(default_factory=list)

    async def run(
        self, code: str, *, limits: Limits | None = None, timeout_s: float = PATIENCE_S
    ) -> Exit:
        return await self.run_cell(
            replace(cell(code), limits=limits or Limits(), timeout_s=timeout_s)
        )

    async def run_cell(self, cell: Cell) -> Exit:
        return await self.server.run(cell, self.output.append)

    async def answer(self, code: str) -> str:
        """What the code answers; a cell that fails fails the test, with its output."""
        end = await self.run(code)
        assert end.code == 0, (end, self.text)
        return (end.result or b"").decode()

    @property
    def text(self) -> str:
        return b"".join(self.output).decode()


def cell(code: str) -> Cell:
    number = next(_numbers)
    return Cell(id=f"cell-{number}", env={"PATH": "/usr/bin:/bin"}, request=dedent(code).encode())


#: Says "no: <errno>" or what it got.
ATTEMPT = """
def attempt(work):
    try:
        return f"got: {work()!r}"[:100]
    except OSError as error:
        return f"no: {error.strerror}"
"""


async def attempt(cells: Cells, expression: str, *, imports: str = "os") -> str:
    code = f"{ATTEMPT}\nimport {imports}\nanswer(attempt(lambda: {expression}))"
    return await cells.answer(code)


@asynccontextmanager
async def started(
    level: str, *, shared: tuple[str, ...] = (), preload: tuple[str, ...] = ()
) -> AsyncIterator[ForkServer]:
    server = ForkServer(launcher(level), ENTRY, level, shared=shared, preload=preload)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


@pytest.fixture
async def cells(level: str) -> AsyncIterator[Cells]:
    async with started(level) as server:
        yield Cells(server)


@dataclass(frozen=True)
class Sleeper:
    """`sleep` for a time that nobody else sleeps: found among all processes of the machine."""

    seconds: str

    @property
    def running(self) -> bool:
        wanted = f"sleep\0{self.seconds}\0".encode()
        return any(command == wanted for command in _commands())

    async def until(self, *, running: bool) -> None:
        await until(lambda: self.running is running)


def _commands() -> Iterator[bytes]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield path.read_bytes()
        except OSError:
            continue


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that nobody announces."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - the table of processes sets no event
            await asyncio.sleep(0.01)


@pytest.fixture
def sleeper() -> Sleeper:
    return Sleeper(f"9{os.getpid()}.{next(_numbers)}")


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A directory that every user may enter. The one that pytest gives is closed above, again by
    each run of tests that begins on this machine.
    """
    with tempfile.TemporaryDirectory(prefix="sandbox-") as place:
        Path(place).chmod(0o755)
        yield Path(place)


def resident_bytes(pid: int | str = "self") -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def pytest_report_header() -> str:
    return f"sandbox: {sys.executable}, landlock abi {landlock_abi()}"
