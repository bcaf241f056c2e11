"""What processes cost: of this machine's /proc."""

from __future__ import annotations

import os
from pathlib import Path


def cpu_s(pid: int) -> float:
    """Processor time of a process and of the children it waited for, seconds."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = sum(int(word) for word in words[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def below(pid: int) -> list[int]:
    """The process and all that descend from it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it ended just now
        return [pid]
    return [pid, *(p for child in children for p in below(int(child)))]


def tree_cpu_s(*roots: int) -> float:
    """Processor time of whole families: what ended is counted by who waited for it."""
    total = 0.0
    for pid in {each for root in roots for each in below(root)}:
        try:
            total += cpu_s(pid)
        except (FileNotFoundError, ProcessLookupError):  # it ended just now, or as it was read
            continue
    return total
