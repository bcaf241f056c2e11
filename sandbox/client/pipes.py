"""Bounded reading of what a cell writes, on any asyncio loop.

A pipe is read in pieces of 64 KiB as they come; a cell that writes faster than its reader takes
waits in its own `write`. Reading never waits for the end of file: a process that outlives its cell
may hold the other end for ever.
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
    """Hands every piece to `take` until the pipe ends or `finish` is called."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        take: Callable[[bytes], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._loop = loop
        self._take = take
        self._failed = failed
        self._fd, self._write_end = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self._fd, False)
        loop.add_reader(self._fd, self._ready)

    @property
    def write_end(self) -> int:
        """The descriptor to give to the cell."""
        return self._write_end

    def close_write_end(self) -> None:
        """Once the cell has its copy; harmless to repeat."""
        if self._write_end >= 0:
            os.close(self._write_end)
            self._write_end = -1

    def catch_up(self) -> None:
        """Take what is in the pipe by now."""
        left = _REST_BYTES_MAX
        while left > 0 and (size := self._read()):
            left -= size

    def finish(self) -> None:
        """The cell is dead: take what is still in the pipe and close it."""
        self.catch_up()
        self.close_write_end()
        self._close()

    def _ready(self) -> None:
        if self._read() == 0:
            self._close()

    def _read(self) -> int | None:
        """Bytes taken, 0 at the end, None when there is nothing at the moment."""
        if self._fd < 0:
            return 0
        try:
            piece = os.read(self._fd, _PIECE_BYTES)
        except BlockingIOError:
            return None
        if piece:
            try:
                self._take(piece)
            except Exception as error:  # noqa: BLE001 - belongs to whoever waits for the cell
                self._failed(error)
        return len(piece)

    def _close(self) -> None:
        if self._fd >= 0:
            # uvloop: a descriptor closed before its reader is removed stays open.
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1


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
