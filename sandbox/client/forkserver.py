"""ForkServer: runs cells from an asyncio program.

One object per warm parent. `run` answers when nothing of the cell is alive any more, whatever the
cell did to its own output; `cancel`, a timeout, and canceling the task that awaits `run` kill the
cell's whole tree at once. When the fork server dies, running cells end as "broken" and the next
`run` starts it again, a bounded number of times. Everything happens on the thread of the loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.cell import Cell, Exit, Level, Packages, Unfit
from sandbox.client.launch import ENV, Launch
from sandbox.client.scratch import Scratch
from sandbox.client.session import Session
from sandbox.client.standing import Standing

#: What the C library looks up on the first call of a function, each child would look up again.
_BOUND: Final = {"LD_BIND_NOW": "1"}


@dataclass(frozen=True, slots=True)
class Restarts:
    """How often a dead fork server is started again before it is given up."""

    count_max: int = 5
    within_s: float = 60.0


class ForkServer:
    """The client side; see the module.

    `launcher` is an argv prefix, see `source_launcher`, and `entry` the file of the entry module.
    `level` is a Level or "best". `preload` names modules every cell finds imported. `shared` are
    directories cells may mount from. `env` is the server's own environment, None a minimal one;
    cells see nothing of it. `scratch` holds job directories at the levels without a private /tmp.
    With `packages` all cells have these, and there is nothing to mount.
    The descriptors `held` stay open as long as anything of any cell is alive: a lock on such a file
    lets others know, also after this program has died. No list of places leads to a host and port
    that are `barred`.
    """

    def __init__(
        self,
        launcher: Sequence[str],
        entry: Path,
        level: Level | str = "best",
        *,
        preload: Sequence[str] = (),
        shared: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        scratch: Path | None = None,
        held: Sequence[int] = (),
        packages: Packages | None = None,
        barred: Sequence[tuple[str, int]] = (),
        restarts: Restarts | None = None,
    ) -> None:
        self._launcher = tuple(launcher)
        self._env = {**(ENV if env is None else env), **_BOUND}
        self._config = {
            "entry": str(entry),
            "level": level,
            "preload": list(preload),
            "shared": list(shared),
            "packages": packages.directory if packages is not None else "",
            "modules": list(packages.modules) if packages is not None else [],
        }
        self._held = tuple(held)
        self._barred = tuple(barred)
        self._restarts = restarts or Restarts()
        self._scratch = Scratch(scratch)
        self._session: Session | None = None
        self._starting = asyncio.Lock()
        self._started_at: list[float] = []
        self._directories = 0
        self._stopped = False
        self._until_s: float | None = None
        self.level: str = level  # the level in force, once started
        self.why: tuple[str, ...] = ()  # why not a stronger one

    @property
    def alive(self) -> bool:
        """Whether the process is up; `run` starts it when it is not."""
        return self._session is not None and self._session.alive

    @property
    def pid(self) -> int | None:
        """The process as the machine sees it, None when it is not up."""
        return self._session.pid if self._session is not None else None

    async def start(self) -> None:
        """Start the process and try a cell; Unfit says why jobs cannot run. Harmless to repeat."""
        self._stopped = False
        await self._ready()

    async def stop(self) -> None:
        """Kill what runs and wait until the process is gone. Harmless to repeat."""
        self._stopped = True
        async with self._starting:
            if self._session is not None:
                await self._session.close()
                self._session = None
            self._scratch.close()

    async def run(self, cell: Cell, on_output: Callable[[bytes], None]) -> Exit:
        """Run one cell to its end.

        `on_output` gets output and error output as they come, in pieces of at most 64 KiB; it must
        not block. What it raises kills the cell and is raised here. Nothing else is raised: a fork
        server that cannot be started is an Exit with reason "broken".
        """
        try:
            return await self._run_in(await self._ready(), cell, on_output)
        except Unfit as error:
            return Exit(reason="broken", level=self.level, detail=str(error))

    def stand(self, cell: Cell) -> Standing:
        """Start a cell that stands by; see standing.py. `result_bytes_max` bounds each answer, and
        the cell has no time limit of its own. Must be closed.
        """

        async def live(standing: Standing) -> Exit:
            try:
                session = await self._ready()
                return await self._run_in(session, cell, standing.heard, standing=standing)
            except Unfit as error:
                return Exit(reason="broken", level=self.level, detail=str(error))

        return Standing(live, cell.result_bytes_max)

    def cancel(self, cell_id: str) -> bool:
        """Kill a cell and all it started; its `run` answers "canceled". False if there is none."""
        return self._session is not None and self._session.cancel(cell_id)

    def trust_until(self, at_s: float) -> None:
        """From now on cells live no longer than to this moment, and none begins after it, unless a
        later one is told before: also when this program is stopped or hangs, and cannot end them.
        They end as "guard". Without a first call there is no such moment.

        Seconds of CLOCK_BOOTTIME, which does not pause while the machine is suspended.
        """
        self._until_s = at_s
        if self._session is not None:
            self._session.trust_until(at_s)

    async def _ready(self) -> Session:
        async with self._starting:
            if self._session is not None and self._session.alive:
                return self._session
            if self._stopped:
                raise Unfit("the fork server was stopped")
            if self._session is not None:
                await self._session.close()
                self._session = None
            self._count_start()
            launch = Launch(self._launcher, self._env, self._config, held=self._held)
            session = Session(launch, self._barred)
            try:
                await session.open()
                self.level, self.why = session.level, session.why
                await self._check(session)
            except BaseException:
                await session.close()
                raise
            if self._until_s is not None:  # the check is no work that anybody else might do
                session.trust_until(self._until_s)
            self._session = session
            return session

    def _count_start(self) -> None:
        now = time.monotonic()
        policy = self._restarts
        self._started_at = [at for at in self._started_at if now - at < policy.within_s]
        if len(self._started_at) > policy.count_max:
            times = len(self._started_at)
            raise Unfit(f"the fork server died {times} times within {policy.within_s:.0f} s")
        self._started_at.append(now)

    async def _check(self, session: Session) -> None:
        """A cell that reads what every job will read."""
        cell = Cell(id="check", env={}, request=b"", timeout_s=20.0)
        end = await self._run_in(session, cell, lambda _: None, check=True)
        if end.reason != "exited" or end.code != 0:
            raise Unfit(f"a first cell failed: {end.detail or end}")
        if end.result:
            raise Unfit(end.result.decode(errors="replace"))

    async def _run_in(
        self,
        session: Session,
        cell: Cell,
        on_output: Callable[[bytes], None],
        *,
        check: bool = False,
        standing: Standing | None = None,
    ) -> Exit:
        if session.level == "namespaces":
            return await session.run(cell, "", on_output, check=check, standing=standing)
        self._scratch.open()
        self._directories += 1
        directory = self._scratch.directory(self._directories)
        try:
            return await session.run(cell, directory, on_output, check=check, standing=standing)
        finally:
            await self._scratch.remove(directory)
