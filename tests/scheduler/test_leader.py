"""Chores run in one process at a time, whoever dies, freezes or loses the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

import pytest

from tests.engine.conftest import JumpingClock
from tests.worker._stage import Shaky, eventually
from windmill_lite.base.clock import SystemClock
from windmill_lite.base.errors import Unavailable
from windmill_lite.base.service import Ticker
from windmill_lite.engine.world import World, open_world
from windmill_lite.model import limits
from windmill_lite.scheduler.contact import Contact
from windmill_lite.scheduler.leader import Leader
from windmill_lite.scheduler.rescuer import Rescuer
from windmill_lite.store.db.port import Db
from windmill_lite.store.db.sqlfile import parse

POSTGRES = pytest.mark.parametrize(
    "dialect", [pytest.param("postgres", marks=pytest.mark.postgres)]
)
SECOND = 1_000_000
Q = parse("-- name: shift\nupdate lease set expires_at = expires_at - :by", "here")


class Diary:
    """Who did the chore, in order."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._news = asyncio.Event()

    def write(self, name: str) -> None:
        self.lines.append(name)
        self._news.set()

    async def until(self, condition: Callable[[list[str]], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition(self.lines):
                self._news.clear()
                await self._news.wait()


class Chore(Ticker):
    """Writes its owner's name into the diary, again and again."""

    def __init__(self, name: str, diary: Diary, pause_s: float = 0.01) -> None:
        super().__init__()
        self.name = name
        self._diary = diary
        self._pause_s = pause_s

    async def tick(self) -> float:
        self._diary.write(self.name)
        return self._pause_s


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def shaky(db: Db) -> Shaky:
    return Shaky(db)


@pytest.fixture
async def world(shaky: Shaky, clock: JumpingClock) -> World:
    return await open_world(shaky, clock, "http://here.test")


Leading = Callable[[str], Leader]


@pytest.fixture
async def leading(world: World, diary: Diary) -> AsyncIterator[Leading]:
    """`leading("ann")` is a scheduler whose ticks the test gives."""
    made: list[Leader] = []

    def make(name: str) -> Leader:
        made.append(Leader(world, [Chore(name, diary)]))
        return made[-1]

    yield make
    for leader in made:
        await leader.stop()


async def pass_s(world: World, clock: JumpingClock, seconds: float) -> None:
    """Time passes here and in the database."""
    clock.jump(seconds)
    await world.db.write(lambda tx: tx.run(Q["shift"], by=int(seconds * SECOND)))


@POSTGRES
async def test_one_leads_and_the_others_wait_without_writing(
    world: World, leading: Leading, diary: Diary, shaky: Shaky
) -> None:
    ann, ben = leading("ann"), leading("ben")
    assert await ann.tick() == limits.LEASE_RENEW_S
    await diary.until(lambda lines: "ann" in lines)
    writes = shaky.writes
    for _ in range(3):
        assert 0 < await ben.tick() <= limits.LEASE_S
    assert (ann.leads(), ben.leads()) == (True, False)
    assert shaky.writes == writes
    await ann.tick()
    assert shaky.writes == writes + 1, "one small write for each renewal"


@POSTGRES
async def test_a_leader_that_died_is_followed_when_its_lease_ends(
    world: World, leading: Leading, diary: Diary, clock: JumpingClock
) -> None:
    ann, ben = leading("ann"), leading("ben")
    await ann.tick()
    assert await ben.tick() <= limits.LEASE_S
    await pass_s(world, clock, limits.LEASE_S)
    await ben.tick()
    assert (ann.leads(), ben.leads()) == (False, True)
    await diary.until(lambda lines: lines[-1:] == ["ben"])


@POSTGRES
async def test_one_that_wakes_from_a_frozen_sleep_does_nothing_more(
    world: World, leading: Leading, diary: Diary, clock: JumpingClock
) -> None:
    ann, ben = leading("ann"), leading("ben")
    await ann.tick()
    await diary.until(bool)
    await pass_s(world, clock, limits.LEASE_S + 1)  # nothing of ann ran meanwhile
    await ben.tick()
    await diary.until(lambda lines: "ben" in lines)
    assert "ann" not in diary.lines[diary.lines.index("ben") :]
    await ann.tick()
    assert not ann.leads()
    assert await ann.tick() > 0, "it waits like the others"


@POSTGRES
async def test_a_leader_that_stops_hands_on_at_once(
    world: World, leading: Leading, diary: Diary
) -> None:
    ann, ben = leading("ann"), leading("ben")
    await ann.start()
    await diary.until(lambda lines: "ann" in lines)
    await ben.start()
    await ann.stop()
    mark = len(diary.lines)
    await diary.until(lambda lines: "ben" in lines)
    assert set(diary.lines[mark:]) == {"ben"}


@POSTGRES
async def test_one_that_cannot_renew_stops_while_its_lease_still_holds(
    world: World, leading: Leading, diary: Diary, clock: JumpingClock, shaky: Shaky
) -> None:
    ann, ben = leading("ann"), leading("ben")
    await ann.tick()
    shaky.away = True
    assert await ann.tick() == 1.0, "it tries again soon"
    assert ann.leads()
    clock.jump(limits.LEASE_TRUST_S)
    await ann.tick()
    assert not ann.leads()
    shaky.away = False
    assert await ben.tick() > 0, "the lease is not over yet"
    assert not ben.leads()


@POSTGRES
async def test_a_renewal_that_gets_no_answer_is_given_up_in_time(
    world: World, leading: Leading, clock: JumpingClock, shaky: Shaky
) -> None:
    ann = leading("ann")
    await ann.tick()
    clock.jump(limits.LEASE_TRUST_S - 0.05)
    shaky.answering.clear()
    await ann.tick()
    shaky.answering.set()
    clock.jump(0.05)
    assert not ann.leads()


@POSTGRES
async def test_an_answer_that_gets_lost_costs_a_term_and_no_time(
    world: World, leading: Leading, shaky: Shaky
) -> None:
    ann = leading("ann")
    shaky.answers_to_lose = 1
    with pytest.raises(Unavailable):
        await ann.tick()
    assert not ann.leads()
    await ann.tick()
    assert ann.leads()


@POSTGRES
async def test_after_an_outage_the_next_leader_takes_nobody_for_dead(
    world: World, clock: JumpingClock, shaky: Shaky
) -> None:
    contact = Contact()
    leader = Leader(world, [], contact)
    shaky.away = True
    with pytest.raises(Unavailable):
        await leader.tick()
    shaky.away = False
    await leader.tick()
    assert leader.leads()
    assert await Rescuer(world, contact).tick() == world.lease_s, "it waits for one lease"
    await leader.stop()


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_alone_chores_run_without_a_lease_and_without_a_write(
    world: World, leading: Leading, diary: Diary, shaky: Shaky
) -> None:
    writes = shaky.writes
    ann = leading("ann")
    await ann.start()
    await diary.until(lambda lines: len(lines) > 2)
    await ann.stop()
    assert shaky.writes == writes
    mark = len(diary.lines)
    await asyncio.sleep(0)
    assert len(diary.lines) == mark


class Signed(Chore):
    """Writes the term for which it works."""

    leader: Leader | None = None

    async def tick(self) -> float:
        assert self.leader is not None
        assert self.leader._held is not None
        self._diary.write(f"{self.leader._held.term}")
        return 0.01


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("LEASE_S", 1.5), ("LEASE_TRUST_S", 1.2), ("LEASE_RENEW_S", 0.2)):
        monkeypatch.setattr(limits, name, seconds)


@POSTGRES
async def test_of_many_who_race_one_works_at_a_time_whoever_is_killed(
    db: Db, diary: Diary, quick: None
) -> None:
    """Real time. A killed one neither resigns nor tidies up, as after `kill -9`."""
    world = replace(await open_world(db, SystemClock(), "http://here.test"), lease_s=4.0)
    leaders = []
    for name in ("n1", "n2", "n3", "n4", "n5"):
        chore = Signed(name, diary)
        leaders.append(Leader(world, [chore]))
        chore.leader = leaders[-1]
    await asyncio.gather(*(leader.start() for leader in leaders))
    for _ in range(3):
        await diary.until(lambda lines: len(lines) > 5)
        leader = await leader_of(leaders)
        leaders.remove(leader)
        killed = diary.lines[-1]
        kill(leader)
        await diary.until(lambda lines, killed=killed: lines[-1] != killed)  # type: ignore[misc]
    await asyncio.gather(*(leader.stop() for leader in leaders))
    terms = [int(line) for line in diary.lines]
    assert terms == sorted(terms), "a term that is over does nothing any more"
    assert terms[-1] >= 4


async def leader_of(leaders: Sequence[Leader]) -> Leader:
    async def somebody_leads() -> bool:
        return any(leader.leads() for leader in leaders)

    await eventually(somebody_leads)
    return next(leader for leader in leaders if leader.leads())


def kill(leader: Leader) -> None:
    for ticker in (leader, *leader._chores):
        if ticker._task is not None:
            ticker._task.cancel()
