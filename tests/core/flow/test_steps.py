"""Steps one after the other: what they see, what they leave, what needs no job."""

from __future__ import annotations

import pytest

from tests.core.flow._build import branchone, flow, identity, leaf, loop, sub
from tests.core.flow._records import Fails
from tests.core.flow._world import World
from windmill_lite.core.flow.pushing import reference


def test_an_empty_flow_gives_its_arguments() -> None:
    assert World(flow(), args={"x": 1}).go().value == {"x": 1}


def test_a_flow_gives_the_result_of_its_last_step() -> None:
    world = World(flow(leaf("a", x="flow_input['x'] + 1"), leaf("b", y="results.a['x'] * 2")))
    world.args = {"x": 1}
    assert world.go().value == {"y": 4}
    assert world.ending.success
    assert world.steps() == ["a", "b"]


def test_the_first_step_sees_the_arguments_as_what_came_before() -> None:
    world = World(
        flow(leaf("a", x="previous_result"), leaf("b", y="previous_result")), args={"k": 1}
    )
    assert world.go().value == {"y": {"x": {"k": 1}}}


def test_identity_passes_on_and_takes_no_job() -> None:
    assert World(flow(identity("i")), args={"x": 1}).go().value == {"x": 1}
    world = World(flow(leaf("a", x="1"), identity("i"), identity("j"))).go()
    assert world.value == {"x": 1}
    assert world.steps() == ["a"]


def test_a_result_that_is_not_there_is_null() -> None:
    assert World(flow(leaf("a", x="results.nobody"))).go().value == {"x": None}


def test_all_expressions_of_a_step_are_asked_at_once() -> None:
    world = World(flow(leaf("a", x="1", y="2", z="3"))).go()
    assert world.asked == ["a.input_transforms.x", "a.input_transforms.y", "a.input_transforms.z"]


def test_a_static_argument_is_passed_as_it_stands() -> None:
    step = leaf("a")
    step["value"]["input_transforms"] = {
        "x": {"type": "static", "value": "$var:u/a/b"},
        "n": {"type": "static"},
    }
    assert World(flow(step)).go().value == {"x": "$var:u/a/b", "n": None}


@pytest.mark.parametrize(
    ("expression", "kept"),
    [
        ("variable('u/a/b')", "$var:u/a/b"),
        (' return await resource( "f/x/y-z" ) ;\n', "$res:f/x/y-z"),
    ],
)
def test_a_secret_that_is_only_passed_on_is_never_read_by_the_flow(
    expression: str, kept: str
) -> None:
    world = World(flow(leaf("a", x=expression))).go()
    assert (world.value, world.asked) == ({"x": kept}, [])


@pytest.mark.parametrize(
    "expression",
    ["variable('u/a') + '!'", "variable('u/' + 'a')", "variable('a\")", "[variable('u/a')]"],
)
def test_what_does_more_than_pass_a_secret_on_is_evaluated(expression: str) -> None:
    assert reference(expression) is None


@pytest.mark.parametrize("condition", ["True", "flow_input['x'] == 1"])
def test_a_skipped_step_passes_on_what_came_before(condition: str) -> None:
    skipped = leaf("b", y="1") | {"skip_if": {"expr": condition}}
    world = World(flow(leaf("a", x="1"), skipped, leaf("c", z="[previous_result, results.b]")))
    world.args = {"x": 1}
    assert world.go().value == {"z": [{"x": 1}, {"x": 1}]}
    assert world.steps() == ["a", "c"]
    assert world.root.status.steps[1].skipped


def test_a_skipped_loop_starts_nothing() -> None:
    step = loop("l", leaf("b"), over="1 / 0") | {"skip_if": {"expr": "True"}}
    assert World(flow(step), args={"x": 1}).go().value == {"x": 1}


def test_skip_if_is_asked_once_whatever_happens_after() -> None:
    step = leaf("a", x="1") | {
        "skip_if": {"expr": "False"},
        "retry": {"constant": {"attempts": 2, "seconds": 0}},
    }
    world = World(flow(step), code={"a": _third}).go()
    assert world.ending.success
    assert world.asked.count("a.skip_if") == 1
    assert world.asked.count("a.input_transforms.x") == 1, "arguments are taken again"


def _third(x: int, attempt: int) -> str:
    if attempt < 2:
        raise Fails
    return "third"


def test_a_mock_takes_the_place_of_any_kind_and_of_its_skip() -> None:
    mock = {"mock": {"enabled": True, "return_value": [1]}, "skip_if": {"expr": "1 / 0"}}
    for step in (leaf("a", x="1 / 0"), loop("a", leaf("b")), branchone("a", ("1 / 0", []))):
        world = World(flow(step | mock, leaf("z", r="results.a"))).go()
        assert world.value == {"r": [1]}
        assert world.steps() == ["z"]


def test_a_mock_that_is_not_enabled_is_none() -> None:
    step = leaf("a", x="1") | {"mock": {"enabled": False, "return_value": 7}}
    assert World(flow(step)).go().value == {"x": 1}


