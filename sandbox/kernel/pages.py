"""Memory that every cell inherits, in huge pages where the machine has them.

A fork copies an entry for each page (4 KiB) that its process has written, and the end of the child
gives each of them back; of a huge page (2 MiB) it is one entry. What a cell then writes is copied
in small pages all the same.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_HUGE_BYTES: Final = 2 << 20
_MADV_COLLAPSE: Final = 25  # Linux 6.1
#: Of the C library: one that is larger is mapped apart, none is smaller.
_LARGEST_PIECE: Final = 100_000
#: GNU's has 60 KB of gaps after a start. Another library may know no end, and be asked for ever.
_GAPS_BYTES_MAX: Final = 1 << 20
_PIECES: Final = (65_536, 16_384, 4_096, 1_024, 512, 256, 128, 64, 24)


def collapse() -> int:
    """Make huge pages of this process's own memory; how many were made. Where it cannot be done,
    nothing changes.
    """
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    places = [at for start, stop in _own() for at in _whole(start, stop)]
    return sum(advise(at, _HUGE_BYTES, _MADV_COLLAPSE) == 0 for at in places)


def fill_gaps() -> None:
    """Take what is free among the memory in use, so that what a cell allocates lies together at its
    end: else every piece, and each in the lists of free ones, is on a page that must be copied.
    """
    allocate = ctypes.CDLL(None).malloc
    allocate.restype, allocate.argtypes = ctypes.c_size_t, (ctypes.c_size_t,)
    end = allocate(_LARGEST_PIECE)
    left = _GAPS_BYTES_MAX
    for size in _PIECES:
        while left > 0 and 0 < allocate(size) < end:
            left -= size


def _own() -> Iterator[tuple[int, int]]:
    """Where memory starts and stops that is written, and of no file."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, access, _, _, _, *name = line.split()
        if access == "rw-p" and name in ([], ["[heap]"]):
            start, stop = (int(word, 16) for word in span.split("-"))
            yield start, stop


def _whole(start: int, stop: int) -> range:
    """The huge pages that lie inside."""
    first = -(-start // _HUGE_BYTES) * _HUGE_BYTES
    return range(first, stop - _HUGE_BYTES + 1, _HUGE_BYTES)
