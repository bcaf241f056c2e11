"""A timer on the clock that never stops, as a descriptor."""

from __future__ import annotations

import ctypes
import os
import struct
import time
from typing import Final

_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_CLOSE_ON_EXEC, _NONBLOCKING = 0o2000000, 0o4000
_ABSOLUTE: Final = 1


def boottime_timer() -> int:
    """Becomes readable when its time has come, also if the machine was suspended meanwhile."""
    flags = _CLOSE_ON_EXEC | _NONBLOCKING
    return _checked(_LIBC.timerfd_create(time.CLOCK_BOOTTIME, flags), "timerfd_create")


def ring_at(timer: int, moment_s: float) -> None:
    """Sets the timer; a moment that is over rings at once."""
    nanoseconds = int(moment_s * 1e9) + 1000  # not early, and 0 would switch it off
    when = struct.pack("@qqqq", 0, 0, *divmod(nanoseconds, 1_000_000_000))
    _checked(_LIBC.timerfd_settime(timer, _ABSOLUTE, when, None), "timerfd_settime")


def _checked(returned: int, what: str) -> int:
    if returned < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return returned
