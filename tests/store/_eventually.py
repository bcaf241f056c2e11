"""Waiting for what nobody announces, with a limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE_S = 40.0


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Asks again and again until the answer is yes."""
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():  # noqa: ASYNC110  (nobody announces it)
            await asyncio.sleep(0.01)
