"""What starts and stops: the contract of every service, under stress, and the ticker's patience."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

import pytest

from windmill_lite.base import service
from windmill_lite.base.bell import LocalBell
from windmill_lite.base.errors import Unavailable
from windmill_lite.base.service import Ticker


class Counting(Ticker):
    """Counts its ticks; `what` says what one does and how long the pause after it is."""

    name = "counting"
    topics = ("ring",)

    def __init__(self, bell: LocalBell | None, what: Callable[[], Awaitable[float]]) -> None:
        super().__init__(bell)
        self._what = what
        self.ticks = 0
        self.ticking = 0
        self._ended = 0
        self._news = asyncio.Event()

    async def tick(self) -> float:
        self.ticks += 1
        self.ticking += 1
        assert self.ticking == 1, "one tick at a time"
        try:
            return await self._what()
        finally:
            self.ticking -= 1
            self._ended += 1
            self._news.set()

    async def reaches(self, count: int) -> None:
        """Returns when so many ticks have ended."""
        async with asyncio.timeout(40):
            while self._ended < count:
                self._news.clear()
                await self._news.wait()


async def long_pause() -> float:
    return 3600.0


async def test_a_ring_ends_the_pause_and_so_does_a_wake() -> None:
    bell = LocalBell()
    ticker = Counting(bell, long_pause)
    await ticker.start()
    await ticker.reaches(1)
    bell.ring("ring")
    await ticker.reaches(2)
    ticker.wake()
    await ticker.reaches(3)
    assert ticker.ticks == 3
    async with asyncio.timeout(40):
        await ticker.stop()


async def test_a_ring_during_a_tick_is_not_lost() -> None:
    bell = LocalBell()
    inside = asyncio.Event()

    async def ring_and_rest() -> float:
        if not inside.is_set():
            inside.set()
            bell.ring("ring")
        return 3600.0

    ticker = Counting(bell, ring_and_rest)
    await ticker.start()
    await ticker.reaches(2)
    await ticker.stop()
    assert ticker.ticks == 2


async def test_a_stop_waits_for_the_tick_that_runs() -> None:
    gate, inside = asyncio.Event(), asyncio.Event()

    async def wait() -> float:
        inside.set()
        await gate.wait()
        return 0.0

    ticker = Counting(None, wait)
    await ticker.start()
    await inside.wait()
    stopping = asyncio.create_task(ticker.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    gate.set()
    await stopping
    assert (ticker.ticks, ticker.ticking) == (1, 0)


@pytest.mark.parametrize(
    ("error", "shows_its_place"), [(Unavailable("away"), False), (KeyError("bug"), True)]
)
async def test_a_tick_that_fails_is_logged_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    *,
    error: Exception,
    shows_its_place: bool,
) -> None:
    monkeypatch.setattr(service, "BACKOFF_S", (0.01, 0.02))
    errors = [error] * 4

    async def fail_first() -> float:
        if errors:
            raise errors.pop()
        return 3600.0

    ticker = Counting(None, fail_first)
    with caplog.at_level(logging.WARNING):
        await ticker.start()
        await ticker.reaches(5)
        await ticker.stop()
    assert ticker.ticks == 5
    pauses = [record.getMessage().rpartition("next try in ")[2] for record in caplog.records]
    assert pauses == ["0.0 s"] * 4
    assert all(bool(record.exc_info) is shows_its_place for record in caplog.records)


async def test_rings_do_not_make_a_failing_tick_run_hot(monkeypatch: pytest.MonkeyPatch) -> None:
    bell = LocalBell()
    monkeypatch.setattr(service, "BACKOFF_S", (0.2,))

    async def fail() -> float:
        bell.ring("ring")
        raise Unavailable("away")

    ticker = Counting(bell, fail)
    began = asyncio.get_running_loop().time()
    await ticker.start()
    await ticker.reaches(3)
    assert asyncio.get_running_loop().time() - began >= 0.4
    await ticker.stop()


async def test_starting_and_stopping_in_any_order_leaves_one_or_none() -> None:
    """River's stress: many callers, no order."""
    dice = random.Random(3)  # noqa: S311  (no secret)
    bell = LocalBell()

    async def rest() -> float:
        await asyncio.sleep(0)
        return dice.choice((0.0, 0.001, 3600.0))

    ticker = Counting(bell, rest)
    await ticker.stop()
    for _ in range(100):
        verbs = [dice.choice((ticker.start, ticker.stop)) for _ in range(5)]
        await asyncio.gather(*(verb() for verb in verbs))
        bell.ring("ring")
        await asyncio.sleep(0)
    await ticker.stop()
    assert ticker.ticking == 0
    ticks = ticker.ticks
    bell.ring("ring")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert ticker.ticks == ticks, "nothing of it runs any more"
