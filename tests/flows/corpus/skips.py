"""skip_if and mock."""

from __future__ import annotations

from tests.flows._case import BAD, NOBODY, OK, SKIPPED, Case, Error
from tests.flows._words import (
    GO_ON,
    INDEX,
    ITEM,
    asks,
    each,
    every,
    fail,
    flaky,
    flow,
    handler,
    loop_while,
    mock,
    one,
    put,
    retry,
    say,
    skip,
    sleep,
    together,
)

CASES = (
    Case(
        says="a skipped step does not run and passes on what was before",
        flow=flow(
            put("a", 1),
            put("b", 2) | skip("flow_input.off"),
            say("c", "[previous_result, results.b]"),
        ),
        args={"off": True},
        gives=[1, 1],
        runs="a c",
        modules={"b": {**SKIPPED, "job": NOBODY}},
        real=True,
    ),
    Case(
        says="a step whose condition does not hold runs",
        flow=flow(put("a", 1), put("b", 2) | skip("flow_input.off")),
        args={"off": False},
        gives=2,
        modules={"b": OK},
    ),
    Case(
        says="a skipped first step gives the args",
        flow=flow(put("a", 1) | skip("true")),
        args={"k": 1},
        gives={"k": 1},
        runs="",
    ),
    *(
        Case(
            says=f"a skipped {kind} starts nothing",
            flow=flow(put("a", 1), step | skip("true"), say("z", "results.x")),
            gives=1,
            runs="a z",
            modules={"x": SKIPPED},
        )
        for kind, step in (
            ("loop", each("x", "nobody.y", put("b", 2))),
            ("loop at once", together("x", "[1, 2]", put("b", 2))),
            ("while loop", loop_while("x", put("b", 2))),
            ("branchone", one("x", {"nobody.y": [put("b", 2)]})),
            ("branchall", every("x", [put("b", 2)])),
        )
    ),
    Case(
        says="a skipped approval step holds nobody up",
        flow=flow(put("a", 1) | asks() | skip("true"), put("b", 2)),
        gives=2,
        modules={"a": SKIPPED},
    ),
    Case(
        says="a skipped step does not sleep",
        flow=flow(put("a", 1) | sleep(60) | skip("true"), put("b", 2)),
        gives=2,
    ),
    Case(
        says="a condition that fails is a failure of the step",
        flow=flow(put("a", 1) | skip("nobody.x"), put("b", 2)),
        fails=Error("ReferenceError", ("skip_if", "nobody.x"), step="a"),
        runs="",
        modules={"a": BAD},
    ),
    Case(
        says="such a failure may be passed over",
        flow=flow(put("a", 1) | skip("nobody.x") | GO_ON, say("b", "error.name")),
        gives="ReferenceError",
        runs="b",
    ),
    Case(
        says="such a failure is heard by the failure module",
        flow=flow(
            put("a", 1) | skip("nobody.x"), failure_module=handler("return s", s="error.step_id")
        ),
        fails="a",
    ),
    Case(
        says="a step that is tried again is not asked again whether to skip",
        flow=flow(put("a", 5), flaky("b", 2) | retry(2) | skip("previous_result != 5")),
        gives="x",
        runs="a b b b",
        pauses=(1, 1),
    ),
    Case(
        says="a loop is asked once, on entry, though its body changes what it asks for",
        flow=flow(
            put("a", 0),
            each("l", "[1, 2, 3]", say("b", ITEM)) | skip("results.b == 1 || results.l != null"),
        ),
        gives=[1, 2, 3],
        runs="a b b b",
    ),
    Case(
        says="each iteration is asked for itself",
        flow=flow(each("l", "[1, 2, 3]", put("a", "ran"), put("b", "b") | skip(f"{INDEX} == 1"))),
        gives=["b", "ran", "b"],
        runs="a b a a b",
    ),
    Case(
        says="a flow whose steps are all skipped gives its args",
        flow=flow(put("a", 1) | skip("true"), put("b", 1) | skip("true")),
        args={"k": 2},
        gives={"k": 2},
        runs="",
    ),
    Case(
        says="several skipped steps pass on through all of them",
        flow=flow(
            put("a", 1),
            put("b", 2) | skip("true"),
            put("c", 3) | skip("result == 1"),
            say("d", "results.c"),
        ),
        gives=1,
        runs="a d",
    ),
    *(
        Case(
            says=f"a mock takes the place of a {kind}",
            real=True,
            flow=flow(step | mock({"m": [1]}), say("z", "results.x.m")),
            gives=[1],
            runs="z",
            modules={"x": OK},
        )
        for kind, step in (
            ("step", fail("x")),
            ("step whose inputs would fail", say("x", "nobody.y")),
            ("loop", each("x", "[1, 2]", put("b", 2))),
            ("while loop without an end", loop_while("x", put("b", 2))),
            ("branchone", one("x", {"nobody.y": [put("b", 2)]})),
            ("branchall", every("x", [fail("b")])),
        )
    ),
    Case(
        says="a mock comes before skip_if",
        flow=flow(put("a", 1), fail("b") | mock("mocked") | skip("nobody.x")),
        gives="mocked",
        runs="a",
        modules={"b": OK},
    ),
    Case(
        says="a mock without a value is null",
        flow=flow(put("a", 1), fail("b") | {"mock": {"enabled": True}}),
        gives=None,
    ),
    Case(
        says="a mock that is not enabled is none",
        flow=flow(put("a", 1) | {"mock": {"enabled": False, "return_value": 9}}),
        gives=1,
        runs="a",
    ),
    Case(
        says="a mock inside of a loop is each iteration's",
        flow=flow(each("l", "[1, 2]", fail("b") | mock(7), say("c", f"results.b + {ITEM}"))),
        gives=[8, 9],
        runs="c c",
    ),
)
