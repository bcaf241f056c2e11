"""A real worker, with real cells, over a database of its own: what a module's tests share."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from textwrap import dedent
from typing import Any
from uuid import UUID

from tests._toolchains import lend
from tests.worker._stage import eventually
from tests.worker.conftest import Crew, Office, open_office
from windmill_lite.engine.dependencies.locks import JobLocks
from windmill_lite.model.job import JobRecord, Outcome
from windmill_lite.store.db.connect import connect
from windmill_lite.worker.cells import CellRunner

_numbers = itertools.count(1)

#: Leaves its session twice over, ignores what can be ignored, and holds the cell's pipes.
DAEMON = """
import os, signal, time
def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            os.execvp("sleep", ["sleep", "{seconds}"])
        os._exit(0)
    os.wait()
"""


@dataclass(frozen=True)
class Ended:
    """A job that has ended, and what it said."""

    record: JobRecord
    log: str

    @property
    def result(self) -> Any:
        assert self.record.outcome is Outcome.SUCCESS, (self.record.result, self.log)
        return json.loads(self.record.result or "")

    @property
    def error(self) -> dict[str, Any]:
        assert self.record.outcome is Outcome.FAILURE, self.record.result
        found: dict[str, Any] = json.loads(self.record.result or "")["error"]
        return found


@dataclass(frozen=True)
class Shop:
    """Pushes scripts and waits for what becomes of them."""

    office: Office
    crew: Crew

    async def start(self, code: str, **options: Any) -> UUID:
        return await self.office.push(dedent(code).lstrip("\n"), **options)

    async def end(self, job_id: UUID, patience_s: float = 40.0) -> Ended:
        record = await self.office.done(job_id, patience_s)
        return Ended(record, await self.office.log(job_id))

    async def run(self, code: str, **options: Any) -> Ended:
        return await self.end(await self.start(code, **options))


@asynccontextmanager
async def opened(url: str, directory: Path, **more: Any) -> AsyncIterator[Shop]:
    """A shop over the database at `url`, until the block ends."""
    db = connect(url, directory)
    await db.open()
    lend(directory)
    runner = CellRunner("process", data_dir=directory)
    try:
        await runner.start()
        office = await open_office(db)
        runner.locks_of = partial(JobLocks, office.world)
        async with Crew(office.world, runner, **more).working() as crew:
            yield Shop(office, crew)
    finally:
        await runner.stop()
        await db.close()


@dataclass(frozen=True)
class Sleeper:
    """`sleep` for a time that nobody else sleeps: found among all processes of the machine."""

    seconds: str

    @staticmethod
    def new() -> Sleeper:
        return Sleeper(f"8{os.getpid()}.{next(_numbers)}")

    @property
    def count(self) -> int:
        wanted = f"sleep\0{self.seconds}\0".encode()
        return sum(1 for path in Path("/proc").glob("[0-9]*/cmdline") if _read(path) == wanted)

    @property
    def parent(self) -> int:
        """Who has started it; there is one."""
        wanted = f"sleep\0{self.seconds}\0".encode()
        (found,) = (p for p in Path("/proc").glob("[0-9]*/cmdline") if _read(p) == wanted)
        return int(found.with_name("stat").read_text().rpartition(") ")[2].split()[1])

    async def until(self, *, count: int) -> None:
        async def reached() -> bool:
            return self.count == count

        await eventually(reached)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


class Memory:
    """How far this process grows; peaks are counted from where it is made."""

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")  # the peak is now what it is
        self._before = _kb("VmRSS")

    def grown_bytes(self) -> int:
        return (_kb("VmHWM") - self._before) * 1024


def _kb(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise AssertionError(f"{name} is not told")
