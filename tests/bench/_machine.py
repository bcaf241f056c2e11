"""What every benchmark prints first, and the unit it measures in.

**U** is the time of one `python -c 'fibo(10)'` from a clean environment: the price of a process. It
is measured before and after, so that numbers of busy machines can be compared as ratios.

With `BENCH=brief` in the environment everything is done a few times only: that it cannot rot.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

FIBO = "def fibo(n): return n if n < 2 else fibo(n-1) + fibo(n-2)\nfibo(10)"


def sized(full: int, brief: int) -> int:
    """How many of something, or how large."""
    return brief if os.environ.get("BENCH") == "brief" else full


def unit_s(rounds: int = sized(15, 1)) -> float:
    """The median of a few runs, after one to warm the disk."""
    command = [sys.executable, "-I", "-c", FIBO]

    def once() -> float:
        began = time.perf_counter()
        subprocess.run(command, env={"PATH": "/usr/bin:/bin"}, check=True)
        return time.perf_counter() - began

    once()
    return statistics.median(once() for _ in range(rounds))


def machine() -> str:
    """Processors, system, Python, commit."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    ).stdout.strip()
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    return (
        f"{cores} processors, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, commit {commit or 'unknown'}, load {load:.1f}"
    )


@dataclass(frozen=True)
class Spread:
    """Seconds."""

    values: Sequence[float]

    def at(self, share: float) -> float:
        ordered = sorted(self.values)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Report:
    """Prints rows in seconds and in U, the mean of the U before and the U after."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._before = unit_s()
        self._rows: list[Callable[[float], str]] = []

    def spread(self, name: str, values: Sequence[float]) -> None:
        spread = Spread(values)
        p50, p95, p99 = spread.at(0.5), spread.at(0.95), spread.at(0.99)
        self._rows.append(
            lambda u: (
                f"{name:<44} p50 {p50 * 1e3:8.2f} ms = {p50 / u:5.2f} U   "
                f"p95 {p95 * 1e3:8.2f}   p99 {p99 * 1e3:8.2f} = {p99 / u:5.2f} U   "
                f"min {min(values) * 1e3:.2f}"
            )
        )

    def rate(self, name: str, count: int, seconds: float) -> None:
        self._rows.append(
            lambda u: (
                f"{name:<44} {count / seconds:8.0f} /s   "
                f"{seconds / count / u:5.2f} U each   ({count} in {seconds:.2f} s)"
            )
        )

    def cpu(self, name: str, count: int, seconds: float) -> None:
        """Processor time of so many jobs together."""
        each = seconds / count
        self._rows.append(lambda u: f"{name:<44} {each * 1e3:8.2f} ms = {each / u:5.3f} U each")

    def fact(self, name: str, text: str) -> None:
        self._rows.append(lambda _: f"{name:<44} {text}")

    def print(self) -> None:
        after = unit_s()
        unit = (self._before + after) / 2
        print(f"\n{self._title}\n{machine()}")
        print(f"U = {unit * 1e3:.2f} ms (before {self._before * 1e3:.2f}, after {after * 1e3:.2f})")
        for row in self._rows:
            print(row(unit))
