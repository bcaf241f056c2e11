"""Children that have ended: how the fork server hears of them and what they used.

Python's own ways are meant for a program that forks now and then. Here every object that is touched
between two forks is on a page that is copied: a handler of SIGCHLD is some ten, `os.wait4`, which
imports a module each time and raises when there is no child, some twenty.
"""

from __future__ import annotations

import ctypes
import os
import struct
from signal import SIG_BLOCK, SIGCHLD, pthread_sigmask
from typing import Final, NamedTuple

_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_SIGSET_BYTES: Final = 128
_CLOSE_ON_EXEC, _NONBLOCKING = 0o2000000, 0o4000
#: The status, and 8 bytes further the beginning of `struct rusage`.
_TOLD: Final = struct.Struct("=i4x5q")
_RUSAGE_AT, _RUSAGE_BYTES = 8, 144
_WNOHANG: Final = int(os.WNOHANG)


class Ended(NamedTuple):
    """A child that was waited for, and all that it had waited for."""

    pid: int
    status: int
    cpu_s: float
    peak_bytes: int


class Children:
    """Of this process. Their signal is blocked from now on, here and in those that it forks."""

    def __init__(self) -> None:
        pthread_sigmask(SIG_BLOCK, (SIGCHLD,))
        mask = (1 << SIGCHLD - 1).to_bytes(_SIGSET_BYTES, "little")
        #: Readable when some may have ended.
        self.woken: int = _LIBC.signalfd(-1, mask, _CLOSE_ON_EXEC | _NONBLOCKING)
        if self.woken < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"signalfd: {os.strerror(number)}")
        self._wait = _LIBC.wait4
        self._wait.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
        self._told = ctypes.create_string_buffer(_RUSAGE_AT + _RUSAGE_BYTES)
        self._at = ctypes.addressof(self._told)

    def next_ended(self) -> Ended | None:
        """None when no other has ended."""
        pid = self._wait(-1, self._at, _WNOHANG, self._at + _RUSAGE_AT)
        if pid <= 0:
            return None
        status, user_s, user_us, own_s, own_us, peak_kib = _TOLD.unpack_from(self._told)
        return Ended(pid, status, user_s + own_s + (user_us + own_us) / 1e6, peak_kib * 1024)
