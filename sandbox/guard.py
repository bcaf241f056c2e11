"""The guard: cells live only as long as their client is known to be in contact with the world.

The client (the worker) is trusted until a moment that it moves on as often as it has proof. A
client that is stopped, swapped out or cut off moves it no more, and its timers are worth nothing;
so the time is kept here, in a process of its own. Whoever would run the same work elsewhere waits
for longer than the trust lasts, and then never runs it beside ours.

Moments are seconds of CLOCK_BOOTTIME: it goes on while the machine is suspended, and the kernel's
timer on it rings as soon as the machine is awake again.
"""

from __future__ import annotations

import contextlib
import os
import time

from sandbox.kernel.timers import boottime_timer, ring_at


class Guard:
    """`timer` is readable at the moment up to which the client is trusted; without one, never."""

    def __init__(self) -> None:
        self.timer = boottime_timer()
        self._until_s: float | None = None

    def trust(self, until_s: float) -> None:
        """A moment before the one that is known already changes nothing."""
        if self._until_s is None or until_s > self._until_s:
            self._until_s = until_s
            ring_at(self.timer, until_s)

    def expired(self) -> bool:
        """Whether nobody trusts the client now."""
        until_s = self._until_s
        return until_s is not None and time.clock_gettime(time.CLOCK_BOOTTIME) >= until_s

    def heard(self) -> None:
        """The timer rang: it is quiet until it is set again."""
        with contextlib.suppress(BlockingIOError):  # it was set again meanwhile
            os.read(self.timer, 8)
