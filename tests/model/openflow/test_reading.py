"""A flow is read without losing anything, and refused with the place of the fault."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.openflow._documents import CORPUS, documents, leaf, loop, nested
from windmill_lite.base.errors import Invalid, TooLarge
from windmill_lite.model import limits
from windmill_lite.model.openflow import expressions, read
from windmill_lite.model.openflow.shape import (
    AiAgent,
    BranchAll,
    BranchOne,
    ForLoop,
    Javascript,
    RawScript,
    Static,
)


@pytest.mark.parametrize("name", CORPUS)
def test_a_flow_that_is_read_is_written_as_it_came(name: str) -> None:
    text = json.dumps(CORPUS[name])
    assert json.dumps(read(json.loads(text)).document) == text


@given(documents())
@settings(max_examples=150, deadline=None)
def test_any_flow_that_is_read_is_written_as_it_came(document: Any) -> None:
    text = json.dumps(document)
    flow = read(json.loads(text))
    assert json.dumps(flow.document) == text
    assert read(flow.document) == flow


def test_an_absent_field_and_a_null_one_mean_the_same() -> None:
    bare = leaf("a")
    nulls = {**bare, "retry": None, "suspend": None, "mock": None, "sleep": None, "timeout": None}
    assert read({"modules": [bare]}).modules == read({"modules": [nulls]}).modules


def test_defaults_are_those_of_the_field() -> None:
    flow = read({"modules": [loop("l"), {"id": "b", "value": {"type": "branchall"}}]})
    for_loop, branches = flow.modules[0].kind, flow.modules[1].kind
    assert isinstance(for_loop, ForLoop)
    assert isinstance(branches, BranchAll)
    assert (for_loop.parallel, for_loop.skip_failures, branches.parallel) == (False, False, True)


def test_both_names_of_the_inputs_and_both_forms_of_a_number_are_read() -> None:
    old = leaf("a")
    del old["value"]["input_transforms"]
    old["value"]["input_transform"] = {"x": {"type": "static"}, "y": {"type": "ai"}}
    old |= {"timeout": 5, "sleep": {"type": "javascript", "expr": "flow_input.s"}}
    module = read({"modules": [old]}).modules[0]
    assert isinstance(module.kind, RawScript)
    assert module.kind.inputs["x"] == Static(None)
    assert module.timeout == Static(5)
    assert module.sleep == Javascript("flow_input.s")


def test_an_agent_is_kept() -> None:
    flow = read(CORPUS["agent"])
    assert isinstance(flow.modules[0].kind, AiAgent)


def test_a_failure_module_without_an_id_is_called_failure() -> None:
    handler = leaf("x")
    del handler["id"]
    flow = read({"modules": [leaf("a")], "failure_module": handler})
    assert flow.failure is not None
    assert flow.failure.id == "failure"


def test_every_expression_is_found_with_its_place() -> None:
    found = {written.at: written.source for written in expressions(read(CORPUS["everything"]))}
    assert found == {
        "modules[0].value.input_transforms.x.expr": "flow_input.x",
        "modules[0].stop_after_if.expr": "result.stop",
        "modules[0].skip_if.expr": "!flow_input.x",
        "modules[0].retry.retry_if.expr": "error.name == 'Busy'",
        "modules[0].sleep.expr": "1 + 1",
        "modules[0].timeout.expr": "flow_input.t",
        "modules[0].suspend.user_groups_required.expr": "['ops']",
        "modules[1].value.iterator.expr": "results.a",
        "modules[1].value.parallelism.expr": "4",
        "modules[1].value.modules[0].value.input_transforms.y.expr": "flow_input.iter.value",
        "modules[1].stop_after_all_iters_if.expr": "result.length > 3",
        "modules[2].value.branches[0].expr": "results.l.length == 0",
        "modules[2].value.default[0].value.input_transforms.z.expr": "previous_result",
        "failure_module.value.input_transforms.e.expr": "error.message",
        "skip_expr": "flow_input.off",
    }


def test_a_branch_keeps_its_condition_and_its_leave_to_fail() -> None:
    one = {
        "branches": [{"expr": "true", "modules": [leaf("a")]}],
        "default": [],
        "type": "branchone",
    }
    every = {"branches": [{"skip_failure": True, "modules": []}], "type": "branchall"}
    flow = read({"modules": [{"id": "o", "value": one}, {"id": "e", "value": every}]})
    first, second = flow.modules[0].kind, flow.modules[1].kind
    assert isinstance(first, BranchOne)
    assert first.branches[0].condition == Javascript("true")
    assert isinstance(second, BranchAll)
    assert second.branches[0].skip_failure


def _with(**fields: Any) -> Any:
    return {"modules": [leaf("a") | fields]}


def _valued(**fields: Any) -> Any:
    return {"modules": [{"id": "a", "value": leaf("a")["value"] | fields}]}


REFUSED: list[tuple[Any, str]] = [
    ([], "value: a flow is an object, not an array"),
    ({}, "modules: is missing"),
    ({"modules": {}}, "modules: must be an array, not an object"),
    ({"modules": ["a"]}, "modules[0]: must be an object, not a text"),
    ({"modules": [{"value": {"type": "identity"}}]}, "modules[0].id: is missing"),
    ({"modules": [leaf("a"), leaf("a")]}, 'modules[1].id: duplicate id "a", it is at modules[0]'),
    (
        {"modules": [leaf("a"), loop("l", loop("m", leaf("a")))]},
        'modules[1].value.modules[0].value.modules[0].id: duplicate id "a"',
    ),
    (
        {
            "modules": [
                leaf("a"),
                {
                    "id": "b",
                    "value": {
                        "type": "branchall",
                        "branches": [{"modules": []}, {"modules": [leaf("a")]}],
                    },
                },
            ]
        },
        'modules[1].value.branches[1].modules[0].id: duplicate id "a"',
    ),
    ({"modules": [leaf("a")], "failure_module": leaf("a")}, "failure_module.id: duplicate id"),
    *(
        ({"modules": [leaf(id)]}, "modules[0].id: ")
        for id in ("", "a b", "1a", "a/b", "é", "a" * 101)
    ),
    *(
        ({"modules": [leaf(id)]}, f'modules[0].id: "{id}" would hide a name')
        for id in ("result", "constructor", "__proto__", "toString", "flow_input")
    ),
    ({"modules": [leaf("a-v"), leaf("a")]}, 'modules[0].id: "a-v" is what the wait after'),
    ({"modules": [{"id": "a"}]}, "modules[0].value: is missing"),
    (_valued(type="magic"), "modules[0].value.type: there is no kind 'magic'"),
    (_valued(type=3), "modules[0].value.type: there is no kind '3'"),
    (_valued(content=None), "modules[0].value.content: is missing"),
    (_valued(content="a\0"), "modules[0].value.content: holds a NUL character"),
    (_valued(type="script"), "modules[0].value.path: is missing"),
    (_valued(tag="gpu-$flow_expr[results.a[0]"), "modules[0].value.tag: $flow_expr[ is not"),
    (
        _valued(type="script", path="u/a/b", tag_override="$flow_expr[ ]"),
        "modules[0].value.tag_override: is empty",
    ),
    (_valued(type="script", path="x/y"), "modules[0].value.path: 'x/y' must begin with u/"),
    (_valued(type="forloopflow"), "modules[0].value.iterator: is missing"),
    (_valued(input_transforms={"x": 1}), "modules[0].value.input_transforms.x: must be an object"),
    (_valued(input_transforms={"x": {}}), "modules[0].value.input_transforms.x.type: is missing"),
    (
        _valued(input_transforms={"x": {"type": "javascript"}}),
        "modules[0].value.input_transforms.x.expr: is missing",
    ),
    (
        _valued(input_transforms={"x": {"type": "javascript", "expr": " "}}),
        "modules[0].value.input_transforms.x.expr: is empty",
    ),
    (
        _valued(input_transforms={"x": {"type": "javascript", "expr": "1" * 100_001}}),
        "modules[0].value.input_transforms.x.expr: is longer than",
    ),
    (_with(stop_after_if={}), "modules[0].stop_after_if.expr: is missing"),
    (_with(skip_if={"expr": 1}), "modules[0].skip_if.expr: must be a text, not a number"),
    (_with(timeout=-1), "modules[0].timeout: must be a number between 0 and"),
    (_with(timeout="1"), "modules[0].timeout: must be a number between 0 and"),
    (_with(sleep={"type": "static", "value": True}), "modules[0].sleep: must be a number"),
    (_with(sleep={"type": "ai"}), "modules[0].sleep: cannot be filled in by a model"),
    (
        _with(retry={"exponential": {"attempts": 1, "multiplier": 1, "seconds": 0}}),
        "modules[0].retry.exponential.seconds: must be at least 1",
    ),
    (_with(retry={"constant": {"attempts": 1001}}), "modules[0].retry.constant.attempts: must lie"),
    (_with(suspend={"required_events": -1}), "modules[0].suspend.required_events: must lie"),
    (
        _with(suspend={"required_events": "1"}),
        "modules[0].suspend.required_events: must be a whole",
    ),
    (_with(mock={"enabled": 1}), "modules[0].mock.enabled: must be true or false, not a number"),
    (_with(priority=70_000), "modules[0].priority: must lie between"),
    (
        {"modules": [], "failure_module": {"id": "f", "value": {"type": "identity"}}},
        "failure_module.value.type: must be script, rawscript or flow",
    ),
    ({"modules": [], "flow_env": []}, "flow_env: must be an object, not an array"),
    (
        {"modules": [], "debounce_delay_s": 1, "debounce_args_to_accumulate": [1]},
        "debounce_args_to_accumulate: must hold names",
    ),
]


@pytest.mark.parametrize(
    ("document", "words"), REFUSED, ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_faulty_flow_is_refused_with_the_place(document: Any, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(document)
    assert refused.value.message.startswith(words)
    assert refused.value.field == words.split(":", maxsplit=1)[0]


def test_containers_nest_so_deep_and_no_deeper() -> None:
    assert read(nested(limits.FLOW_DEPTH_MAX)).ids
    with pytest.raises(Invalid, match="nested deeper than 20 containers"):
        read(nested(limits.FLOW_DEPTH_MAX + 1))


def test_a_flow_has_so_many_modules_and_no_more() -> None:
    modules = [
        {"id": f"s{n}", "value": {"type": "identity"}} for n in range(limits.FLOW_MODULES_MAX)
    ]
    assert len(read({"modules": modules}).ids) == limits.FLOW_MODULES_MAX
    with pytest.raises(TooLarge, match="more than 10000 modules"):
        read({"modules": [*modules, leaf("z")]})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda v: (
            st.lists(v)
            | st.dictionaries(st.sampled_from(["modules", "id", "value", "type", "branches"]), v)
        ),
    )
)
@settings(max_examples=200, deadline=None)
def test_whatever_json_comes_it_is_read_or_refused(document: Any) -> None:
    refused = _refusal(document)
    assert refused is None or refused.field


def _refusal(document: Any) -> Invalid | None:
    try:
        read(document)
    except Invalid as refused:
        return refused
    return None
