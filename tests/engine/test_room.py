"""The disk budget: the oldest runs go early, logs first; when nothing may go, no job comes in."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import replace

import asyncpg
import pytest

from tests.engine._runs import DAY_S, Runs
from tests.engine.conftest import JumpingClock
from windmill_lite.engine import workspaces
from windmill_lite.engine.keeping import retention, room
from windmill_lite.engine.keeping.room import NoRoom
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.identity import Identity
from windmill_lite.model.retention import Keeping, Rule
from windmill_lite.model.worker import Worker
from windmill_lite.store.people.scope import Scope

BIG = 300_000


@pytest.fixture
def runs(world: World, admin: Scope, worker: Worker) -> Runs:
    return Runs(world, admin, worker)


def random_text(count: int) -> str:
    """What no database can press together."""
    return os.urandom(count // 2).hex()


async def big_run(runs: Runs, path: str | None = None, *, log: bool = False) -> object:
    job_id = await runs.push(path)
    text = random_text(BIG)
    await runs.end_next(**({"log": text} if log else {"result": f'"{text}"', "log": ""}))
    return job_id


Settling = Callable[[], Awaitable[None]]
Budgeting = Callable[..., Awaitable[World]]


@pytest.fixture
def settle(clock: JumpingClock, db_url: str, dialect: str) -> Settling:
    """Enough time has passed for whoever measures, and Postgres has noticed what happened."""

    async def settle() -> None:
        clock.jump(limits.ROOM_SETTLES_S)
        if dialect == "postgres":
            connection = await asyncpg.connect(db_url)
            await connection.execute("vacuum analyze")
            await connection.close()

    return settle


@pytest.fixture
def with_budget(world: World, settle: Settling) -> Budgeting:
    """The same world with a budget of which so much is filled."""

    async def with_budget(*, filled: float) -> World:
        await settle()
        used = await room.measure(world)
        await settle()
        return replace(world, keeping=Keeping(0, int(used / filled)))

    return with_budget


async def make(world: World) -> int:
    return sum([each.jobs async for each in room.make(world)])


async def test_without_a_budget_nothing_is_measured(world: World, runs: Runs) -> None:
    await runs.push()
    assert world.room.used_bytes == 0
    assert await make(world) == 0


async def test_the_measure_grows_with_what_is_stored_and_shrinks_with_what_goes(
    world: World, runs: Runs, clock: JumpingClock, settle: Settling
) -> None:
    await runs.done()
    await settle()
    before = await room.measure(world)
    for _ in range(5):
        await big_run(runs)
    await settle()
    full = await room.measure(world)
    assert 4 * BIG < full - before < 8 * BIG
    clock.jump(limits.ROOM_SPARES_S)
    small = replace(world, keeping=Keeping(0, full - 1))
    assert await make(small) >= 1
    await settle()
    assert await room.measure(world) < full - BIG / 2


async def test_a_little_room_left_rings_for_the_cleaner(
    world: World, runs: Runs, with_budget: Budgeting
) -> None:
    await big_run(runs)
    tight = await with_budget(filled=0.95)
    with world.db.bell.listen(room.RING) as ear:
        await room.require(tight)
        assert await ear.wait(5)
        await room.require(await with_budget(filled=0.5))
        assert not await ear.wait(0.05)


async def test_when_the_budget_is_used_up_nothing_new_comes_and_what_runs_may_end(
    world: World, runs: Runs, clock: JumpingClock, settle: Settling, with_budget: Budgeting
) -> None:
    old = await big_run(runs)
    running = await runs.push()
    clock.jump(limits.ROOM_SPARES_S)
    full = await with_budget(filled=1.01)
    refused = replace(runs, world=full)
    with pytest.raises(NoRoom, match=r"the disk budget of .* is used up") as caught:
        await refused.push()
    assert (caught.value.status, caught.value.retry_after_s) == (503, limits.ROOM_RETRY_S)
    assert await runs.end_next() == running

    assert await make(full) == 1
    await settle()
    assert await refused.push() is not None
    assert old not in await runs.ids()
    assert running in await runs.ids()


async def test_the_logs_of_the_day_before_go_first(
    world: World, runs: Runs, clock: JumpingClock, with_budget: Budgeting
) -> None:
    logged = await big_run(runs, log=True)
    await big_run(runs)
    clock.jump(DAY_S + 1)
    tight = await with_budget(filled=0.95)
    await make(tight)
    assert logged in await runs.ids(), "the run itself is still there"
    assert await runs.left() == {"log": 0, "label": 2, "done": 2, "job": 2}


async def test_the_oldest_runs_of_all_workspaces_go_next(
    world: World,
    runs: Runs,
    admin: Scope,
    clock: JumpingClock,
    monkeypatch: pytest.MonkeyPatch,
    with_budget: Budgeting,
) -> None:
    monkeypatch.setattr(limits, "PRUNE_RUNS", 1)
    await workspaces.make(world, id="lab", name="Lab", owner="ada@here.test", username="ada")
    lab = replace(runs, scope=Scope(Identity("lab", "ada", "ada@here.test", is_admin=True)))
    made = []
    for each in (runs, lab, lab, runs, lab, runs):
        made.append(await big_run(each))
        clock.jump(1)
    clock.jump(limits.ROOM_SPARES_S)
    await make(await with_budget(filled=1.3))
    left = await runs.ids()
    gone = [job_id not in left for job_id in made]
    assert gone == sorted(gone, reverse=True), "the oldest, and no younger one before it"
    assert 1 <= sum(gone) <= 4


async def test_what_is_young_alive_or_kept_for_ever_is_spared(
    world: World,
    runs: Runs,
    admin: Scope,
    clock: JumpingClock,
    caplog: pytest.LogCaptureFixture,
    with_budget: Budgeting,
) -> None:
    await retention.write(world, admin, days=None, paths=[Rule("f/audit/*", 0)])
    kept = await big_run(runs, "f/audit/x")
    parent = await big_run(runs)
    child = await runs.push(parent_id=parent)  # type: ignore[arg-type]
    clock.jump(limits.ROOM_SPARES_S)
    young = await big_run_while(runs, child)
    full = await with_budget(filled=2)
    assert await make(full) == 0
    assert await runs.ids() == {kept, parent, child, young}
    assert "is used up and nothing may go" in caplog.text
    clock.jump(DAY_S)
    assert await make(full) > 0, "after a while it is tried again"


async def big_run_while(runs: Runs, waiting: object) -> object:
    """Ends another run, though `waiting` is first in the queue: under a tag of its own."""
    worker = replace(runs.worker, tags=("other",))
    other = replace(runs, worker=worker)
    job_id = await other.push(tag="other")
    assert await other.end_next(result=f'"{random_text(BIG)}"') == job_id != waiting
    return job_id


@pytest.mark.parametrize("dialect", [pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_on_postgres_room_is_made_again_only_when_it_shows(
    world: World, runs: Runs, clock: JumpingClock, with_budget: Budgeting
) -> None:
    for _ in range(4):
        await big_run(runs)
    clock.jump(limits.ROOM_SPARES_S)
    full = await with_budget(filled=1.1)
    assert await make(full) >= 1
    assert await make(full) == 0, "the statistics still tell of what went"
