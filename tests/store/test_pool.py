"""A few connections, lent to many, one at a time."""

from __future__ import annotations

import asyncio

import pytest

from windmill_lite.base.errors import Unavailable
from windmill_lite.store.db.pool import Pool


class Plug:
    """Stands for a connection."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.fit = True
        self.dropped = False


class Factory:
    """Makes plugs and remembers them."""

    def __init__(self) -> None:
        self.made: list[Plug] = []
        self.failures = 0
        self.slow_drops = asyncio.Event()
        self.slow_drops.set()

    async def make(self) -> Plug:
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise Unavailable("out of plugs")
        self.made.append(Plug(len(self.made)))
        return self.made[-1]

    async def drop(self, plug: Plug) -> None:
        await self.slow_drops.wait()
        plug.dropped = True

    def pool(self, size: int, checkout_s: float = 5.0) -> Pool[Plug]:
        return Pool(
            self.make, fit=lambda plug: plug.fit, drop=self.drop, size=size, checkout_s=checkout_s
        )


async def use(pool: Pool[Plug], *, spoil: bool = False) -> int:
    async with pool.lend() as plug:
        await asyncio.sleep(0)
        plug.fit = not spoil
        return plug.number


async def test_a_connection_is_made_when_it_is_needed_and_kept() -> None:
    factory = Factory()
    pool = factory.pool(3)
    assert [await use(pool) for _ in range(4)] == [0, 0, 0, 0]
    assert len(factory.made) == 1
    await pool.close()
    assert factory.made[0].dropped


async def test_never_more_connections_than_its_size_and_never_one_for_two() -> None:
    factory = Factory()
    pool = factory.pool(3)
    in_use: set[int] = set()

    async def exclusive() -> None:
        async with pool.lend() as plug:
            assert plug.number not in in_use
            in_use.add(plug.number)
            await asyncio.sleep(0)
            in_use.discard(plug.number)

    await asyncio.gather(*[exclusive() for _ in range(50)])
    assert len(factory.made) == 3
    await pool.close()


async def test_an_unfit_connection_is_replaced_without_waiting_for_its_end() -> None:
    factory = Factory()
    factory.slow_drops.clear()
    pool = factory.pool(1)
    assert await use(pool, spoil=True) == 0
    assert await use(pool) == 1
    assert not factory.made[0].dropped
    closing = asyncio.create_task(pool.close())
    factory.slow_drops.set()
    await closing
    assert [plug.dropped for plug in factory.made] == [True, True]


async def test_a_connection_that_went_bad_while_nobody_had_it_is_not_lent() -> None:
    factory = Factory()
    pool = factory.pool(2)
    await asyncio.gather(use(pool), use(pool))
    for plug in factory.made:
        plug.fit = False
    assert await use(pool) == 2
    await pool.close()


async def test_an_unfit_connection_is_ended_even_when_nobody_wants_another() -> None:
    factory = Factory()
    pool = factory.pool(2)
    await use(pool, spoil=True)
    await asyncio.sleep(0)
    assert [plug.dropped for plug in factory.made] == [True]
    await pool.close()
    assert pool.made == 1


async def test_who_waits_too_long_is_told_so() -> None:
    pool = Factory().pool(1, checkout_s=0.01)
    async with pool.lend():
        with pytest.raises(Unavailable, match=r"all 1 connections were in use for 0\.01 s"):
            await use(pool)
    assert await use(pool) == 0
    await pool.close()


async def test_a_failed_attempt_and_a_canceled_wait_take_no_place() -> None:
    factory = Factory()
    pool = factory.pool(1)
    factory.failures = 3
    for _ in range(3):
        with pytest.raises(Unavailable, match="out of plugs"):
            await use(pool)
    async with pool.lend():
        waiting = [asyncio.create_task(use(pool)) for _ in range(3)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    making = asyncio.create_task(use(factory.pool(1)))
    await asyncio.sleep(0)
    making.cancel()
    assert await use(pool) == 0
    await pool.close()


async def test_closing_waits_for_what_is_lent_and_then_lends_no_more() -> None:
    factory = Factory()
    pool = factory.pool(2)
    async with pool.lend():
        closing = asyncio.create_task(pool.close())
        await asyncio.sleep(0)
        assert not closing.done()
        assert [each.dropped for each in factory.made] == [False]
    await closing
    assert [each.dropped for each in factory.made] == [True]
    for _ in range(pool.size + 1):
        with pytest.raises(Unavailable, match="closed"):
            await use(pool)
    await pool.close()
