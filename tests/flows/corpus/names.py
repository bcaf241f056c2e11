"""Which names an expression sees where, `previous_result` and `error`."""

from __future__ import annotations

from tests.flows._case import OK, SKIPPED, Case, Error, raised
from tests.flows._words import (
    GO_ON,
    INDEX,
    ITEM,
    Static,
    each,
    every,
    fail,
    fail_on,
    flaky,
    flow,
    handler,
    ident,
    loop_while,
    one,
    put,
    py,
    retry,
    say,
    skip,
    sleep,
    stop,
    stop_all,
    together,
)

CASES = (
    Case(
        says="an iterator sees the result before under both names, results and constants",
        flow=flow(
            put("a", [1, 2]),
            each("l", "[...result, ...previous_result, ...results.a, flow_env.n]", say("b", ITEM)),
            flow_env={"n": 9},
        ),
        gives=[1, 2, 1, 2, 1, 2, 9],
    ),
    Case(
        says="a predicate sees the result before under both names, results and constants",
        flow=flow(
            put("a", 1),
            one(
                "o",
                {
                    "result + previous_result + results.a + flow_env.n + flow_input.n == 14": [
                        put("y", "all")
                    ]
                },
            ),
            flow_env={"n": 1},
        ),
        args={"n": 10},
        gives="all",
    ),
    Case(
        says="skip_if sees the result before under both names",
        flow=flow(put("a", 2), put("b", 3) | skip("result == 2 && previous_result == 2")),
        gives=2,
        modules={"b": SKIPPED},
    ),
    Case(
        says="stop_after_if sees this step's result under both names",
        flow=flow(
            put("a", 2) | stop("result == 2 && previous_result == 2 && results.a == 2"),
            put("b", 3),
        ),
        gives=2,
    ),
    Case(
        says="stop_after_if sees constants and the input",
        flow=flow(
            put("a", 2) | stop("result == flow_env.n + flow_input.n"),
            put("b", 3),
            flow_env={"n": 1},
        ),
        args={"n": 1},
        gives=2,
    ),
    Case(
        says="stop_after_if of a loop sees one iteration's result and all so far",
        flow=flow(
            each("l", "[5, 6, 7, 8]", say("b", ITEM))
            | stop("result == 7 && all_iters.length == 3 && all_iters[2] == 7")
        ),
        gives=[5, 6, 7],
    ),
    Case(
        says="stop_after_all_iters_if sees the whole array under both names",
        flow=flow(
            each("l", "[5, 6]", say("b", ITEM))
            | stop_all("result[1] == 6 && previous_result[0] == 5"),
            put("z", 1),
        ),
        gives=[5, 6],
    ),
    Case(
        says="retry_if sees the failure, the input, constants and results",
        flow=flow(
            put("a", 1),
            flaky("b", 1)
            | retry(
                3,
                retry_if={
                    "expr": "error.message == 'try 0' && result.error.name == 'RuntimeError'"
                    " && previous_result.error.message == error.message"
                    " && flow_input.k && flow_env.k && results.a == 1"
                },
            ),
            flow_env={"k": True},
        ),
        args={"k": True},
        gives="x",
        runs="a b b",
        pauses=(1,),
    ),
    Case(
        says="sleep sees the result of the step that sleeps",
        flow=flow(put("a", 3) | sleep("result + previous_result + results.a"), put("b", 1)),
        gives=1,
        pauses=(9,),
    ),
    Case(
        says="parallelism may be an expression of the result before",
        flow=flow(
            put("a", 2),
            together(
                "l",
                "[1, 2, 3, 4, 5]",
                say("b", ITEM),
                parallelism={"type": "javascript", "expr": "result"},
            ),
        ),
        gives=[1, 2, 3, 4, 5],
        at_once={"b": 2},
    ),
    Case(
        says="a step after another sees that one's result, not its own input",
        flow=flow(
            put("a", 1), put("b", 2), py("c", "return [p, a]", p="previous_result", a="results.a")
        ),
        gives=[2, 1],
    ),
    Case(
        says="the first step of a branch has the flow's args before it, not the step outside",
        flow=flow(put("a", 1), one("o", {"true": [say("b", "previous_result")]})),
        args={"k": 7},
        gives={"k": 7},
    ),
    Case(
        says="the first step of an iteration has the args with iter before it",
        flow=flow(put("a", 1), each("l", "['v']", say("b", "previous_result"))),
        args={"k": 7},
        gives=[{"k": 7, "iter": {"index": 0, "value": "v"}}],
    ),
    Case(
        says="the second step of an iteration has the first before it",
        flow=flow(each("l", "[1, 2]", say("b", ITEM), say("c", "previous_result * 10"))),
        gives=[10, 20],
    ),
    Case(
        says="error is that of the result before",
        flow=flow(fail("a", "mine") | GO_ON, say("b", "[error.name, error.message]")),
        gives=["RuntimeError", "mine"],
    ),
    Case(
        says="error is the one of an array that has one",
        flow=flow(
            each("l", "[1, 2, 3]", fail_on("b", "(2,)"), skip_failures=True),
            say("z", "error.message"),
        ),
        gives="bad 2",
    ),
    Case(
        says="error of several is MultipleErrors with all of them",
        real=True,
        flow=flow(
            each("l", "[1, 2, 3]", fail_on("b", "(1, 3)"), skip_failures=True),
            say("z", "[error.name, error.errors.length, error.errors[1].message]"),
            say("y", "previous_result"),
        ),
        gives=["MultipleErrors", 2, "bad 3"],
    ),
    Case(
        says="error where there is none is an UnknownError",
        flow=flow(put("a", 1), say("b", "error.name")),
        gives="UnknownError",
    ),
    Case(
        says="after a skipped step previous_result is what passed through it",
        flow=flow(put("a", 4), put("b", 5) | skip("true"), say("c", "previous_result")),
        gives=4,
        modules={"b": SKIPPED, "c": OK},
    ),
    Case(
        says="after a branchone that chose nothing it is what was before",
        flow=flow(put("a", 4), one("o", {"false": [put("b", 1)]}), say("c", "previous_result")),
        gives=4,
    ),
    Case(
        says="after a loop it is the array, also when nothing ran",
        flow=flow(
            each("l", "[]", put("b", 1)),
            say("c", "previous_result"),
            each("m", "[1]", ident("i")),
            say("d", "previous_result[0].iter.value"),
            say("e", "[results.c, results.d]"),
        ),
        gives=[[], 1],
    ),
    Case(
        says="a container inside sees the index of the loop around it",
        flow=flow(each("l", "['x', 'y']", every("e", [say("b", INDEX)], [say("c", ITEM)]))),
        gives=[[0, "x"], [1, "y"]],
    ),
    Case(
        says="a while loop's body sees constants and the input",
        flow=flow(
            loop_while("w", say("b", f"flow_env.n + flow_input.n + {INDEX}"))
            | stop("result >= 13"),
            flow_env={"n": 1},
        ),
        args={"n": 10},
        gives=[11, 12, 13],
    ),
    Case(
        says="a failure module sees the error, the input, results and constants",
        real=True,
        flow=flow(
            put("a", 1),
            fail("b", "mine"),
            failure_module=handler(
                "return [m, p, r, k, e]",
                m="error.message",
                p="previous_result.error.message",
                r="results.a",
                k="flow_input.k",
                e="flow_env.e",
            ),
            flow_env={"e": 5},
        ),
        args={"k": 7},
        fails=["mine", "mine", 1, 7, 5],
    ),
    Case(
        says="an expression of the failure module that fails is the flow's error",
        flow=flow(fail("b"), failure_module=handler("return x", x="nobody.x")),
        fails=Error("ReferenceError", ("nobody",), step="failure"),
        runs="b",
    ),
    Case(
        says="a static input of a failure module is passed as it stands",
        flow=flow(fail("b"), failure_module=handler("return x", x=Static({"k": [1]}))),
        fails={"k": [1]},
    ),
    Case(
        says="the result of a step that goes on after its failure is its error",
        flow=flow(fail("a") | GO_ON, say("b", "previous_result"), say("c", "results.a")),
        gives=raised(),
    ),
    Case(
        says="a failure module sees which flow and since when",
        flow=flow(
            fail("b"),
            failure_module=handler(
                "return x", x="[typeof flow_job_id, flow_job_id.length, new Date(started_at) > 0]"
            ),
        ),
        fails=["string", 36, True],
    ),
)
