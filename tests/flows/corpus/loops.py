"""forloopflow and whileloopflow."""

from __future__ import annotations

from tests.flows._case import BAD, NOBODY, OK, Case, Error, raised
from tests.flows._words import (
    GO_ON,
    INDEX,
    ITEM,
    Static,
    each,
    fail_on,
    flow,
    ident,
    loop_while,
    one,
    put,
    py,
    say,
    stop,
    together,
)

_NO_ARRAY = "Expected an array value"

CASES = (
    Case(
        says="a loop gives an array with one entry for each item, in order",
        flow=flow(each("l", "[3, 1, 2]", say("b", f"{ITEM} * 10"))),
        gives=[30, 10, 20],
        runs="b b b",
        modules={"l": {**OK, "flow_jobs_success": [True] * 3, "parallel": False}},
        real=True,
    ),
    Case(
        says="a loop over a static array",
        flow=flow(each("l", Static([{"k": 1}, None, "x"]), say("b", ITEM))),
        gives=[{"k": 1}, None, "x"],
    ),
    Case(
        says="a loop over nothing gives an empty array and starts nothing",
        flow=flow(each("l", "[]", put("b", 1)), put("c", 2), say("z", "results.l")),
        gives=[],
        runs="c z",
        modules={"l": {**OK, "flow_jobs": [], "job": NOBODY}},
    ),
    Case(
        says="a loop over nothing at once as well",
        flow=flow(together("l", "[]", put("b", 1)), say("z", "results.l")),
        gives=[],
        runs="z",
        modules={"l": {**OK, "flow_jobs": [], "job": NOBODY}},
    ),
    *(
        Case(
            says=f"a loop over {over} fails: it is no array",
            flow=flow(each("l", over, put("b", 1))),
            fails=Error("InvalidIterator", (_NO_ARRAY, shown), step="l"),
            runs="",
            modules={"l": BAD},
        )
        for over, shown in (
            ("'text'", '"text"'),
            ("results.nobody", "null"),
            ("({length: 2})", "length"),
            ("7", "7"),
        )
    ),
    Case(
        says="a body sees index and item, and the args of the flow",
        flow=flow(each("l", "['a', 'b']", say("b", f"[{INDEX}, {ITEM}, flow_input.k]"))),
        args={"k": 7},
        gives=[[0, "a", 7], [1, "b", 7]],
    ),
    Case(
        says="inside of two loops the outer turn is iter_parent",
        flow=flow(
            each(
                "l",
                "['a', 'b']",
                each("m", "[1, 2]", say("b", f"flow_input.iter_parent.value + {ITEM}")),
            )
        ),
        gives=[["a1", "a2"], ["b1", "b2"]],
        real=True,
    ),
    Case(
        says="inside of three loops of all kinds the outermost turn is iter_parent_parent",
        flow=flow(
            together(
                "l",
                "['a', 'b']",
                loop_while(
                    "m",
                    each(
                        "n",
                        "[7]",
                        say(
                            "b",
                            "[flow_input.iter_parent_parent.value, flow_input.iter_parent.value, "
                            "flow_input.iter.value].join('')",
                        ),
                    ),
                )
                | stop("result[0].includes('1')"),
            )
        ),
        gives=[[["a07"], ["a17"]], [["b07"], ["b17"]]],
        ordered=False,
    ),
    Case(
        says="an argument that is called iter is iter_parent inside",
        flow=flow(each("l", "[1]", say("b", "[flow_input.iter.value, flow_input.iter_parent]"))),
        args={"iter": "mine"},
        gives=[[1, "mine"]],
    ),
    Case(
        says="a loop without a body gives the args of each iteration",
        flow=flow(each("l", "['v', 'w']")),
        args={"k": 1},
        gives=[{"k": 1, "iter": {"index": n, "value": v}} for n, v in enumerate("vw")],
        runs="",
    ),
    Case(
        says="an identity as a body gives the same",
        flow=flow(each("l", "['v']", ident("i"))),
        args={"k": 1},
        gives=[{"k": 1, "iter": {"index": 0, "value": "v"}}],
        runs="",
    ),
    Case(
        says="a failing iteration ends the loop, whose array is shorter and holds the error",
        flow=flow(each("l", "[1, 2, 3]", fail_on("b", "(2,)")), put("z", 1)),
        fails=[1, raised("bad 2")],
        runs="b b",
        modules={"l": {**BAD, "flow_jobs_success": [True, False]}},
        real=True,
    ),
    Case(
        says="skip_failures goes on, with the error in its place",
        flow=flow(each("l", "[1, 2, 3]", fail_on("b", "(1, 2)"), skip_failures=True)),
        gives=[raised("bad 1"), raised("bad 2"), 3],
        runs="b b b",
        modules={"l": {**OK, "flow_jobs_success": [False, False, True]}},
    ),
    Case(
        says="absent, skip_failures is false",
        flow=flow(each("l", "[1]", fail_on("b", "(1,)"))),
        fails=[raised("bad 1")],
    ),
    Case(
        says="a failure in the middle of a body ends that iteration",
        flow=flow(
            each("l", "[1, 2]", fail_on("b", "(1,)"), say("c", "results.b * 2"), skip_failures=True)
        ),
        gives=[raised("bad 1"), 4],
        runs="b b c",
    ),
    Case(
        says="an error in an expression of an iteration is that iteration's",
        flow=flow(each("l", "[null, {n: 2}]", say("b", f"{ITEM}.n"), skip_failures=True)),
        gives=[Error("TypeError", ("input_transforms.x",), step="b"), 2],
    ),
    Case(
        says="parallelism means nothing without parallel",
        flow=flow(each("l", "[1, 2, 3, 4]", say("b", ITEM), parallelism=2)),
        gives=[1, 2, 3, 4],
        at_once={"b": 1},
    ),
    Case(
        says="squash is a matter of speed only",
        flow=flow(each("l", "[1, 2]", say("b", ITEM), squash=True)),
        gives=[1, 2],
    ),
    Case(
        says="a loop goes over what a step gave",
        flow=flow(
            py("a", "return list(range(4))"), each("l", "results.a", say("b", f"{ITEM} ** 2"))
        ),
        gives=[0, 1, 4, 9],
        real=True,
    ),
    Case(
        says="a loop goes over the results of a loop",
        flow=flow(
            each("l", "[1, 2]", say("b", f"{ITEM} + 1")),
            each("m", "results.l", say("c", f"{ITEM} * 10")),
        ),
        gives=[20, 30],
    ),
    Case(
        says="a loop of sixty iterations in sequence",
        flow=flow(each("l", "Array.from({length: 60}, (_, i) => i)", say("b", ITEM))),
        gives=list(range(60)),
        at_once={"b": 1},
    ),
    Case(
        says="a while loop goes on until its condition holds, and keeps the one that ended it",
        flow=flow(loop_while("w", say("b", INDEX)) | stop("result == 3")),
        gives=[0, 1, 2, 3],
        modules={"w": {**OK, "while_loop": True, "flow_jobs_success": [True] * 4}},
        real=True,
    ),
    Case(
        says="the value of a while loop is its index",
        flow=flow(loop_while("w", say("b", f"[{INDEX}, {ITEM}]")) | stop("result[0] == 1")),
        gives=[[0, 0], [1, 1]],
    ),
    Case(
        says="a while loop ends where a step of its body stops",
        flow=flow(
            loop_while("w", say("b", INDEX) | stop("result == 2"), say("c", "results.b * 10")),
            ident("i"),
        ),
        gives=[0, 10, 2],
        runs="b c b c b",
    ),
    Case(
        says="a failing iteration ends a while loop with a failure",
        flow=flow(loop_while("w", fail_on("b", "(2,)", INDEX)) | stop("result == 5")),
        fails=[0, 1, raised("bad 2")],
        runs="b b b",
        modules={"w": BAD},
    ),
    Case(
        says="skip_failures lets a while loop go on",
        flow=flow(
            loop_while("w", fail_on("b", "(0, 2)", INDEX), skip_failures=True) | stop("result == 3")
        ),
        gives=[raised("bad 0"), 1, raised("bad 2"), 3],
    ),
    Case(
        says="a while loop has no parallel",
        flow=flow(loop_while("w", say("b", INDEX), parallel=True) | stop("result == 2")),
        gives=[0, 1, 2],
        at_once={"b": 1},
    ),
    Case(
        says="a while loop without a body gives the args of each turn",
        flow=flow(loop_while("w") | stop("result.iter.index == 1")),
        gives=[{"iter": {"index": n, "value": n}} for n in range(2)],
        runs="",
    ),
    Case(
        says="a while loop in a loop begins anew each time",
        flow=flow(
            each("l", "[1, 2]", loop_while("w", say("b", INDEX)) | stop(f"result == {ITEM}"))
        ),
        gives=[[0, 1], [0, 1, 2]],
    ),
    Case(
        says="a while loop that stops at a condition of a branch inside",
        flow=flow(
            loop_while(
                "w",
                one("o", {f"{INDEX} >= 2": [put("end", "end") | stop("true")]}, [say("b", INDEX)]),
                say("c", "previous_result"),
            )
        ),
        gives=[0, 1, "end"],
        runs="b c b c end",
    ),
    Case(
        says="a failing loop that is passed over leaves its array to the next step",
        flow=flow(
            each("l", "[1, 2, 3]", fail_on("b", "(2,)")) | GO_ON, say("z", "results.l.length")
        ),
        gives=2,
        modules={"l": BAD},
    ),
)
