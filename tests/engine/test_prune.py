"""Completed runs go when they have had their time: with their trees, in batches, and no others."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.engine._runs import DAY_S, Runs
from tests.engine.conftest import JumpingClock
from tests.worker._stage import Shaky
from windmill_lite.base.errors import Denied, Invalid
from windmill_lite.engine.keeping import prune, retention
from windmill_lite.engine.keeping.prune import Progress
from windmill_lite.engine.world import World, open_world
from windmill_lite.model import limits
from windmill_lite.model.retention import Keeping, Retention, Rule
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.port import Db
from windmill_lite.store.people.scope import Scope


@pytest.fixture
def shaky(db: Db) -> Shaky:
    return Shaky(db)


@pytest.fixture
async def world(shaky: Shaky, clock: JumpingClock) -> World:
    """Keeps runs for ten days."""
    return await open_world(shaky, clock, "http://here.test", keeping=Keeping(10))


@pytest.fixture
def runs(world: World, admin: Scope, worker: Worker) -> Runs:
    return Runs(world, admin, worker)


async def batches(world: World, progress: Progress | None = None) -> list[int]:
    """One round: how many jobs went with each batch."""
    return [each.jobs async for each in prune.old_runs(world, progress or Progress())]


async def test_a_run_goes_after_its_time_with_all_there_is_about_it(
    world: World, runs: Runs, clock: JumpingClock
) -> None:
    await runs.done()
    clock.jump(9 * DAY_S)
    young = await runs.done()
    assert await batches(world) == []
    clock.jump(2 * DAY_S)
    assert await batches(world) == [1]
    assert await runs.ids() == {young}
    assert await runs.left() == {"log": 1, "label": 1, "done": 1, "job": 1}


async def test_a_tree_goes_as_one_and_is_as_old_as_its_youngest(
    world: World, runs: Runs, clock: JumpingClock
) -> None:
    root = await runs.done()
    child = await runs.done(parent_id=root)
    clock.jump(8 * DAY_S)
    await runs.done(parent_id=child)
    clock.jump(3 * DAY_S)
    assert await batches(world) == [0]
    assert (await runs.left())["job"] == 3
    clock.jump(8 * DAY_S)
    assert await batches(world) == [3]
    assert await runs.left() == {"log": 0, "label": 0, "done": 0, "job": 0}


async def test_a_tree_that_lives_stays_until_it_has_ended_and_had_its_time(
    world: World, runs: Runs, clock: JumpingClock
) -> None:
    progress = Progress()
    root = await runs.done()
    child = await runs.push(parent_id=root)
    clock.jump(20 * DAY_S)
    assert await batches(world, progress) == [0]
    assert await runs.end_next() == child
    clock.jump(9 * DAY_S)
    assert await batches(world, progress) == [0]
    clock.jump(2 * DAY_S)
    assert await batches(world, progress) == [2]
    assert await runs.ids() == set()


async def test_what_waits_or_runs_is_never_touched(
    world: World, runs: Runs, clock: JumpingClock
) -> None:
    waiting = await runs.push()
    clock.jump(500 * DAY_S)
    assert await batches(world) == []
    assert await runs.ids() == {waiting}


async def test_a_large_tree_goes_from_its_leaves_and_the_root_last(
    world: World, runs: Runs, clock: JumpingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PRUNE_JOBS", 3)
    root = await runs.done()
    middle = await runs.done(parent_id=root)
    for _ in range(6):
        await runs.done(parent_id=middle)
    clock.jump(11 * DAY_S)
    left = [await runs.ids() async for _ in prune.old_runs(world, Progress())]
    assert [len(ids) for ids in left] == [5, 2, 0]
    assert left[1] == {root, middle}


async def test_many_runs_go_in_batches(
    world: World, runs: Runs, clock: JumpingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PRUNE_RUNS", 2)
    for _ in range(5):
        await runs.done()
    clock.jump(11 * DAY_S)
    assert await batches(world) == [2, 2, 1]
    assert await runs.ids() == set()


async def test_a_batch_holds_no_more_bytes_than_it_may(
    world: World, runs: Runs, clock: JumpingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await runs.done()
    clock.jump(11 * DAY_S)
    weight = sum([each.bytes async for each in prune.old_runs(world, Progress())]) // 3
    root = await runs.done()
    for _ in range(4):
        await runs.done(parent_id=root)
    clock.jump(11 * DAY_S)
    monkeypatch.setattr(limits, "PRUNE_BYTES", 2 * weight)
    left = [await runs.ids() async for _ in prune.old_runs(world, Progress())]
    assert [len(ids) for ids in left] == [3, 1, 0]
    assert left[1] == {root}


async def test_a_run_that_is_larger_than_a_batch_goes_alone(
    world: World, runs: Runs, clock: JumpingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PRUNE_BYTES", 1)
    for _ in range(3):
        await runs.done()
    clock.jump(11 * DAY_S)
    assert await batches(world) == [1, 1, 1]
    assert await runs.left() == {"log": 0, "label": 0, "done": 0, "job": 0}


async def test_a_child_whose_parent_is_gone_has_a_time_of_its_own(
    world: World, runs: Runs, clock: JumpingClock
) -> None:
    root = await runs.done()
    await runs.done(parent_id=root)
    await runs.tear_off(root)
    clock.jump(11 * DAY_S)
    assert await batches(world) == [1]
    assert await runs.ids() == set()


async def test_rules_of_a_workspace_and_its_paths_win_over_the_instance(
    world: World, runs: Runs, admin: Scope, clock: JumpingClock
) -> None:
    kept = await runs.done("f/audit/x")
    months = await runs.done("f/ops/x")
    for path in ("f/ops/nightly", None):
        await runs.done(path)
    paths = [Rule("f/ops/*", 60), Rule("f/ops/nightly", 1), Rule("f/audit/*", 0)]
    await retention.write(world, admin, days=5, paths=paths)
    clock.jump(2 * DAY_S)
    assert await batches(world) == [1]
    clock.jump(4 * DAY_S)
    assert await batches(world) == [1]
    assert await runs.ids() == {kept, months}
    clock.jump(60 * DAY_S)
    assert await batches(world) == [1]
    assert await runs.ids() == {kept}


async def test_an_instance_may_keep_for_ever(world: World, runs: Runs, clock: JumpingClock) -> None:
    await runs.done()
    clock.jump(5000 * DAY_S)
    assert await batches(replace(world, keeping=Keeping(0))) == []
    assert (await runs.left())["job"] == 1


async def test_what_stays_is_looked_at_again_after_a_day_or_under_new_rules(
    world: World, runs: Runs, admin: Scope, clock: JumpingClock
) -> None:
    await runs.done("f/ops/x")
    await retention.write(world, admin, days=1, paths=[Rule("f/ops/x", 3)])
    progress = Progress()
    clock.jump(3 * DAY_S - 600)
    assert await batches(world, progress) == []
    clock.jump(1200)
    assert await batches(world, progress) == [], "not yet"
    clock.jump(DAY_S)
    assert await batches(world, progress) == [1]
    await runs.done("f/ops/x")
    clock.jump(2 * DAY_S)
    assert await batches(world, progress) == []
    await retention.write(world, admin, days=1, paths=[])
    assert await batches(world, progress) == [1]


async def test_nothing_is_written_when_nothing_goes(
    world: World, runs: Runs, clock: JumpingClock, shaky: Shaky
) -> None:
    await runs.done()
    clock.jump(9 * DAY_S)
    writes = shaky.writes
    assert await batches(world) == []
    assert shaky.writes == writes


async def test_several_may_do_it_at_once(world: World, runs: Runs, clock: JumpingClock) -> None:
    root = await runs.done()
    for _ in range(4):
        await runs.done(parent_id=root)
        await runs.done()
    clock.jump(11 * DAY_S)
    rounds = await asyncio.gather(*(batches(world) for _ in range(4)))
    assert await runs.left() == {"log": 0, "label": 0, "done": 0, "job": 0}
    assert sum(map(sum, rounds)) >= 9


async def test_retention_is_for_admins_and_read_as_it_was_written(
    world: World, admin: Scope, bob: Scope
) -> None:
    assert await retention.read(world, admin) == Retention(None, (), 10)
    paths = (Rule("f/ops/*", 0), Rule("u/ada/x", 7))
    await retention.write(world, admin, days=90, paths=paths)
    assert await retention.read(world, admin) == Retention(90, paths, 10)
    await retention.write(world, admin, days=None, paths=())
    assert await retention.read(world, admin) == Retention(None, (), 10)
    with pytest.raises(Denied):
        await retention.read(world, bob)
    with pytest.raises(Denied):
        await retention.write(world, bob, days=1, paths=())


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(
    ("days", "paths"),
    [
        (-1, []),
        (40_000, []),
        (None, [Rule("f/ops/x", -1)]),
        (None, [Rule("", 1)]),
        (None, [Rule("x/ops/*", 1)]),
        (None, [Rule("f/*/x", 1)]),
        (None, [Rule("/*", 1)]),
        (None, [Rule("f/ops/x", 1), Rule("f/ops/x", 2)]),
        (None, [Rule(f"f/ops/x{number}", 1) for number in range(201)]),
    ],
)
async def test_a_rule_that_means_nothing_is_refused(
    world: World, admin: Scope, days: int | None, paths: list[Rule]
) -> None:
    with pytest.raises(Invalid):
        await retention.write(world, admin, days=days, paths=paths)
    for path in ("f/*", "u/*", "f/ops/*", "u/ada/deep/*"):
        await retention.write(world, admin, days=0, paths=[Rule(path, 1)])
