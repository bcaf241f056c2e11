"""Documents that are refused when they are saved, with the place and what is wrong there."""

from __future__ import annotations

from typing import Any

from tests.flows._words import (
    ITEM,
    Doc,
    each,
    every,
    fail,
    flow,
    handler,
    ident,
    one,
    put,
    retry,
    say,
    sub,
)


def _deep(depth: int) -> Doc:
    inner = ident("x")
    for n in range(depth):
        inner = one(f"o{n}", {"true": [inner]})
    return inner


def _value(**changes: Any) -> Doc:
    step = put("a", 1)
    return flow({**step, "value": {**step["value"], **changes}})


#: Document, place, words.
REFUSED: tuple[tuple[Any, str, str], ...] = (
    ([], "value", "an object"),
    ({}, "modules", "is missing"),
    ({"modules": {}}, "modules", "an array"),
    ({"modules": [7]}, "modules[0]", "an object"),
    ({"modules": [{"value": {"type": "identity"}}]}, "modules[0].id", "is missing"),
    (flow(ident("")), "modules[0].id", "letters"),
    (flow(ident("has space")), "modules[0].id", "has space"),
    (flow(ident("1st")), "modules[0].id", "1st"),
    (flow(ident("a.b")), "modules[0].id", "a.b"),
    (flow(ident("x" * 101)), "modules[0].id", "100"),
    (flow(ident("a"), ident("a")), "modules[1].id", "duplicate"),
    (flow(ident("a"), each("l", "[]", ident("a"))), "modules[1].value.modules[0].id", "duplicate"),
    (flow(put("failure", 1), failure_module=handler()), "failure_module.id", "duplicate"),
    (flow(put("a", 1), ident("a-v")), "modules[1].id", "wait"),
    *(
        (flow(ident(name)), "modules[0].id", name)
        for name in (
            "result",
            "results",
            "constructor",
            "__proto__",
            "toString",
            "flow_input",
            "error",
        )
    ),
    ({"modules": [{"id": "a"}]}, "modules[0].value", "is missing"),
    ({"modules": [{"id": "a", "value": {}}]}, "modules[0].value.type", "is missing"),
    ({"modules": [{"id": "a", "value": {"type": "magic"}}]}, "modules[0].value.type", "magic"),
    (
        flow(ident("a") | {"apply_preprocessor": True}),
        "modules[0].apply_preprocessor",
        "inputs say",
    ),
    (
        flow(each("l", "[]", ident("a") | {"pass_flow_input_directly": True})),
        "modules[0].value.modules[0].pass_flow_input_directly",
        "inputs say",
    ),
    (
        _value(pass_flow_input_directly=True),
        "modules[0].value.pass_flow_input_directly",
        "inputs say",
    ),
    (_value(content=None), "modules[0].value.content", "is missing"),
    (_value(language=None), "modules[0].value.language", "is missing"),
    (_value(content="a\0b"), "modules[0].value.content", "NUL"),
    (_value(input_transforms=[]), "modules[0].value.input_transforms", "an object"),
    (_value(input_transforms={"x": {}}), "modules[0].value.input_transforms.x.type", "is missing"),
    (
        _value(input_transforms={"x": {"type": "magic"}}),
        "modules[0].value.input_transforms.x.type",
        "magic",
    ),
    (
        _value(input_transforms={"x": {"type": "javascript"}}),
        "modules[0].value.input_transforms.x.expr",
        "is missing",
    ),
    (flow(say("a", "  ")), "modules[0].value.input_transforms.x.expr", "is empty"),
    (flow(say("a", "1 +")), "modules[0].value.input_transforms.x.expr", ""),
    (flow(each("l", "[1", ident("b"))), "modules[0].value.iterator.expr", ""),
    (flow(one("o", {"a b": []})), "modules[0].value.branches[0].expr", ""),
    (flow(one("o", {"true": [say("x", "(")]})), "modules[0].value.branches[0].modules[0]", ""),
    (flow(put("a", 1), skip_expr="if ("), "skip_expr", ""),
    (flow(put("a", 1) | {"skip_if": {}}), "modules[0].skip_if.expr", "is missing"),
    (flow(put("a", 1) | {"stop_after_if": {"expr": "1 )"}}), "modules[0].stop_after_if.expr", ""),
    (flow(put("a", 1) | {"skip_if": True}), "modules[0].skip_if", "an object"),
    (flow(fail("a") | retry(-1)), "modules[0].retry.constant.attempts", "between"),
    (
        flow(fail("a") | {"retry": {"exponential": {"attempts": 1, "seconds": 0}}}),
        "modules[0].retry.exponential.seconds",
        "at least 1",
    ),
    (flow(put("a", 1) | {"sleep": "long"}), "modules[0].sleep", "number"),
    (flow(put("a", 1) | {"sleep": -1}), "modules[0].sleep", "number"),
    (flow(put("a", 1) | {"timeout": -1}), "modules[0].timeout", "number"),
    (
        flow(put("a", 1) | {"continue_on_error": "yes"}),
        "modules[0].continue_on_error",
        "true or false",
    ),
    (
        flow(put("a", 1) | {"suspend": {"required_events": -1}}),
        "modules[0].suspend.required_events",
        "between",
    ),
    (flow(put("a", 1) | {"priority": "high"}), "modules[0].priority", "whole number"),
    (
        flow({"id": "l", "value": {"type": "forloopflow", "modules": []}}),
        "modules[0].value.iterator",
        "is missing",
    ),
    (flow(each("l", "[]", ident("b"), parallelism=0)), "modules[0].value.parallelism", "number"),
    (
        flow(each("l", "[]", ident("b"), parallel="yes")),
        "modules[0].value.parallel",
        "true or false",
    ),
    (
        flow({"id": "o", "value": {"type": "branchone", "branches": [{"modules": []}]}}),
        "modules[0].value.branches[0].expr",
        "is missing",
    ),
    (flow(every("e", *[[]] * 1001)), "modules[0].value.branches", "1001"),
    (flow(sub("f", "no/owner")), "modules[0].value.path", "no/owner"),
    (
        flow({"id": "s", "value": {"type": "script", "path": "../etc"}}),
        "modules[0].value.path",
        "../etc",
    ),
    (
        flow(put("a", 1), failure_module=each("failure", "[]", say("b", ITEM))),
        "failure_module.value.type",
        "script",
    ),
    (flow(_deep(25)), "modules[0].value.branches[0]", "nested deeper"),
    (flow(put("a", 1), flow_env=[1]), "flow_env", "an object"),
    (flow(put("a", 1), priority=1.5), "priority", "whole number"),
)
