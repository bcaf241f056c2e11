"""The processes that are struck, and that are there again at once."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from tests._postgres import PostgresServer
from tests.roles._client import ADMIN
from tests.roles._process import PROGRAM, Process, alive, children
from tests.roles.kills.clocked import set_clock
from tests.roles.kills.plan import SERVER, WORKERS, Fault, Step, Trial

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
_PORTS = range(21_000, 32_000)  # below those that the system gives to whoever connects
UNAVAILABLE = 6  # the exit code of who has no database to start with
NAME = "kills"  # of the database
#: The clock of Postgres, for who asks it by name, is one of ours.
_CLOCK = """
create schema wrong;
create table wrong.clock(seconds int not null);
insert into wrong.clock values (0);
create function wrong.clock_timestamp() returns timestamptz language sql volatile as
  'select pg_catalog.clock_timestamp() + seconds * interval ''1 second'' from wrong.clock';
alter database kills set search_path = public, wrong, pg_catalog;
"""
_READY = r"windmill-lite (serves|runs as)"


@dataclass
class Fleet:
    """The processes of a trial by name, and what was done to them."""

    trial: Trial
    home: Path
    database: str
    server: PostgresServer | None
    processes: dict[str, Process] = field(default_factory=dict)
    faults: list[Step] = field(default_factory=list)
    ready_s: list[float] = field(default_factory=list)  # from a start to work
    output: list[str] = field(default_factory=list)  # of those that ended
    inspections: int = 0
    damages: list[str] = field(default_factory=list)  # what they found
    _thawing: set[asyncio.Task[None]] = field(default_factory=set)
    port: int = 0

    def __post_init__(self) -> None:
        self.port = free_port()
        self._before = set(children(os.getpid()))

    @property
    def strangers(self) -> set[int]:
        """Children of this process that are none of the product's."""
        server = {self.server.pid} if self.server is not None else set()
        return self._before | server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        for name in self.trial.victims:
            self._start(name)
            if name in ("api", "solo"):
                await self._ready(name)  # it makes the schema and the first admin
        for name in self.trial.victims:
            await self._ready(name)

    async def await_turn(self, step: Step) -> None:
        """The pause before a fault begins when its victim is at work."""
        if not step.early and step.victim in self.processes:
            await self._ready(step.victim)
        await asyncio.sleep(step.pause_s)

    async def strike(self, step: Step) -> None:
        """Returns when whoever was killed has been started again, or the outage is over."""
        self.faults.append(step)
        if step.fault is Fault.OUTAGE:
            await self._outage(step)
        elif step.fault is Fault.FREEZE:
            self._freeze(step)
        elif step.fault is Fault.JUMP:
            await asyncio.to_thread(self._set_clock, step)
        else:
            await asyncio.to_thread(self._kill, step.victim)
            if self.trial.inspected:
                await asyncio.to_thread(self._inspect)
            self._start(step.victim)

    async def settle(self) -> None:
        """No more faults: everything thawed and at work."""
        if self._thawing:
            await asyncio.wait(self._thawing)
        for name in self.processes:
            await self._ready(name)

    async def stop(self) -> list[str]:
        """Everything ends by itself; what did not end well."""
        for process in self.processes.values():
            process.tell(signal.SIGTERM)
        found = []
        for name, process in self.processes.items():
            code = await asyncio.to_thread(process.ends)
            if code != 0:
                found.append(f"{name} ended with {code}")
        self.output += [process.output for process in self.processes.values()]
        return found

    def end(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Whatever still runs is killed; after an error its output is shown."""
        for process in self.processes.values():
            process.__exit__(kind, error, trace)

    def _start(self, name: str) -> None:
        trial = self.trial
        flags = ["--data-dir", str(self.home / name / "data"), "--drain", "5"]
        if name in ("api", "solo"):
            flags += ["--listen", f"127.0.0.1:{self.port}"]
        else:
            flags += ["--base-url", self.url]
        if trial.database == "postgres":
            role = "worker" if name in WORKERS else name
            flags += ["--database", self.database, "--lease", str(trial.lease_s), "--role", role]
        if name in WORKERS or name == "solo":
            flags += ["--workers", str(trial.slots), "--worker-name", name]
        self.processes[name] = Process(
            self.home / name, *flags, env=ADMIN, program=self._program(name)
        )

    def _clock_of(self, name: str) -> Path:
        return self.home / f"{name}.clock"

    def _program(self, name: str) -> tuple[str, ...]:
        """Under a clock of ours, which who is started again finds as it was."""
        if not self.trial.clocks:
            return PROGRAM
        clock = self._clock_of(name)
        if not clock.exists():
            set_clock(clock, 0)
        return (sys.executable, "-m", "tests.roles.kills.clocked", str(clock))

    def _set_clock(self, step: Step) -> None:
        if step.victim != SERVER:
            set_clock(self._clock_of(step.victim), step.to_s)
        elif self.server is not None:
            right = f"update wrong.clock set seconds = {step.to_s}"  # noqa: S608  (a number of ours)
            self.server.execute(NAME, right)

    async def _ready(self, name: str) -> None:
        process = self.processes[name]
        try:
            self.ready_s.append(await asyncio.to_thread(process.took_s, _READY))
        except AssertionError:
            if process.speaks or not self.trial.outages or process.ends() != UNAVAILABLE:
                raise
            self._bury(process)
            self._start(name)  # it met an outage at its start, and said so
            await self._ready(name)

    def _kill(self, name: str) -> None:
        process = self.processes[name]
        process.tell(signal.SIGKILL)
        self._bury(process)

    def _bury(self, process: Process) -> None:
        process.ends()
        self.output.append(process.output)
        process.__exit__(None, None, None)

    def _inspect(self) -> None:
        """The file as the kill has left it, with the log that nobody has closed."""
        self.inspections += 1
        if (word := integrity(self.database)) != "ok":
            self.damages.append(f"after fault {len(self.faults)}: {word}")

    def _freeze(self, step: Step) -> None:
        process = self.processes[step.victim]
        process.tell(signal.SIGSTOP)

        async def thaw() -> None:
            await asyncio.sleep(step.lasts_s)
            process.tell(signal.SIGCONT)

        task = asyncio.create_task(thaw())
        self._thawing.add(task)
        task.add_done_callback(self._thawing.discard)

    async def _outage(self, step: Step) -> None:
        assert self.server is not None, "only a trial on Postgres has outages"
        await asyncio.to_thread(lambda server: server.stop(crash=True), self.server)
        await asyncio.sleep(step.lasts_s / 4)
        await asyncio.to_thread(self.server.start)


def integrity(database: str) -> str:
    """SQLite's own word on its file."""
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
        return str(connection.execute("pragma integrity_check").fetchone()[0])


@asynccontextmanager
async def assembled(trial: Trial, home: Path) -> AsyncIterator[Fleet]:
    """All processes at work; on the way out none is left."""
    with ExitStack() as undo:
        server = None
        database = f"sqlite:///{home / 'solo' / 'data' / 'windmill-lite.db'}"
        if trial.database == "postgres":
            server = PostgresServer()
            await asyncio.to_thread(server.start)
            undo.callback(server.close)
            database = await asyncio.to_thread(server.create_database, NAME)
            if trial.clocks:
                await asyncio.to_thread(server.execute, NAME, _CLOCK)
        fleet = Fleet(trial, home, database, server)
        undo.push(fleet.end)
        await fleet.start()
        yield fleet


@contextmanager
def orphans_come_here() -> Iterator[None]:
    """What outlives its parent becomes our child, whoever started it, so that it can be seen."""
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(_SUBREAPER, 1, 0, 0, 0) == 0
    try:
        yield
    finally:
        libc.prctl(_SUBREAPER, 0, 0, 0, 0)


def orphans(expected: set[int]) -> list[int]:
    """Our living children but those; the dead ones are buried."""
    found = [pid for pid in children(os.getpid()) if pid not in expected]
    for pid in found:
        if not alive(pid):
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
    return [pid for pid in found if alive(pid)]


def free_port() -> int:
    """One that stays free while whoever listens there is away."""
    start = os.getpid() % len(_PORTS)
    for number in range(len(_PORTS)):
        port = _PORTS[(start + number) % len(_PORTS)]
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")
