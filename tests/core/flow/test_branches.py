"""Branches, and what stops early."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.flow._build import (
    Doc,
    branchall,
    branchone,
    flow,
    handler,
    identity,
    leaf,
    loop,
    sub,
    whil,
)
from tests.core.flow._records import Fails
from tests.core.flow._world import World

STOP: Doc = {"stop_after_if": {"expr": "True"}}
LABEL: Doc = {"stop_after_if": {"expr": "True", "skip_if_stopped": True}}


def _fail(**args: Any) -> Any:
    raise Fails


@pytest.mark.parametrize(
    ("x", "value"), [(1, {"c": "one"}), (2, {"c": "two"}), (3, {"c": "default"})]
)
def test_the_first_branch_whose_condition_holds_is_taken(x: int, value: Any) -> None:
    step = branchone(
        "o",
        ("flow_input['x'] == 1", [leaf("a", c="'one'")]),
        ("flow_input['x'] in (1, 2)", [leaf("b", c="'two'")]),
        default=[leaf("d", c="'default'")],
    )
    world = World(flow(step, leaf("z", a="results.a", o="results.o")), args={"x": x}).go()
    assert world.value == {"a": value if x == 1 else None, "o": value}


@pytest.mark.parametrize(
    ("condition", "taken"), [("[1]", True), ("''", False), ("0", False), ("None", False)]
)
def test_a_condition_is_a_question_of_truth(condition: str, *, taken: bool) -> None:
    world = World(flow(branchone("o", (condition, [leaf("a")]), default=[leaf("b")]))).go()
    assert world.steps() == (["a"] if taken else ["b"])


def test_conditions_after_the_first_that_holds_are_not_asked() -> None:
    world = World(flow(branchone("o", ("True", [leaf("a")]), ("1 / 0", [])))).go()
    assert world.ending.success
    assert world.asked == ["o.branches[0].expr"]


def test_a_condition_that_fails_fails_the_step() -> None:
    world = World(flow(branchone("o", ("1 / 0", []), default=[leaf("a")])), code={}).go()
    assert world.value["error"]["step_id"] == "o"


def test_a_chosen_branch_that_is_empty_passes_on_what_came_before() -> None:
    world = World(flow(leaf("a", x="1"), branchone("o", ("True", [])), leaf("z", r="results.o")))
    assert world.go().value == {"r": {"x": 1}}
    assert world.steps() == ["a", "z"]


def test_the_first_step_of_a_branch_sees_the_arguments_as_what_came_before() -> None:
    step = branchone("o", ("True", [leaf("b", p="previous_result")]))
    assert World(flow(leaf("a"), step), args={"k": 1}).go().value == {"p": {"k": 1}}


def test_a_failing_branch_fails_the_step() -> None:
    world = World(flow(branchone("o", ("True", [leaf("a")])), leaf("z")), code={"a": _fail}).go()
    assert not world.ending.success
    assert world.value["error"]["message"] == "no"


@pytest.mark.parametrize("parallel", [False, True])
def test_branches_give_an_array_in_their_order(*, parallel: bool) -> None:
    step = branchall("e", [leaf("a", x="1")], [], [leaf("b"), leaf("c", y="2")], parallel=parallel)
    for seed in range(5):
        world = World(flow(step, leaf("z", r="results.c")), args={"k": 1}, seed=seed).go()
        assert world.result(world.root, "e") == [{"x": 1}, {"k": 1}, {"y": 2}]
        assert world.value == {"r": {"y": 2} if not parallel else None}


@pytest.mark.parametrize("parallel", [False, True])
def test_no_branches_are_an_empty_array(*, parallel: bool) -> None:
    assert World(flow(branchall("e", parallel=parallel))).go().value == []


def test_branches_one_after_the_other_end_with_the_first_that_fails() -> None:
    step = branchall("e", [leaf("a")], [leaf("b")], [leaf("c")], parallel=False)
    world = World(flow(step), code={"b": _fail}).go()
    assert not world.ending.success
    assert world.steps() == ["a", "b"]
    assert len(world.value) == 2


def test_branches_at_once_all_run() -> None:
    world = World(flow(branchall("e", [leaf("a")], [leaf("b")], [leaf("c")])), code={"a": _fail})
    assert not world.go().ending.success
    assert sorted(world.steps()) == ["a", "b", "c"]
    assert [isinstance(item, dict) and "error" in item for item in world.value] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize(("may_fail", "success"), [((1,), True), ((0,), False), ((0, 1), True)])
def test_the_branch_that_may_fail_is_the_one_that_says_so(
    may_fail: tuple[int, ...], *, parallel: bool, success: bool
) -> None:
    step = branchall("e", [leaf("a")], [leaf("b")], parallel=parallel, may_fail=may_fail)
    assert World(flow(step), code={"b": _fail}, seed=1).go().ending.success is success


# what stops early


def test_a_stop_ends_the_flow_with_the_result_of_the_step() -> None:
    world = World(flow(leaf("a", x="1") | STOP, leaf("b"))).go()
    assert (world.value, world.steps()) == ({"x": 1}, ["a"])
    assert world.ending.success
    assert not world.ending.skipped
    assert World(flow(leaf("a") | LABEL)).go().ending.skipped


def test_a_stop_is_asked_of_a_step_that_succeeded() -> None:
    world = World(flow(leaf("a") | STOP), code={"a": _fail}).go()
    assert "a.stop_after_if" not in world.asked
    assert not world.ending.success


@pytest.mark.parametrize(
    "around",
    [
        lambda step: branchone("o", ("True", [step, leaf("never")])),
        lambda step: branchone("o", ("True", [branchone("p", ("True", [step, leaf("never")]))])),
    ],
)
def test_a_stop_in_a_branch_ends_what_is_around_it(around: Any) -> None:
    world = World(flow(around(leaf("a", x="1") | LABEL), leaf("z"))).go()
    assert (world.value, world.steps()) == ({"x": 1}, ["a"])
    assert world.ending.skipped


def test_a_stop_in_branches_one_after_the_other_ends_the_flow_with_what_there_is() -> None:
    step = branchall("e", [leaf("a", x="1") | STOP], [leaf("b")], parallel=False)
    world = World(flow(step, leaf("z"))).go()
    assert (world.value, world.steps()) == ([{"x": 1}], ["a"])


def test_a_stop_in_what_runs_at_once_ends_only_its_branch() -> None:
    step = branchall("e", [leaf("a") | STOP, leaf("never")], [leaf("b")])
    world = World(flow(step, leaf("z"))).go()
    assert world.steps() == ["a", "b", "z"]
    many = loop("l", leaf("a") | STOP, leaf("never"), parallel=True)
    assert World(flow(many, leaf("z"))).go().steps() == ["a", "a", "z"]


@pytest.mark.parametrize("label", [STOP, LABEL])
def test_a_stop_in_a_loop_breaks_the_loop_and_the_flow_goes_on(label: Doc) -> None:
    step = loop("l", leaf("a", x="flow_input['iter']['value']") | label, leaf("never"))
    world = World(flow(step, leaf("z", r="results.l"))).go()
    assert world.value == {"r": [{"x": 1}]}
    inside = loop("l", branchone("o", ("True", [leaf("a", x="1") | STOP])), leaf("never"))
    assert World(flow(inside, leaf("z", r="results.l"))).go().value == {"r": [{"x": 1}]}


@pytest.mark.parametrize("kind", ["for", "while"])
def test_a_loop_asks_its_own_stop_after_each_iteration(kind: str) -> None:
    body = leaf("a", x="flow_input['iter']['index']")
    stop = {"stop_after_if": {"expr": "result['x'] == 1 and len(all_iters) == 2"}}
    step = (loop("l", body, over="[1, 2, 3]") if kind == "for" else whil("l", body)) | stop
    assert World(flow(step, leaf("z", r="results.l"))).go().value == {"r": [{"x": 0}, {"x": 1}]}
    broken = step | {"stop_after_if": {"expr": "1 / 0"}}
    assert not World(flow(broken)).go().ending.success


def test_a_loop_at_once_and_branches_do_not_ask_it() -> None:
    for step in (loop("l", leaf("a"), parallel=True), branchall("l", [leaf("a")], parallel=False)):
        world = World(flow(step | STOP, leaf("z"))).go()
        assert world.steps()[-1] == "z"
        assert world.asked.count("l.stop_after_if") == 0


@pytest.mark.parametrize(
    "step",
    [
        loop("l", leaf("a")),
        loop("l", leaf("a"), parallel=True),
        loop("l", leaf("a"), over="[]"),
        branchall("l", [leaf("a")]),
        branchall("l", [leaf("a")], parallel=False),
    ],
)
def test_a_stop_after_all_iterations_ends_the_flow(step: Doc) -> None:
    stop = {"stop_after_all_iters_if": {"expr": "len(result) >= 0", "skip_if_stopped": True}}
    world = World(flow(step | stop, leaf("z"))).go()
    assert "z" not in world.steps()
    assert world.ending.skipped


def test_a_stop_with_a_message_is_a_failure() -> None:
    stop = {"stop_after_if": {"expr": "True", "error_message": "enough"}}
    world = World(flow(leaf("a", x="1") | stop, leaf("b"))).go()
    assert not world.ending.success
    assert world.value["error"]["name"] == "EarlyStopError"
    assert world.value["error"]["message"] == "enough"
    empty = {"stop_after_if": {"expr": "True", "error_message": ""}}
    assert World(flow(leaf("a") | empty)).go().value["error"]["message"] == "stop after if: True"


def test_a_stop_with_a_message_may_carry_the_result_and_is_handled() -> None:
    stop = {"expr": "True", "error_message": "enough", "error_include_result": True}
    step = leaf("a", x="1") | {"stop_after_if": stop, "retry": {"constant": {"attempts": 5}}}
    world = World(flow(step, failure_module=handler(r="error['result']"))).go()
    assert world.value == {"r": {"x": 1}}
    assert world.steps() == ["a", "failure"]
    assert not world.ending.success


def test_a_stop_with_a_message_that_counts_as_skipped_is_none() -> None:
    stop = {"expr": "True", "error_message": "enough", "skip_if_stopped": True}
    world = World(flow(leaf("a") | {"stop_after_if": stop})).go()
    assert world.ending.success
    assert world.ending.skipped


def test_the_flow_around_asks_its_own_stop_of_a_flow_as_a_step() -> None:
    inner = flow(leaf("a", x="1"), identity("i"))
    step = sub("f", "u/a/inner") | {"stop_after_if": {"expr": "result['x'] == 1"}}
    world = World(flow(step, leaf("z")), flows={"u/a/inner": inner}).go()
    assert world.value == {"x": 1}
