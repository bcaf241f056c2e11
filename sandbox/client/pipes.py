"""Bounded reading of what a cell writes, on any asyncio loop.

A pipe is read in pieces of 64 KiB as they come; a cell that writes faster than its reader takes
waits in its own `write`. Reading never waits for the end of file: a process that outlives its cell
may hold the other end for ever. So we hold it, too, and nobody wakes us to say that it has come.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Final

_PIECE_BYTES: Final = 64 << 10
#: A pipe holds at most this much (pipe-max-size); more after the end is somebody else's.
_REST_BYTES_MAX: Final = 1 << 20


class Drain:
    """Hands every piece to `take` until `finish` is called."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        take: Callable[[bytes], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._loop = loop
        self._take = take
        self._failed = failed
        self._fd, self.write_end = os.pipe2(os.O_CLOEXEC)  # the latter is to be given to the cell
        os.set_blocking(self._fd, False)
        loop.add_reader(self._fd, self._read)

    def catch_up(self) -> None:
        """Take what is in the pipe by now."""
        left = _REST_BYTES_MAX
        while left > 0 and (size := self._read()):
            left -= size

    def finish(self) -> None:
        """The cell is dead: take what is still in the pipe and close it. Harmless to repeat."""
        self.catch_up()
        if self._fd >= 0:
            # uvloop: a descriptor closed before its reader is removed stays open.
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            os.close(self.write_end)
            self._fd = -1

    def _read(self) -> int:
        """Bytes taken, 0 when there are none at the moment."""
        if self._fd < 0:
            return 0
        try:
            piece = os.read(self._fd, _PIECE_BYTES)
        except BlockingIOError:
            return 0
        try:
            self._take(piece)
        except Exception as error:  # noqa: BLE001 - belongs to whoever waits for the cell
            self._failed(error)
        return len(piece)


class Bounded:
    """Keeps bytes up to a ceiling; beyond it all is dropped and `overflown` is set."""

    def __init__(self, bytes_max: int) -> None:
        self._left = bytes_max
        self._pieces: list[bytes] = []
        self.overflown = False

    def take(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            self.overflown = True
            self._pieces.clear()
        else:
            self._pieces.append(piece)

    def value(self) -> bytes | None:
        """What was written, None if nothing was or it was too much."""
        return b"".join(self._pieces) if self._pieces else None
