"""The product under a clock that somebody sets: `python -m tests.roles.kills.clocked <file> ...`.

The file says by how many seconds the time of day is wrong at this moment; it is read whenever the
process asks for the time. Monotonic clocks stay right, as they do when the clock of a machine is
set. Not by preloading a library: those at hand hang a process with threads.
"""

from __future__ import annotations

import os
import runpy
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from windmill_lite.base.clock import SystemClock

_WORD = "{:+09d}\n"  # always as long, so that a write is never seen by half


def set_clock(path: Path, seconds: int) -> None:
    """By how much the clock of the process with this file is wrong from now on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(descriptor, _WORD.format(seconds).encode(), 0)
    finally:
        os.close(descriptor)


def run_with(path: Path) -> None:
    """From here on this process reads the clock of the file."""
    descriptor = os.open(path, os.O_RDONLY)
    right_s, right_ns = time.time, time.time_ns

    def wrong_s() -> int:
        return int(os.pread(descriptor, 20, 0))

    def now(self: SystemClock) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=wrong_s())

    time.time = lambda: right_s() + wrong_s()
    time.time_ns = lambda: right_ns() + wrong_s() * 10**9
    SystemClock.now = now  # type: ignore[method-assign]


if __name__ == "__main__":
    run_with(Path(sys.argv[1]))
    sys.argv = [sys.argv[0], *sys.argv[2:]]
    runpy.run_module("windmill_lite", run_name="__main__")
