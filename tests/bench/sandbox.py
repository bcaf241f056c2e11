"""What a job that does nothing costs in its cell, by level and language: no server, no database.

`python -m tests.bench.sandbox [level ...]`; without a level all three. For each language one cell
at a time and eight at once: milliseconds and units of U (see _machine.py), cells per second,
processor time and memory of a cell, and processor time of the client.
"""

from __future__ import annotations

import itertools
import resource
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import uvloop

from sandbox import LEVELS, Cell, ForkServer
from tests._toolchains import built, toolchains
from tests.bench._machine import Spread, machine, sized, unit_s
from tests.bench._processes import below, cpu_s
from tests.bench.queue.work import at_once
from tests.sandbox.conftest import launcher as readable
from windmill_lite.base.frozen import launcher
from windmill_lite.model import limits
from windmill_lite.runtimes import (
    WARM_MODULES,
    Call,
    Runtime,
    Success,
    entry_module,
    outcome_of,
    runtimes_with,
)

#: By what is run; a network that is "none" is empty.
SCRIPTS: Mapping[str, tuple[str, str, str]] = {
    "python3": ("python3", "host", "def main(x: int): return x\n"),
    "python3, no network": ("python3", "none", "def main(x: int): return x\n"),
    "bash": ("bash", "host", 'echo "$1"\n'),
    "typescript": ("bun", "host", "export const main = (x: number) => x\n"),
}
JOBS = sized(120, 12)


@dataclass(slots=True)
class Row:
    """Of cells that ran so many at once."""

    name: str
    at_once: int
    spent_s: list[float] = field(default_factory=list)
    wall_s: float = 0.0
    inside_s: float = 0.0  # processor time of the fork server and of cells
    client_s: float = 0.0
    peak_bytes: int = 0

    def text(self, unit: float) -> str:
        spread, count = Spread(self.spent_s), len(self.spent_s)
        p50, p99 = spread.at(0.5), spread.at(0.99)
        return (
            f"{self.name:<36} {self.at_once:2}  {p50 * 1e3:7.2f} {p50 / unit:6.2f} "
            f"{p99 / unit:6.2f} {count / self.wall_s:7.0f} "
            f"{self.inside_s / count * 1e3:7.2f} {self.inside_s / count / unit:6.3f} "
            f"{self.client_s / count * 1e3:7.2f} {self.peak_bytes / 1e6:7.0f}"
        )


HEAD = (
    f"{'':<36} {'by':>2}  {'p50 ms':>7} {'p50 U':>6} {'p99 U':>6} {'/s':>7} "
    f"{'CPU ms':>7} {'CPU U':>6} {'client':>7} {'peak MB':>7}"
)


@asynccontextmanager
async def serving(level: str) -> AsyncIterator[ForkServer]:
    server = ForkServer(
        # Root without namespaces runs cells as users who must be able to read this Python.
        (readable(level)[0], *launcher("forkserver", site=False)[1:]),
        entry_module(),
        level,
        preload=WARM_MODULES,
        shared=(str(toolchains().root), str(built().root)),
    )
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def measured(
    server: ForkServer, cell_of: Callable[[int], Cell], name: str, lanes: int
) -> Row:
    row, numbers = Row(name, lanes), itertools.count()

    async def once() -> None:
        number = next(numbers)
        cell = cell_of(number)
        end = await server.run(cell, lambda _: None)
        assert isinstance(outcome_of(cell, end), Success), end
        row.peak_bytes = max(row.peak_bytes, end.memory_peak_bytes)

    await at_once(lanes, 10, once)
    pids = below(server.pid or 0)
    inside, own, began = sum(map(cpu_s, pids)), _own_s(), time.perf_counter()
    row.spent_s = await at_once(lanes, JOBS, once)
    row.wall_s = time.perf_counter() - began
    row.inside_s, row.client_s = sum(map(cpu_s, pids)) - inside, _own_s() - own
    return row


def _own_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _cells(runtime: Runtime, what: str) -> Callable[[int], Cell]:
    """Of a script that is built, where it needs to be."""
    _, network, code = SCRIPTS[what]

    def cell_of(number: int) -> Cell:
        call = Call(f"{number}", code, "f/bench/noop", f'{{"x":{number}}}', {}, timeout_s=60)
        cell = runtime.command(replace(call, result_bytes_max=limits.RESULT_BYTES_MAX))
        return replace(cell, network=network)  # type: ignore[arg-type]

    return cell_of


async def measure(levels: Sequence[str]) -> None:
    before, rows = unit_s(), []
    runtimes = {each.language: each for each in runtimes_with(toolchains(), built())}
    for level in levels:
        async with serving(level) as server:
            for what, (language, network, _) in SCRIPTS.items():
                if not runtimes[language].probe().available:
                    continue
                if network == "none" and level == "process":
                    continue  # it cannot take the network away
                for lanes in (1, 8):
                    cell_of = _cells(runtimes[language], what)
                    rows.append(await measured(server, cell_of, f"{level}: {what}", lanes))
    unit = (before + unit_s()) / 2
    print(f"\nA no-op job in its cell\n{machine()}\nU = {unit * 1e3:.2f} ms\n{HEAD}")
    for row in rows:
        print(row.text(unit))


if __name__ == "__main__":
    uvloop.run(measure(sys.argv[1:] or LEVELS))
