"""Rings between processes, each of which is here one `PostgresDb`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from tests.conftest import NewDatabase
from tests.store._eventually import eventually
from tests.store._exam import Q, adding, running
from windmill_lite.base.errors import Bug
from windmill_lite.store.db.port import Tx
from windmill_lite.store.db.postgres import PostgresDb
from windmill_lite.store.db.postgres_bell import (
    COALESCE_S,
    EVERYTHING,
    NOTICE_BYTES_MAX,
    PENDING_MAX,
    notices,
)

pytestmark = pytest.mark.postgres
SOON_S = 40.0


@pytest.fixture
async def pair(new_database: NewDatabase) -> AsyncIterator[tuple[PostgresDb, PostgresDb]]:
    """Two nodes of one cluster, with the empty table `exam`."""
    url = new_database("postgres")
    nodes = PostgresDb(url), PostgresDb(url)
    for node in nodes:
        await node.open()
    await nodes[0].write(running(Q["make"]))
    yield nodes
    for node in nodes:
        await node.close()


async def kill_the_connections_of_all_but(db: PostgresDb) -> None:
    async def kill(tx: Tx) -> None:
        await tx.one(Q["kill_others"])

    await db.write(kill)


async def test_a_ring_after_a_commit_is_heard_by_the_other_node(
    pair: tuple[PostgresDb, PostgresDb],
) -> None:
    here, there = pair
    with there.bell.listen("queue") as ear, there.bell.listen("other") as deaf:
        await here.write(adding("a", ring="queue"))
        assert await ear.wait(SOON_S)
        assert not await deaf.wait(0)


async def test_our_own_ring_is_heard_once(pair: tuple[PostgresDb, PostgresDb]) -> None:
    here, there = pair
    with here.bell.listen("queue") as mine, there.bell.listen("queue") as theirs:
        await here.write(adding("a", ring="queue"))
        assert await mine.wait(0)
        assert await theirs.wait(SOON_S)  # so the notice has gone round
        await answered(there, here)
        assert not await mine.wait(0)


async def answered(sender: PostgresDb, receiver: PostgresDb) -> None:
    """Returns when everything that was sent to `receiver` before has arrived."""
    with receiver.bell.listen("marker") as ear:
        sender.bell.ring("marker")
        assert await ear.wait(SOON_S)


async def test_many_rings_at_once_become_few_notices(
    pair: tuple[PostgresDb, PostgresDb],
) -> None:
    here, there = pair
    topics = [f"job/{n}" for n in range(50)]
    before = here.bell.notices
    with there.bell.listen("job/0") as first, there.bell.listen("job/49") as last:
        for _ in range(20):
            for topic in topics:
                here.bell.ring(topic)
        assert await first.wait(SOON_S)
        assert await last.wait(SOON_S)
    assert here.bell.notices - before <= 3


async def test_after_a_lost_connection_everybody_is_rung_and_hears_again(
    pair: tuple[PostgresDb, PostgresDb],
) -> None:
    here, there = pair
    with there.bell.listen("queue") as ear:
        await kill_the_connections_of_all_but(here)
        assert await ear.wait(SOON_S)  # nobody knows what was missed meanwhile
        await eventually(lambda: both_listen(here))
        await answered(here, there)
        await answered(there, here)


async def both_listen(db: PostgresDb) -> bool:
    async with db.view() as view:
        return len(await view.all(Q["listeners"])) >= 2


async def test_what_was_rung_while_the_connection_was_lost_is_told_later(
    pair: tuple[PostgresDb, PostgresDb],
) -> None:
    here, there = pair
    with there.bell.listen("late") as ear:
        await kill_the_connections_of_all_but(there)
        here.bell.ring("late")
        assert await ear.wait(SOON_S)


async def test_rings_without_end_become_a_notice_every_few_milliseconds(
    pair: tuple[PostgresDb, PostgresDb],
) -> None:
    here, _ = pair
    before, began = here.bell.notices, time.monotonic()
    async with asyncio.timeout(SOON_S):
        while here.bell.notices == before or time.monotonic() - began < 20 * COALESCE_S:
            here.bell.ring("queue")
            await asyncio.sleep(0)
    elapsed_s = time.monotonic() - began
    assert 1 <= here.bell.notices - before <= elapsed_s / COALESCE_S + 2


async def test_a_notice_that_could_not_be_sent_is_sent_on_the_next_connection(
    pair: tuple[PostgresDb, PostgresDb], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = pair

    async def broken(*_: object) -> str:
        raise ConnectionResetError

    monkeypatch.setattr(here.bell._courier._connection, "execute", broken)
    with there.bell.listen("late") as ear:
        here.bell.ring("late")
        assert await ear.wait(SOON_S)


async def test_more_topics_than_are_worth_a_list_ring_everything(
    pair: tuple[PostgresDb, PostgresDb],
) -> None:
    here, there = pair
    with there.bell.listen("never rung by name") as ear:
        for n in range(PENDING_MAX + 1):
            here.bell.ring(f"{n}")
        assert await ear.wait(SOON_S)


async def test_what_waits_when_a_node_closes_is_still_told(
    pair: tuple[PostgresDb, PostgresDb],
) -> None:
    here, there = pair
    with there.bell.listen("last words") as ear:
        here.bell.ring("last words")
        await here.close()
        assert await ear.wait(SOON_S)


async def test_a_silent_bell_sends_nothing(pair: tuple[PostgresDb, PostgresDb]) -> None:
    here, there = pair
    await answered(here, there)
    await answered(there, here)  # so all of ours has been answered by the server, too
    before = here.bell.notices
    await asyncio.gather(*[here.write(adding(f"{n}")) for n in range(20)])
    await answered(there, here)
    assert here.bell.notices == before


def test_a_notice_is_never_longer_than_postgres_takes() -> None:
    topics = [f"{n}" + "ö" * 90 for n in range(1_000)]
    texts = list(notices(topics))
    assert [topic for text in texts for topic in text.split("\n")] == topics
    assert max(len(text.encode()) for text in texts) <= NOTICE_BYTES_MAX
    assert len(texts) <= 30
    assert list(notices([])) == []
    assert list(notices([EVERYTHING])) == [EVERYTHING]


@pytest.mark.parametrize("topic", ["a\nb", "x" * (NOTICE_BYTES_MAX + 1)])
async def test_a_topic_that_does_not_fit_a_notice_is_a_bug(
    pair: tuple[PostgresDb, PostgresDb], topic: str
) -> None:
    with pytest.raises(Bug):
        pair[0].bell.ring(topic)


async def test_one_ear_hears_several_topics(pair: tuple[PostgresDb, PostgresDb]) -> None:
    with pair[0].bell.listen("a", "b") as ear:
        pair[0].bell.ring("b")
        assert await ear.wait(0)
        assert not await ear.wait(0)
