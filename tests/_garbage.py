"""What only the collector frees: objects that hold each other in a circle.

Python frees the rest at once. A circle that lived for a while is seldom looked at, and with it all
that it holds: the body of a request, the result of a job.
"""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Awaitable, Callable

TIMES = 10


async def circles(act: Callable[[], Awaitable[object]]) -> dict[str, int]:
    """How many objects of which types an act leaves every time."""
    await act()  # the first time more is made, once and for ever
    await _turns()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for _ in range(TIMES):
            await act()
        await _turns()
        gc.collect()
        found = Counter(type(each).__name__ for each in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    return {name: count // TIMES for name, count in found.items() if count >= TIMES}


async def _turns() -> None:
    """What has ended is let go of in the loop's next turns."""
    for _ in range(5):
        await asyncio.sleep(0)
