"""Sets of packages that are kept imported, each in a fork server of its own.

A script that imports pandas pays its import with every run. So a set of packages that runs again
within minutes gets a fork server whose cells find imported what the script imports first; it is
started beside the runs, which take the ordinary one until it is there. One serves a workspace, a
set and a list of modules: whatever its packages do while they are imported, they would do in every
cell that it makes. Number and memory are bounded, and one that nobody uses ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sandbox import Cell, Exit, ForkServer, Packages, Unfit
from windmill_lite.model import limits

log = logging.getLogger(__name__)

Key = tuple[str, Packages]
#: Nothing that is imported may start threads: a fork would lose them.
WARM_ENV: Final = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
}


@dataclass(slots=True)
class _Set:
    """`server` None: it is starting, or cannot be had."""

    used_at: list[float] = field(default_factory=list)
    server: ForkServer | None = None
    starting: asyncio.Task[None] | None = None
    unfit: bool = False
    busy: int = 0
    bytes: int = 0
    idle: asyncio.TimerHandle | None = None


@dataclass(slots=True)
class Warm:
    """A server that is lent."""

    server: ForkServer
    broken: bool = False

    async def run(self, cell: Cell, on_output: Callable[[bytes], None]) -> Exit:
        end = await self.server.run(cell, on_output)
        self.broken = end.reason == "broken"
        return end


class WarmSets:
    """Those of one worker. `made` makes a fork server that is not started; `most` may be 0."""

    def __init__(self, made: Callable[[Packages], ForkServer], *, most: int) -> None:
        self._made = made
        self._most = most
        self._sets: OrderedDict[Key, _Set] = OrderedDict()  # used last comes last
        self._ending: set[asyncio.Task[None]] = set()
        self._until_s: float | None = None

    @asynccontextmanager
    async def server(self, key: Key) -> AsyncIterator[Warm | None]:
        """One that has the set imported, for a run; None when there is none now."""
        server = self._take(key) if self._most else None
        if server is None:
            yield None
            return
        warm = Warm(server)
        try:
            yield warm
        finally:
            self._give_back(key, broken=warm.broken)

    def _take(self, key: Key) -> ForkServer | None:
        found = self._sets.setdefault(key, _Set())
        self._sets.move_to_end(key)
        self._count(found)
        if found.server is None:
            often = len(found.used_at) >= limits.WARM_USES
            if often and found.starting is None and not found.unfit:
                found.starting = asyncio.create_task(self._start(key, found))
            return None
        found.busy += 1
        if found.idle is not None:
            found.idle.cancel()
        return found.server

    def _give_back(self, key: Key, *, broken: bool) -> None:
        """A server that broke is not used again: the next runs do without."""
        found = self._sets.get(key)
        if found is None:
            return
        found.busy -= 1
        if broken:
            found.unfit = True
        if found.busy == 0 and broken:
            self._end(found)
        elif found.busy == 0:
            loop = asyncio.get_running_loop()
            found.idle = loop.call_later(limits.WARM_IDLE_S, self._end, found)

    def trust_until(self, at_s: float) -> None:
        """As the ordinary server: see there."""
        self._until_s = at_s
        for each in self._sets.values():
            if each.server is not None:
                each.server.trust_until(at_s)

    async def close(self) -> None:
        """Ends all, with whatever runs in them."""
        for each in self._sets.values():
            if each.starting is not None:
                each.starting.cancel()
            self._end(each)
        self._sets.clear()
        while self._ending:
            await asyncio.wait(self._ending)

    def _count(self, found: _Set) -> None:
        now = asyncio.get_running_loop().time()
        recent = [at for at in found.used_at if now - at < limits.WARM_USES_S]
        found.used_at = [*recent, now][-limits.WARM_USES :]
        while len(self._sets) > limits.WARM_KNOWN_MAX:
            known = next((key for key, each in self._sets.items() if each.server is None), None)
            if known is None or self._sets[known].starting is not None:
                break
            del self._sets[known]

    async def _start(self, key: Key, found: _Set) -> None:
        server = self._made(key[1])
        try:
            if self._until_s is not None:
                server.trust_until(self._until_s)
            await server.start()
            found.bytes = await asyncio.to_thread(_held_bytes, server.pid)
        except Unfit as unfit:
            log.info("the packages of %s are not kept imported: %s", key[1].directory, unfit)
            found.unfit = True
            await server.stop()
        except asyncio.CancelledError:
            await server.stop()
            raise
        else:
            found.server = server
            found.idle = asyncio.get_running_loop().call_later(limits.WARM_IDLE_S, self._end, found)
            self._make_room(found)
        finally:
            found.starting = None

    def _make_room(self, newest: _Set) -> None:
        """Those that were used the longest ago end, as long as there are too many, or too large."""
        warm = [each for each in self._sets.values() if each.server is not None]
        held_bytes = sum(each.bytes for each in warm)
        count = len(warm)
        for each in warm:
            if count <= self._most and held_bytes <= limits.WARM_BYTES_MAX:
                return
            if each is newest or each.busy:
                continue
            count -= 1
            held_bytes -= each.bytes
            self._end(each)

    def _end(self, found: _Set) -> None:
        if found.idle is not None:
            found.idle.cancel()
            found.idle = None
        server, found.server, found.bytes = found.server, None, 0
        if server is not None:
            task = asyncio.create_task(server.stop())
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)


def _held_bytes(pid: int | None) -> int:
    """Memory of a fork server: of the process, and of the one it became in its room.

    Fails: `Unfit` when it is more than all sets together may hold.
    """
    if pid is None:
        return 0
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    held = 0
    for each in (str(pid), *below):
        for line in Path(f"/proc/{each}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                held += int(line.split()[1]) * 1024
    if held > limits.WARM_BYTES_MAX:
        raise Unfit(f"they hold {held} bytes of memory")
    return held
