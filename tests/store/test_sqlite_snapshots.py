"""Reads of one moment, on connections that are lent."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tests.store._exam import Q, adding
from windmill_lite.store.db.port import Db
from windmill_lite.store.db.sqlite import SqliteDb


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_who_is_canceled_while_it_begins_leaves_a_connection_that_can_begin(exam: Db) -> None:
    assert isinstance(exam, SqliteDb)
    await exam.write(adding("there"))

    async def read() -> list[str]:
        async with exam.view(snapshot=True) as view:
            return [row["word"] for row in await view.all(Q["words"])]

    assert await read() == ["there"]
    goes_on = threading.Event()
    try:
        async with exam.snapshots.lend() as connection:
            held = asyncio.ensure_future(connection._execute(goes_on.wait))  # type: ignore[no-untyped-call]
        leaves = asyncio.create_task(read())
        await turns()  # it waits for the thread, with its `begin`
        leaves.cancel()
        comes = asyncio.create_task(read())
        await turns()
    finally:
        goes_on.set()
    assert await comes == ["there"]
    assert await read() == ["there"]
    await asyncio.gather(leaves, held, return_exceptions=True)
    assert leaves.cancelled()


async def turns() -> None:
    """As far as everybody gets while the thread is held."""
    for _ in range(50):
        await asyncio.sleep(0)
