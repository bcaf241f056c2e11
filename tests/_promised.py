"""What is promised in seconds, tried on a machine that may do other things meanwhile."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

TRIES = 5


async def within(
    limit_s: float, prepare: Callable[[], Awaitable[Callable[[], Awaitable[object]]]]
) -> None:
    """What `prepare` gives takes so long: every time in calm, at least once on a machine that is
    too busy. Fails when each of a few tries took longer.
    """
    took: list[float] = []
    for _ in range(TRIES):
        act = await prepare()
        began = time.monotonic()
        await act()
        took.append(time.monotonic() - began)
        if took[-1] < limit_s:
            return
    raise AssertionError(f"it took longer than {limit_s} s every time: {took}")
