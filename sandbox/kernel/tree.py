"""Process trees, read from /proc: who descends from whom, what they hold, how to end them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_PASSES_MAX: Final = 2000  # with the pause about 2 s
_PAUSE_S: Final = 0.001


def descendants(pid: int) -> list[int]:
    """Every process below `pid`, parents before children."""
    found = children(pid)
    for child in found:
        found.extend(children(child))
    return found


def children(pid: int) -> list[int]:
    """The processes whose parent is `pid`, zombies too; none if it is gone."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208
    except OSError:
        return []
    found: list[int] = []
    for task in tasks:
        try:
            text = Path(f"/proc/{pid}/task/{task}/children").read_text()
        except FileNotFoundError:
            if not Path("/proc/self/task", str(os.getpid()), "children").exists():
                return _children_by_scan(pid)
        except OSError:
            continue
        else:
            found.extend(int(word) for word in text.split())
    return found


def _children_by_scan(pid: int) -> list[int]:
    """For kernels built without CONFIG_PROC_CHILDREN."""
    found: list[int] = []
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                after_name = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2]
                if int(after_name.split()[1]) == pid:
                    found.append(int(name))
    return found


def resident_bytes(pid: int) -> int:
    """Memory in use; pages shared with other processes count fully."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES
    except (OSError, IndexError):
        return 0


def proportional_bytes(pid: int) -> int:
    """Memory in use; a shared page counts as its share. Costs a walk over the page tables."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return resident_bytes(pid)


def exceeds(pid: int, limit_bytes: int) -> bool:
    """Whether `pid` and all below it hold more than the limit.

    The cheap sum first: it counts what a fork shares with its parent twice, so it is never too low.
    """
    pids = [pid, *descendants(pid)]
    if sum(map(resident_bytes, pids)) <= limit_bytes:
        return False
    return sum(map(proportional_bytes, pids)) > limit_bytes


def send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def alive(pid: int) -> bool:
    """Whether the process still does something; False for one that only waits to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (OSError, IndexError):
        return False


def end(victims: Callable[[], list[int]], reap: Callable[[], None]) -> bool:
    """Kill what `victims` names until it names nobody; False if somebody outlived every pass.

    All are stopped before any is killed: a process that forks as fast as it is killed would else
    win.
    """
    for _ in range(_PASSES_MAX):
        pids = [pid for pid in victims() if alive(pid)]
        if not pids:
            return True
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in pids:
                send(pid, number)
        reap()
        time.sleep(_PAUSE_S)
    return False


def tasks_of_user(uid: int) -> int:
    """Processes and threads of a user on this machine: what RLIMIT_NPROC is compared with."""
    count = 0
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdigit():
            with contextlib.suppress(OSError):
                if os.stat(f"/proc/{name}").st_uid == uid:  # noqa: PTH116
                    count += len(os.listdir(f"/proc/{name}/task"))  # noqa: PTH208
    return count
