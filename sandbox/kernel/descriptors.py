"""Descriptors that stay, and the many that do not."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Sequence
from os import closerange
from typing import Final

_ABOVE: Final = 256  # all numbers that anything else is put at
LOW: Final = 8  # the numbers below are those that a cell's descriptors are put at


def out_of_the_way(fds: Sequence[int]) -> tuple[int, ...]:
    """The same open files at numbers where they disturb nobody; no program inherits them."""
    moved = tuple(fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _ABOVE) for fd in fds)
    for fd in fds:
        os.close(fd)
    return moved


def clear_low() -> None:
    """Whatever is opened from now on lands above the numbers that a cell's descriptors are put at,
    so that a child can put each where it belongs at once.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(3, LOW):
        if number != null:
            os.dup2(null, number, inheritable=False)
    if null >= LOW:
        os.close(null)


def close_from(first: int, held: Sequence[int]) -> None:
    """Close everything from `first` on but what is `held`."""
    for fd in sorted(held) if held else ():
        closerange(first, fd)
        first = fd + 1
    closerange(first, 1 << 16)
