"""A ring is remembered until somebody waits, with the last word that came with one."""

from __future__ import annotations

import asyncio

from windmill_lite.base.bell import LocalBell

PATIENCE_S = 40.0


async def test_a_ring_that_nobody_waited_for_is_heard_by_the_next_wait_and_by_that_alone() -> None:
    bell = LocalBell()
    with bell.listen("queue", "job") as ear:
        bell.ring("queue")
        bell.ring("job")
        bell.ring("other")
        assert ear.rang
        assert await ear.wait(PATIENCE_S)
        assert not await ear.wait(0.0)


async def test_what_is_said_is_kept_when_it_rings_again_without_a_word() -> None:
    bell, word = LocalBell(), object()
    with bell.listen("ended") as ear:
        waiting = asyncio.create_task(ear.wait(PATIENCE_S))
        await asyncio.sleep(0)
        bell.ring("ended", word)
        bell.ring("ended")
        assert await waiting
        assert ear.said is word


async def test_who_stops_waiting_misses_no_ring() -> None:
    bell = LocalBell()
    with bell.listen("queue") as ear:
        waiting = asyncio.create_task(ear.wait(PATIENCE_S))
        await asyncio.sleep(0)
        bell.ring("queue")
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert await ear.wait(0.0)


async def test_nobody_is_rung_who_has_stopped_listening() -> None:
    bell = LocalBell()
    with bell.listen("queue") as ear, bell.listen("queue") as other:
        pass
    with bell.listen("queue") as other:
        bell.ring("queue")
    assert (ear.rang, other.rang) == (False, True)
