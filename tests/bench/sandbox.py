"""How long a no-op Python job takes from a cell to its result, without server and database.

`python -m tests.bench.sandbox [level] [jobs]`. Prints milliseconds and units of U: one `python -c`
process that computes fibo(10) from a clean environment, measured before and after in the same run.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import resource
import statistics
import subprocess
import sys
import time

import uvloop

from sandbox import ForkServer, source_launcher
from tests._toolchains import built, toolchains
from tests.bench._processes import below, cpu_s
from windmill_lite.runtimes import (
    WARM_MODULES,
    Call,
    Python,
    Success,
    entry_module,
    outcome_of,
)

FIBO = "f=lambda n:n if n<2 else f(n-1)+f(n-2); print(f(10))"
NO_OP = "def main(x: int = 1):\n    return {'x': x}\n"


def unit_ms(times: int = 20) -> float:
    """U, the median of some."""
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run(
            [os.path.realpath(sys.executable), "-c", FIBO], env={}, check=True, capture_output=True
        )
        spent.append(time.perf_counter() - start)
    return statistics.median(spent) * 1000


async def one(server: ForkServer, number: int) -> float:
    start = time.perf_counter()
    call = Call(f"{number}", NO_OP, "f/bench/noop", f'{{"x":{number}}}', {}, timeout_s=60)
    cell = Python(toolchains(), built()).command(call)
    outcome = outcome_of(cell, await server.run(cell, lambda _: None))
    assert outcome == Success(f'{{"x":{number}}}'), outcome
    return (time.perf_counter() - start) * 1000


async def at_once(server: ForkServer, jobs: int, lanes: int) -> tuple[list[float], float]:
    """Milliseconds of every job, and jobs per second."""

    async def lane(numbers: range) -> list[float]:
        return [await one(server, number) for number in numbers]

    start = time.perf_counter()
    spent = await asyncio.gather(*(lane(range(first, jobs, lanes)) for first in range(lanes)))
    return sorted(itertools.chain.from_iterable(spent)), jobs / (time.perf_counter() - start)


async def measure(level: str, jobs: int) -> None:
    before = unit_ms()
    server = ForkServer(source_launcher(), entry_module(), level, preload=WARM_MODULES)
    start = time.perf_counter()
    await server.start()
    pids = below(server.pid or 0)
    print(f"level {server.level}, ready in {(time.perf_counter() - start) * 1000:.0f} ms")
    await at_once(server, 20, 1)
    rows = []
    for lanes in (1, 2, 4, 8):
        cpu = sum(map(cpu_s, pids))
        own = resource.getrusage(resource.RUSAGE_SELF)
        spent, rate = await at_once(server, jobs, lanes)
        now = resource.getrusage(resource.RUSAGE_SELF)
        ours = now.ru_utime + now.ru_stime - own.ru_utime - own.ru_stime
        inside = (sum(map(cpu_s, pids)) - cpu) / jobs * 1000
        rows.append((lanes, spent, rate, inside, ours / jobs * 1000))
    await server.stop()
    unit = (before + unit_ms()) / 2
    print(f"U = {unit:.2f} ms ({before:.2f} before)")
    print("at once   p50 ms   p99 ms    p50/U   jobs/s   cpu/job in cells, client (ms)")
    for lanes, spent, rate, inside, ours in rows:
        p50, p99 = statistics.median(spent), spent[int(len(spent) * 0.99) - 1]
        print(
            f"{lanes:7} {p50:8.2f} {p99:8.2f} {p50 / unit:8.2f} {rate:8.0f}"
            f" {inside:13.2f} {ours:8.2f}"
        )


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else "best"
    uvloop.run(measure(wanted, int(sys.argv[2]) if len(sys.argv) > 2 else 300))
