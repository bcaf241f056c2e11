"""A turn is given back whatever becomes of who had it, or waited for it."""

from __future__ import annotations

import asyncio

import pytest

from windmill_lite.api.middleware.limits import Bound, Gate
from windmill_lite.base.errors import Unavailable


async def test_who_waits_too_long_for_a_turn_is_refused() -> None:
    gate = Gate(Bound(1, waiting=1, wait_s=0.01))
    async with gate:
        with pytest.raises(Unavailable, match=r"its turn did not come within 0\.01 s"):
            await gate.__aenter__()
    async with gate:
        pass


async def test_who_goes_away_while_waiting_gives_up_the_turn() -> None:
    gate = Gate(Bound(1, waiting=1))
    async with gate:
        waiting = asyncio.create_task(gate.__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    async with gate:
        pass


async def test_who_goes_away_as_the_turn_comes_passes_it_on() -> None:
    gate = Gate(Bound(1, waiting=2))
    async with gate:
        leaving, staying = (asyncio.create_task(gate.__aenter__()) for _ in range(2))
        await asyncio.sleep(0)
    leaving.cancel()
    await staying
    with pytest.raises(asyncio.CancelledError):
        await leaving
