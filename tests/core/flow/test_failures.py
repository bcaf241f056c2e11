"""What fails: tried again, passed over, handled."""

from __future__ import annotations

from collections.abc import Callable
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
)
from tests.core.flow._records import ROOT, Fails
from tests.core.flow._world import World
from windmill_lite.core.flow.effects import PushStep
from windmill_lite.core.flow.events import ChildDone

VALUE = "flow_input['iter']['value']"


def _fail(**args: Any) -> Any:
    raise Fails


def _until(count: int) -> Callable[..., Any]:
    """Fails so many times."""

    def code(attempt: int, **args: Any) -> Any:
        if attempt < count:
            raise Fails(f"try {attempt}")
        return {"tries": attempt + 1, **args}

    return code


def _retry(**policy: Any) -> Doc:
    return {"retry": policy}


CONSTANT = _retry(constant={"attempts": 2, "seconds": 3})


def test_a_failing_step_ends_the_flow() -> None:
    world = World(flow(leaf("a"), leaf("b")), code={"a": _fail}).go()
    assert world.value == {"error": {"name": "Error", "message": "no"}}
    assert not world.ending.success
    assert world.steps() == ["a"]


@pytest.mark.parametrize(("failures", "success"), [(0, True), (1, True), (2, True), (3, False)])
def test_attempts_are_tries_after_the_first(failures: int, *, success: bool) -> None:
    world = World(flow(leaf("a", x="1") | CONSTANT, leaf("b", r="results.a")))
    world.code = {"a": _until(failures)}
    assert world.go().ending.success is success
    assert world.steps().count("a") == min(failures, 2) + 1
    if success:
        assert world.value == {"r": {"tries": failures + 1, "x": 1}}