@pytest.mark.parametrize(
    ("field", "extra"),
    [
        ("input_transforms.x", {}),
        ("skip_if", {"skip_if": {"expr": "1 / 0"}}),
        ("timeout", {"timeout": {"type": "javascript", "expr": "1 / 0"}}),
        ("stop_after_if", {"stop_after_if": {"expr": "1 / 0"}}),
    ],
)
def test_an_expression_that_fails_fails_its_step(field: str, extra: dict[str, object]) -> None:
    step = leaf("a", x="1 / 0" if not extra else "1") | extra
    world = World(flow(step, leaf("b"))).go()
    assert not world.ending.success
    error = world.value["error"]
    assert error["step_id"] == "a"
    assert error["message"] == f"{field}: division by zero"
    assert "b" not in world.steps()


@pytest.mark.parametrize("timeout", ["-1", "'x'", "[]", "True"])
def test_a_time_limit_must_be_a_number_of_seconds(timeout: str) -> None:
    step = leaf("a") | {"timeout": {"type": "javascript", "expr": timeout}}
    world = World(flow(step)).go()
    assert world.value["error"]["name"] == "InvalidNumber"
    assert world.steps() == []


def test_a_time_limit_travels_with_the_job() -> None:
    step = leaf("a") | {"timeout": {"type": "javascript", "expr": "flow_input['t']"}}
    world = World(flow(step), args={"t": 2.5}).go()
    assert [e.timeout_s for e in world.log if hasattr(e, "timeout_s")] == [2.5]


def test_an_agent_fails_when_it_is_run_and_says_so() -> None:
    agent = {"id": "g", "value": {"type": "aiagent", "input_transforms": {}, "tools": []}}
    retry = {"retry": {"constant": {"attempts": 3, "seconds": 0}}}
    world = World(flow(agent | retry)).go()
    assert world.value["error"]["name"] == "NotSupported"
    assert world.slept == [], "trying again would not help"


def test_a_stop_sees_the_result_under_the_step_s_own_id() -> None:
    step = leaf("a", x="1") | {"stop_after_if": {"expr": "results.a['x'] == 1"}}
    assert World(flow(step, leaf("b"))).go().value == {"x": 1}


def test_a_flow_may_be_skipped_by_its_own_condition() -> None:
    world = World(flow(leaf("a"), skip_expr="flow_input['off']"), args={"off": True}).go()
    assert (world.value, world.steps()) == ("stopped early", [])
    assert world.ending.skipped
    assert world.ending.success
    broken = World(flow(leaf("a"), skip_expr="1 / 0")).go()
    assert not broken.ending.success


def test_a_flow_as_a_step_has_its_own_names() -> None:
    inner = flow(leaf("a", x="[flow_input, results.b, results.outer]"))
    world = World(
        flow(leaf("outer", o="1"), sub("f", "u/a/inner", y="results.outer"), identity("i")),
        args={"k": 1},
        flows={"u/a/inner": inner},
    ).go()
    assert world.value == {"x": [{"y": {"o": 1}}, None, None]}


def test_a_stop_inside_of_a_flow_as_a_step_ends_that_flow_only() -> None:
    inner = flow(leaf("a", x="1") | {"stop_after_if": {"expr": "True"}}, leaf("b"))
    world = World(flow(sub("f", "u/a/inner"), leaf("z", r="results.f")), flows={"u/a/inner": inner})
    assert world.go().value == {"r": {"x": 1}}


def test_who_waits_may_have_an_early_answer() -> None:
    world = World(flow(leaf("a", x="1"), leaf("b", y="2"), early_return="a")).go()
    assert world.answers == [("a", {"x": 1})]
    failing = World(flow(leaf("a", x="1"), early_return="a"), code={"a": _fail}).go()
    assert failing.answers == [], "the end of the flow answers"


def _fail(**args: object) -> None:
    raise Fails


def test_a_preprocessor_replaces_the_arguments() -> None:
    document = flow(
        leaf("a", y="flow_input['x']"), preprocessor_module=leaf("preprocessor", e="flow_input")
    )
    world = World(document, args={"raw": 1}, prepare=True)
    world.code = {"preprocessor": lambda e: {"x": e["raw"] + 1}}
    assert world.go().value == {"y": 2}
    assert World(document, args={"x": 5}).go().value == {"y": 5}, "not when nothing triggered it"


def test_a_preprocessor_that_fails_is_tried_again_and_then_ends_the_flow() -> None:
    retry = {"retry": {"constant": {"attempts": 1, "seconds": 0}}}
    document = flow(leaf("a"), preprocessor_module=leaf("preprocessor") | retry)
    world = World(document, prepare=True, code={"preprocessor": _fail}).go()
    assert not world.ending.success
    assert world.steps() == ["preprocessor", "preprocessor"]
    again = World(document, prepare=True, code={"preprocessor": _second}).go()
    assert again.ending.success
    broken = flow(leaf("a"), preprocessor_module=leaf("preprocessor", x="1 / 0"))
    assert World(broken, prepare=True).go().value["error"]["step_id"] == "preprocessor"


def _second(attempt: int) -> dict[str, int]:
    if attempt == 0:
        raise Fails
    return {}
