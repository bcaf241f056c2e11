"""What many want to know at the same moment is read once, and is never older than the question."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from windmill_lite.base.errors import NotFound
from windmill_lite.engine.rules.together import Together


@dataclass
class Slow:
    """A read that ends when the test says so; its answer is how many had begun before."""

    begun: int = 0
    ends: list[asyncio.Future[None]] = field(default_factory=list)
    begins: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __call__(self) -> int:
        number, self.begun = self.begun, self.begun + 1
        self.ends.append(asyncio.get_running_loop().create_future())
        async with self.begins:
            self.begins.notify_all()
        await self.ends[number]
        return number

    async def has_begun(self, times: int) -> None:
        async with asyncio.timeout(10), self.begins:
            await self.begins.wait_for(lambda: self.begun >= times)


@pytest.fixture
def slow() -> Slow:
    return Slow()


async def asked(together: Together, slow: Slow, callers: int) -> list[asyncio.Task[int]]:
    """By so many, while the read of the first is under way."""
    first = asyncio.create_task(together.read("key", slow))
    await slow.has_begun(1)
    return [first, *(asyncio.create_task(together.read("key", slow)) for _ in range(callers - 1))]


async def test_one_that_is_alone_reads_at_once() -> None:
    together = Together()

    async def read() -> str:
        return "told"

    assert [await together.read("key", read) for _ in range(3)] == ["told"] * 3


async def test_those_who_come_meanwhile_share_a_read_that_begins_after_their_question(
    slow: Slow,
) -> None:
    callers = await asked(Together(), slow, 5)
    await asyncio.wait(callers, timeout=0)
    assert slow.begun == 1
    slow.ends[0].set_result(None)
    await slow.has_begun(2)
    slow.ends[1].set_result(None)
    assert await asyncio.gather(*callers) == [0, 1, 1, 1, 1]


async def test_another_key_waits_for_nobody(slow: Slow) -> None:
    together = Together()
    (first,) = await asked(together, slow, 1)
    other = asyncio.create_task(together.read("other", slow))
    await slow.has_begun(2)
    for end in slow.ends:
        end.set_result(None)
    assert [await first, await other] == [0, 1]


async def test_a_caller_that_goes_away_stops_nobody_else(slow: Slow) -> None:
    callers = await asked(Together(), slow, 4)
    await asyncio.wait(callers, timeout=0)
    callers[0].cancel()
    callers[2].cancel()
    await slow.has_begun(2)
    slow.ends[1].set_result(None)
    assert [await callers[1], await callers[3]] == [1, 1]
    assert [task.cancelled() for task in callers] == [True, False, True, False]


async def test_a_failure_reaches_all_who_waited_for_it_and_nobody_after(slow: Slow) -> None:
    together = Together()
    callers = await asked(together, slow, 3)
    await asyncio.wait(callers, timeout=0)
    slow.ends[0].set_result(None)
    await slow.has_begun(2)
    slow.ends[1].set_exception(NotFound("it is gone"))
    assert await callers[0] == 0
    for caller in callers[1:]:
        with pytest.raises(NotFound, match="it is gone"):
            await caller
    later = asyncio.create_task(together.read("key", slow))
    await slow.has_begun(3)
    slow.ends[2].set_result(None)
    assert await later == 2


async def test_an_answer_is_kept_until_something_changes(slow: Slow) -> None:
    together = Together()

    async def told(at: int) -> int:
        task = asyncio.create_task(together.read("key", slow, at))
        await asyncio.wait([task], timeout=0)
        for end in slow.ends:
            if not end.done():
                end.set_result(None)
        return await task

    assert [await told(at) for at in (7, 7, 8, 8)] == [0, 0, 1, 1]


async def test_an_answer_from_before_a_change_is_not_kept(slow: Slow) -> None:
    together = Together()
    before = asyncio.create_task(together.read("key", slow, 7))
    await slow.has_begun(1)
    other = asyncio.create_task(together.read("other", slow, 8))
    await slow.has_begun(2)
    for end in slow.ends:
        end.set_result(None)
    assert [await before, await other] == [0, 1]
    later = asyncio.create_task(together.read("key", slow, 8))
    await slow.has_begun(3)
    slow.ends[2].set_result(None)
    assert await later == 2
