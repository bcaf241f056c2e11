"""Memory that is freed goes back to the machine.

The C library keeps what was freed for the next who asks, and learns from large buffers that larger
ones are to be kept, too: between small things that stay, megabytes of results stay reserved for
ever. So large buffers get pages of their own, which go back when they are freed, and threads share
one heap (they take turns in the interpreter anyway).

Small things that are freed between others stay with the library, too: each crowd leaves some, and a
process that serves for months keeps the sum of them. `Tidy` hands whole free pages back once a
minute: 0.6 ms for a heap of 40 MB.
"""

from __future__ import annotations

import ctypes
from typing import Final

from windmill_lite.base.service import Ticker

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # of mallopt(3)
_LARGE_BYTES: Final = 128 << 10
_HEAPS: Final = 1
_TIDY_S: Final = 60.0


def give_back_freed() -> bool:
    """For this process, before it starts threads. False where the C library has no such setting."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(_ARENA_MAX, _HEAPS)) and bool(mallopt(_MMAP_THRESHOLD, _LARGE_BYTES))


class Tidy(Ticker):
    """Does nothing where the C library keeps nothing."""

    name = "base.tidy"

    async def tick(self) -> float:
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
        return _TIDY_S