def test_constant_pauses_come_before_growing_ones() -> None:
    policy = _retry(
        constant={"attempts": 2, "seconds": 5},
        exponential={"attempts": 3, "multiplier": 2, "seconds": 3},
    )
    world = World(flow(leaf("a") | policy), code={"a": _fail}).go()
    pauses = [e.delay_us // 1_000_000 for e in world.log if isinstance(e, PushStep)]
    assert pauses == [0, 5, 5, 2 * 3**3, 2 * 3**4, 2 * 3**5]


@pytest.mark.parametrize(("condition", "tries"), [("True", 3), ("False", 1), ("1 / 0", 1)])
def test_a_condition_decides_whether_to_try_again(condition: str, tries: int) -> None:
    step = leaf("a") | _retry(constant={"attempts": 2}, retry_if={"expr": condition})
    world = World(flow(step), code={"a": _fail}).go()
    assert len(world.steps()) == tries
    assert world.value["error"]["message"] == "no"


def test_the_condition_sees_the_failure() -> None:
    step = leaf("a") | _retry(
        constant={"attempts": 5},
        retry_if={"expr": "error['message'] == 'try 0' and result['error'] == error"},
    )
    assert World(flow(step), code={"a": _until(9)}).go().steps() == ["a", "a"]


def test_the_next_step_begins_to_count_again() -> None:
    world = World(flow(leaf("a") | CONSTANT, leaf("b") | CONSTANT))
    world.code = {"a": _until(2), "b": _until(2)}
    assert world.go().ending.success


def test_a_container_is_tried_again_from_its_beginning() -> None:
    tries: list[int] = []

    def body(v: int) -> int:
        tries.append(v)
        if len(tries) < 4:
            raise Fails
        return v

    step = loop("l", leaf("b", v=VALUE), over="[1, 2]") | _retry(
        constant={"attempts": 5, "seconds": 7}
    )
    world = World(flow(step), code={"b": body}).go()
    assert (world.value, tries) == ([1, 2], [1, 1, 1, 1, 2])
    assert world.slept == [7, 7, 7]


def test_a_container_that_is_tried_again_is_not_asked_again_whether_to_skip() -> None:
    step = loop("l", leaf("b")) | CONSTANT | {"skip_if": {"expr": "False"}}
    world = World(flow(step), code={"b": _fail}).go()
    assert world.asked.count("l.skip_if") == 1
    assert world.asked.count("l.iterator") == 3


def test_iterations_at_once_count_for_themselves() -> None:
    step = loop("l", leaf("b", v=VALUE) | CONSTANT, over="[0, 1, 2]", parallel=True)

    def body(v: int, attempt: int) -> int:
        if attempt < v:
            raise Fails
        return attempt

    assert World(flow(step), code={"b": body}, seed=4).go().value == [0, 1, 2]


def test_an_expression_that_failed_is_evaluated_again() -> None:
    world = World(flow(leaf("a", x="1 / flow_input['n']") | CONSTANT), args={"n": 0}).start()
    assert world.slept == [3]
    world.root.args["n"] = 1
    assert world.play().value == {"x": 1.0}


def test_a_step_that_somebody_canceled_is_not_tried_again() -> None:
    world = World(flow(leaf("a") | CONSTANT)).start()
    world.tell(ROOT, ChildDone("a/0", success=False, final=True))
    assert not world.ending.success


def test_after_a_failure_that_is_passed_over_the_next_step_sees_the_error() -> None:
    step = leaf("a") | CONSTANT | {"continue_on_error": True}
    document = flow(step, leaf("b", e="previous_result['error']['message']", same="results.a"))
    world = World(document | {"failure_module": handler()}, code={"a": _fail}).go()
    assert world.ending.success
    assert world.value["e"] == "no"
    assert world.steps() == ["a", "a", "a", "b"]


def test_a_flow_whose_last_step_failed_has_failed_and_is_not_handled() -> None:
    step = leaf("a") | {"continue_on_error": True}
    for document in (
        flow(step),
        flow(step | {"sleep": {"type": "static", "value": 5}}),
        flow(branchone("o", ("True", [step]))),
    ):
        world = World(document | {"failure_module": handler()}, code={"a": _fail}).go()
        assert not world.ending.success
        assert "failure" not in world.steps()
        assert world.value["error"]["message"] == "no"


def test_the_handler_gives_the_result_of_a_flow_that_failed() -> None:
    world = World(flow(leaf("a"), leaf("b"), failure_module=handler()), code={"a": _fail}).go()
    assert world.value == {"message": "no"}
    assert not world.ending.success
    assert world.root.status.at == 2
    assert world.root.status.failed_at == 0


def test_a_handler_may_recover_a_root_flow_and_no_other() -> None:
    inner = flow(leaf("a"), failure_module=handler(recover="True"))
    assert World(inner, code={"a": _fail}).go().ending.success
    outer = World(flow(sub("f", "u/a/inner")), code={"a": _fail}, flows={"u/a/inner": inner}).go()
    assert not outer.ending.success


def test_a_handler_may_be_tried_again_and_still_sees_the_first_error() -> None:
    document = flow(leaf("a"), failure_module=handler() | CONSTANT)
    world = World(document, code={"a": _fail, "failure": _until(1)}).go()
    assert world.value == {"tries": 2, "message": "no"}
    failing = World(document, code={"a": _fail, "failure": _fail}).go()
    assert failing.value == {"error": {"name": "Error", "message": "no"}}
    assert failing.steps() == ["a", "failure", "failure", "failure"]
    broken = World(flow(leaf("a"), failure_module=handler(x="1 / 0")), code={"a": _fail}).go()
    assert broken.value["error"]["step_id"] == "failure"


@pytest.mark.parametrize(
    ("step", "runs"),
    [
        (loop("l", leaf("a", v=VALUE), over="[1, 2, 3]"), 1),
        (loop("l", leaf("a", v=VALUE), over="[1, 2, 3]", parallel=True), 3),
        (loop("l", leaf("a", v=VALUE), over="[1, 2, 3]", skip_failures=True), 3),
        (loop("l", loop("m", leaf("a", v=VALUE)), over="[1, 2, 3]"), 1),
        (branchone("o", ("True", [leaf("a")])), 1),
        (branchall("e", [leaf("a")], [leaf("z")]), 1),
        (branchall("e", [leaf("a")], [leaf("z")], parallel=False), 1),
    ],
)
def test_the_handler_runs_where_the_failure_is_and_not_again_around_it(
    step: Doc, runs: int
) -> None:
    world = World(flow(step, failure_module=handler()), code={"a": _fail}).go()
    assert world.steps().count("failure") == runs


def test_a_failing_entry_of_a_loop_is_what_the_handler_gave() -> None:
    step = loop("l", leaf("a", v=VALUE), over="[1, 2]", skip_failures=True)
    document = flow(step, failure_module=handler(at=VALUE, message="error['message']"))
    world = World(document, code={"a": _fail}).go()
    assert world.ending.success
    assert world.value == [{"at": 1, "message": "no"}, {"at": 2, "message": "no"}]


def test_the_handler_around_runs_for_a_flow_as_a_step() -> None:
    inner = flow(leaf("a"), failure_module=handler(inner="1"))
    document = flow(sub("f", "u/a/inner"), failure_module=handler(outer="previous_result"))
    world = World(document, code={"a": _fail}, flows={"u/a/inner": inner}).go()
    assert world.value == {"outer": {"inner": 1}}


def test_what_an_expression_of_a_container_breaks_is_handled_too() -> None:
    for step in (loop("l", leaf("a"), over="1 / 0"), branchone("l", ("1 / 0", []))):
        world = World(flow(step, identity("i"), failure_module=handler())).go()
        assert "division by zero" in world.value["message"]
