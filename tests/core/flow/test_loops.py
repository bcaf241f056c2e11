"""Loops."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.flow._build import branchone, flow, identity, leaf, loop, whil
from tests.core.flow._records import Fails
from tests.core.flow._world import World
from windmill_lite.core.flow.effects import PushBodies
from windmill_lite.model import limits

BOTH = pytest.mark.parametrize("parallel", [False, True])
VALUE = "flow_input['iter']['value']"


def _odd_fails(v: int) -> int:
    if v % 2:
        raise Fails(f"odd {v}")
    return v


@BOTH
def test_a_loop_gives_an_array_in_the_order_of_the_items(*, parallel: bool) -> None:
    step = loop("l", leaf("b", v=VALUE), over="[3, 1, 2]", parallel=parallel)
    for seed in range(5):
        world = World(flow(step), seed=seed).go()
        assert world.value == [{"v": 3}, {"v": 1}, {"v": 2}]


@BOTH
def test_a_loop_over_nothing_takes_no_job(*, parallel: bool) -> None:
    step = loop("l", leaf("b"), over="[]", parallel=parallel)
    world = World(flow(step, leaf("z", r="results.l"))).go()
    assert world.value == {"r": []}
    assert world.steps() == ["z"]


@BOTH
@pytest.mark.parametrize("over", ["{}", "'abc'", "None", "3"])
def test_a_loop_goes_over_an_array_and_nothing_else(*, parallel: bool, over: str) -> None:
    world = World(flow(loop("l", leaf("b"), over=over, parallel=parallel))).go()
    assert not world.ending.success
    assert "Expected an array value in the iterator expression" in world.value["error"]["message"]


def test_a_body_without_steps_gives_its_arguments() -> None:
    world = World(flow(loop("l", over="[7]")), args={"k": 1}).go()
    assert world.value == [{"k": 1, "iter": {"index": 0, "value": 7}}]


def test_a_body_of_bookkeeping_takes_no_job() -> None:
    world = World(flow(loop("l", identity("i"), over="[1, 2]"))).go()
    assert [item["iter"]["value"] for item in world.value] == [1, 2]
    assert world.steps() == []


def test_inner_loops_see_the_outer_ones() -> None:
    inner = loop(
        "m",
        leaf("b", v="[flow_input['iter']['value'], flow_input['iter_parent']['value']]"),
        over="[1, 2]",
    )
    world = World(flow(loop("l", inner, over="['x']"))).go()
    assert world.value == [[{"v": [1, "x"]}, {"v": [2, "x"]}]]


def test_after_a_loop_the_last_iteration_of_its_steps_is_readable() -> None:
    world = World(flow(loop("l", leaf("b", v=VALUE)), leaf("z", r="results.b"))).go()
    assert world.value == {"r": {"v": 2}}


def test_iterations_at_once_do_not_see_each_other() -> None:
    body = [leaf("b", v=VALUE), leaf("c", seen="results.b['v']")]
    for seed in range(10):
        world = World(flow(loop("l", *body, over="[1, 2, 3]", parallel=True)), seed=seed).go()
        assert world.value == [{"seen": 1}, {"seen": 2}, {"seen": 3}]


def test_a_failing_iteration_ends_a_loop_with_what_there_is() -> None:
    step = loop("l", leaf("b", v=VALUE), over="[2, 3, 4]")
    world = World(flow(step, leaf("z")), code={"b": _odd_fails}).go()
    assert not world.ending.success
    assert world.value == [2, {"error": {"name": "Error", "message": "odd 3"}}]


def test_iterations_at_once_all_run_and_then_fail_the_loop() -> None:
    step = loop("l", leaf("b", v=VALUE), over="[1, 2, 3]", parallel=True)
    world = World(flow(step, leaf("z")), code={"b": _odd_fails}, seed=3).go()
    assert not world.ending.success
    assert [item == 2 for item in world.value] == [False, True, False]
    assert world.steps().count("b") == 3


@BOTH
def test_failures_may_be_passed_over(*, parallel: bool) -> None:
    step = loop("l", leaf("b", v=VALUE), over="[1, 2, 3]", parallel=parallel, skip_failures=True)
    world = World(flow(step), code={"b": _odd_fails}).go()
    assert world.ending.success
    assert [isinstance(item, dict) for item in world.value] == [True, False, True]


@pytest.mark.parametrize("width", [1, 2, 3, 100])
def test_no_more_iterations_run_at_once_than_allowed(width: int) -> None:
    step = loop(
        "l",
        leaf("b", v=VALUE),
        over=str(list(range(10))),
        parallel=True,
        parallelism=width,
    )
    for seed in range(5):
        world = World(flow(step), seed=seed).start()
        most = 0
        while world.todo:
            most = max(most, len(world.todo))
            world.one()
        assert most == min(width, 10)
        assert world.value == [{"v": n} for n in range(10)]


def test_parallelism_means_nothing_one_after_the_other() -> None:
    step = loop("l", leaf("b", v=VALUE), over="[1, 2, 3]", parallelism=2)
    assert len(World(flow(step)).go().value) == 3


@pytest.mark.parametrize("width", ["0", "'x'", "1 / 0"])
def test_a_width_that_is_none_fails_the_loop(width: str) -> None:
    step = loop("l", leaf("b"), parallel=True, parallelism={"type": "javascript", "expr": width})
    assert not World(flow(step)).go().ending.success


@pytest.mark.parametrize("count", [10, 11, 20, 35])
def test_children_at_once_are_pushed_in_batches(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(limits, "PUSH_BATCH", 10)
    step = loop("l", leaf("b", v=VALUE), over=str(list(range(count))), parallel=True)
    for seed in (None, 1, 2):
        world = World(flow(step), seed=seed).go()
        assert world.value == [{"v": n} for n in range(count)]
        pushed = [(e.first, e.count) for e in world.log if isinstance(e, PushBodies)]
        assert pushed == [(at, min(10, count - at)) for at in range(0, count, 10)]


def test_a_loop_has_so_many_iterations_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ITERATIONS_MAX", 3)
    assert World(flow(loop("l", leaf("b"), over="[1, 2, 3]"))).go().ending.success
    many = World(flow(loop("l", leaf("b"), over="[1, 2, 3, 4]"))).go()
    assert many.value["error"]["name"] == "TooManyIterations"
    endless = World(flow(whil("w", leaf("b")))).go()
    assert endless.value["error"]["name"] == "TooManyIterations"
    assert endless.steps() == ["b"] * 3


def test_a_while_loop_goes_on_until_it_is_stopped() -> None:
    body = leaf("b", v="flow_input['iter']") | {
        "stop_after_if": {"expr": "result['v']['value'] == 3"}
    }
    world = World(flow(whil("w", body), leaf("z", n="len(results.w)"))).go()
    assert world.value == {"n": 4}
    assert world.result(world.root, "w")[3] == {"v": {"index": 3, "value": 3}}


def test_a_while_loop_may_read_what_it_left_the_last_time() -> None:
    body = leaf("b", v="(results.b or {'v': 0})['v'] + 10")
    step = whil("w", body) | {"stop_after_if": {"expr": "len(all_iters) == 3"}}
    assert World(flow(step)).go().value == [{"v": 10}, {"v": 20}, {"v": 30}]


def test_a_failing_turn_fails_a_while_loop_unless_it_may() -> None:
    world = World(flow(whil("w", leaf("b"))), code={"b": _fail}).go()
    assert not world.ending.success
    assert len(world.value) == 1
    step = whil("w", leaf("b", v="flow_input['iter']['index']"), skip_failures=True)
    stopping = step | {"stop_after_if": {"expr": "result == 2"}}
    passing = World(flow(stopping), code={"b": _odd_fails}).go()
    assert passing.ending.success
    assert len(passing.value) == 3


def _fail(**args: Any) -> Any:
    raise Fails


@pytest.mark.parametrize("count", [1, 50, 500])
def test_what_is_stored_does_not_grow_with_the_iterations(count: int) -> None:
    for step in (
        loop("l", leaf("b", v=VALUE), over=str(list(range(count)))),
        loop("l", leaf("b", v=VALUE), over=str(list(range(count))), parallel=True),
        whil("w", leaf("b")) | {"stop_after_if": {"expr": f"len(all_iters) == {count}"}},
        loop("l", branchone("o", ("False", []), default=[leaf("b")]), over=str(list(range(count)))),
    ):
        world = World(flow(step)).go()
        assert world.ending.success
        assert world.largest_status < 700
