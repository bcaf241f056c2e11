"""What the processes hold and use, looked at from time to time."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench._processes import tree_cpu_s

_WARM = 1 / 3  # of the looks are left out of a slope: caches fill at first


@dataclass(frozen=True)
class Look:
    """At one process."""

    at_s: float
    memory_mb: float
    files: int
    cpu_s: float  # with its children


@dataclass
class Watch:
    """Looks at processes (name -> id)."""

    processes: Mapping[str, int]
    looks: dict[str, list[Look]] = field(default_factory=dict)
    _busy: int = 0  # how many looks were made under load

    async def keep_looking(self, every_s: float) -> None:
        """Under load, until it is canceled."""
        while True:
            self.look()
            self._busy += 1
            await asyncio.sleep(every_s)

    def look(self) -> None:
        for name, pid in self.processes.items():
            seen = Look(time.monotonic(), memory_mb(pid), open_files(pid), tree_cpu_s(pid))
            self.looks.setdefault(name, []).append(seen)

    def told(self) -> dict[str, object]:
        """One line for each process."""
        return {name: _told(looks, self._busy) for name, looks in self.looks.items()}


def memory_mb(pid: int) -> float:
    words = Path(f"/proc/{pid}/statm").read_text().split()
    return int(words[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def open_files(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def slope_mb_an_hour(looks: list[Look]) -> float:
    """How fast memory grows, by least squares over what comes after the warm-up."""
    kept = looks[int(len(looks) * _WARM) :]
    if len(kept) < 2:
        return 0.0
    hours = [look.at_s / 3600 for look in kept]
    return statistics.linear_regression(hours, [look.memory_mb for look in kept]).slope


def _told(looks: list[Look], busy: int) -> str:
    first, under_load, last = looks[0], looks[:busy], looks[-1]
    took_s = under_load[-1].at_s - first.at_s or 1.0
    most_mb, most_files = max(each.memory_mb for each in looks), max(each.files for each in looks)
    return (
        f"memory {first.memory_mb:.0f} -> {last.memory_mb:.0f} MB "
        f"(most {most_mb:.0f}, {slope_mb_an_hour(under_load):+.1f} MB/h), "
        f"files {first.files} -> {last.files} (most {most_files}), "
        f"{100 * (under_load[-1].cpu_s - first.cpu_s) / took_s:.0f} % of a processor"
    )
