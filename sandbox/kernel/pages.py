"""Memory that every cell inherits: in huge pages where the machine has them, in few mappings.

A fork copies an entry for each page (4 KiB) that its process has written, and the end of the child
gives each of them back; of a huge page (2 MiB) it is one entry. What a cell then writes is copied
in small pages all the same.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

_HUGE_BYTES: Final = 2 << 20
_MADV_COLLAPSE: Final = 25  # Linux 6.1
_READ, _WRITE, _EXECUTE = 1, 2, 4  # of mprotect
#: Of the C library: one that is larger is mapped apart, none is smaller.
_LARGEST_PIECE: Final = 100_000
#: GNU's has 60 KB of gaps after a start. Another library may know no end, and be asked for ever.
_GAPS_BYTES_MAX: Final = 1 << 20
#: CPython's small pieces. It has them in pools, some of which are free after a start.
_POOLED_BYTES: Final = 512
_POOLED_STEP: Final = 16
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_LARGE: Final = 1 << 29  # an integer that takes 28 bytes, and is not kept ready
_PIECES: Final = (65_536, 16_384, 4_096, *range(1_032, 23, -16))


def collapse() -> int:
    """Make huge pages of this process's own memory; how many were made. Where it cannot be done,
    nothing changes.
    """
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    places = [at for start, stop in _own() for at in _whole(start, stop)]
    return sum(advise(at, _HUGE_BYTES, _MADV_COLLAPSE) == 0 for at in places)


def join_segments() -> None:
    """Leave of the five mappings of each library (head, code, constants, what is fixed once linked,
    variables) two, what can be run and what can be written, as linkers had it until 2018: a fork
    copies each mapping. Whoever could write to those runs code of its own choice already.

    A fork parts neighbours for good, so it is to be called before each. Where the machine forbids
    it, nothing changes.
    """
    protect = ctypes.CDLL(None).mprotect
    protect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for low, high in itertools.pairwise(_mappings()):
        size = low.stop - low.start
        if (low.file, low.stop, low.offset + size) != (high.file, high.start, high.offset):
            continue
        match low.access, high.access:
            case "r--p", "rw-p":
                protect(low.start, size, _READ | _WRITE)
            case "r--p", "r-xp":
                protect(low.start, size, _READ | _EXECUTE)
            case "r-xp", "r--p":
                protect(high.start, high.stop - high.start, _READ | _EXECUTE)


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


def fill_pools() -> list[object]:
    """The same for the interpreter's own pieces of up to 512 bytes, as long as these are kept."""
    used = _present()
    taken: list[object] = []
    left = _GAPS_BYTES_MAX
    for size in range(_POOLED_BYTES, 0, -_POOLED_STEP):  # larger ones first: whole pools are free
        while left > 0:
            left -= size
            taken.append(_piece(size, left))
            if id(taken[-1]) // _PAGE_BYTES not in used:
                break
    return taken


def _present() -> set[int]:
    """The numbers of the pages of this process's own memory that have been written."""
    pages: set[int] = set()
    with Path("/proc/self/pagemap").open("rb", buffering=0) as table:
        for start, stop in _own():
            first = start // _PAGE_BYTES
            words = array(
                "Q", os.pread(table.fileno(), (stop - start) // _PAGE_BYTES * 8, first * 8)
            )
            pages.update(first + at for at, word in enumerate(words) if word >> 63)
    return pages


def _piece(size: int, number: int) -> object:
    """Something that is of this size and of no other's, and that no collection looks at."""
    if size > sys.getsizeof(b""):
        return bytes(size - sys.getsizeof(b""))
    return object() if size <= object().__sizeof__() else _LARGE + number


def _own() -> Iterator[tuple[int, int]]:
    """Where memory starts and stops that is written, and of no file."""
    for each in _mappings():
        if each.access == "rw-p" and each.file in ("", "[heap]"):
            yield each.start, each.stop


class _Mapping(NamedTuple):
    start: int
    stop: int
    access: str
    offset: int  # in the file
    file: str


def _mappings() -> Iterator[_Mapping]:
    """All of this process's memory, by address."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, access, offset, _, _, *file = line.split(maxsplit=5)
        start, stop = (int(word, 16) for word in span.split("-"))
        yield _Mapping(start, stop, access, int(offset, 16), "".join(file))


def _whole(start: int, stop: int) -> range:
    """The huge pages that lie inside."""
    first = -(-start // _HUGE_BYTES) * _HUGE_BYTES
    return range(first, stop - _HUGE_BYTES + 1, _HUGE_BYTES)
