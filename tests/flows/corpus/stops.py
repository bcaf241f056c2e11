"""Early stops: what ends, what goes on, and with which result."""

from __future__ import annotations

from tests.flows._case import BAD, OK, UNREACHED, Case, Error, raised
from tests.flows._words import (
    GO_ON,
    INDEX,
    ITEM,
    each,
    every,
    fail,
    flow,
    loop_while,
    one,
    put,
    say,
    stop,
    stop_all,
    together,
)

_Z = put("z", "after")

CASES = (
    Case(
        says="a step whose condition holds ends the flow with its result",
        flow=flow(put("a", 1) | stop("result == 1"), _Z),
        gives=1,
        runs="a",
        modules={"a": OK, "z": UNREACHED},
        status={"step": 1},
        real=True,
    ),
    Case(
        says="a condition that does not hold changes nothing",
        flow=flow(put("a", 1) | stop("result == 2"), _Z),
        gives="after",
    ),
    Case(
        says="skip_if_stopped labels the flow as skipped and is no failure",
        flow=flow(put("a", 1) | stop("true", skip_if_stopped=True), _Z),
        gives=1,
        skipped=True,
        modules={"a": OK},
    ),
    Case(
        says="of a step that failed the condition is not asked",
        flow=flow(fail("a") | stop("true", skip_if_stopped=True), _Z),
        fails=raised(),
        modules={"a": BAD},
    ),
    Case(
        says="of a step that failed and is passed over neither",
        flow=flow(fail("a") | stop("true") | GO_ON, _Z),
        gives="after",
    ),
    Case(
        says="a condition that fails is a failure of the step",
        flow=flow(put("a", 1) | stop("nobody.x"), _Z),
        fails=Error("ReferenceError", ("stop_after_if", "nobody.x"), step="a"),
        modules={"a": BAD},
    ),
    Case(
        says="a stop in a branchone ends the whole flow with that result",
        flow=flow(one("o", {"true": [put("a", 1) | stop("true"), put("b", 2)]}), _Z),
        gives=1,
        runs="a",
        modules={"o": OK, "z": UNREACHED},
    ),
    Case(
        says="a stop in a default branch as well",
        flow=flow(one("o", {"false": []}, [put("a", 1) | stop("true")]), _Z),
        gives=1,
    ),
    Case(
        says="a stop in a branchone in a branchone bubbles through both",
        flow=flow(
            one("o", {"true": [one("p", {"true": [put("a", 1) | stop("true")]}), put("b", 2)]}), _Z
        ),
        gives=1,
        runs="a",
    ),
    Case(
        says="a stop in a branchone may label the whole flow as skipped",
        flow=flow(one("o", {"true": [put("a", 1) | stop("true", skip_if_stopped=True)]}), _Z),
        gives=1,
        skipped=True,
    ),
    Case(
        says="a stop in a branchall in sequence skips the other branches and ends the flow",
        flow=flow(
            every(
                "e",
                [put("a", -123) | stop("result < 0"), put("b", 1)],
                [put("c", 1)],
                parallel=False,
            ),
            _Z,
        ),
        gives=[-123],
        runs="a",
        modules={"e": OK, "z": UNREACHED},
    ),
    Case(
        says="a stop in the second branch in sequence leaves both results",
        flow=flow(
            every("e", [put("a", 1)], [put("b", 2) | stop("true")], [put("c", 3)], parallel=False),
            _Z,
        ),
        gives=[1, 2],
        runs="a b",
    ),
    Case(
        says="a stop in a branch of those at once ends that branch only",
        flow=flow(
            every("e", [put("a", 1) | stop("true"), put("b", 2)], [put("c", 3)]),
            say("z", "results.e"),
        ),
        gives=[1, 3],
        runs="a c z",
        ordered=False,
    ),
    Case(
        says="a stop in an iteration at once ends that iteration only",
        flow=flow(
            together(
                "l", "[1, 2, 3]", say("b", ITEM) | stop("result == 2"), say("c", "results.b * 10")
            ),
            say("z", "results.l"),
        ),
        gives=[10, 2, 30],
        runs="b b b c c z",
        ordered=False,
    ),
    Case(
        says="a stop in an iteration in sequence breaks the loop, and the flow goes on",
        flow=flow(
            each(
                "l", "[1, 2, 3]", say("b", ITEM) | stop("result == 2"), say("c", "results.b * 10")
            ),
            say("z", "results.l"),
        ),
        gives=[10, 2],
        runs="b c b z",
        modules={"l": OK},
        real=True,
    ),
    Case(
        says="a stop in a branchone of an iteration breaks the loop and no more",
        flow=flow(
            each(
                "l",
                "[1, 2, 3]",
                one("o", {f"{ITEM} == 2": [put("a", "end") | stop("true")]}, [say("b", ITEM)]),
            ),
            say("z", "results.l"),
        ),
        gives=[1, "end"],
        runs="b a z",
    ),
    Case(
        says="a skipped label inside of a loop is not the flow's",
        flow=flow(
            each("l", "[1, 2]", say("b", ITEM) | stop("true", skip_if_stopped=True)),
            say("z", "results.l"),
        ),
        gives=[1],
    ),
    Case(
        says="a stop in an inner loop breaks that one and not the outer",
        flow=flow(
            each("l", "[1, 2]", each("m", "[1, 2, 3]", say("b", ITEM) | stop("result == 2")))
        ),
        gives=[[1, 2], [1, 2]],
        runs="b b b b",
    ),
    Case(
        says="stop_after_if of a loop in sequence breaks it, and the flow goes on",
        flow=flow(
            each("l", "[1, 2, 3]", say("b", ITEM)) | stop("result == 2"), say("z", "results.l")
        ),
        gives=[1, 2],
        runs="b b z",
    ),
    Case(
        says="stop_after_if of a loop is not asked of an iteration that failed",
        flow=flow(
            each("l", "[1, 2]", fail("b"), skip_failures=True) | stop("true"),
            say("z", "results.l.length"),
        ),
        gives=2,
    ),
    Case(
        says="stop_after_if of a loop at once is not heard",
        flow=flow(
            together("l", "[1, 2, 3]", say("b", ITEM)) | stop("true"), say("z", "results.l.length")
        ),
        gives=3,
        ordered=False,
    ),
    Case(
        says="nor is that of a branchall",
        flow=flow(every("e", [put("a", 1)], [put("b", 2)], parallel=False) | stop("true"), _Z),
        gives="after",
        runs="a b z",
    ),
    *(
        Case(
            says=f"stop_after_all_iters_if of a loop ends the flow (parallel {parallel})",
            real=True,
            flow=flow(
                each("l", "[1, 2]", say("b", ITEM), parallel=parallel) | stop_all("result[1] == 2"),
                _Z,
            ),
            gives=[1, 2],
            runs="b b",
            modules={"l": OK, "z": UNREACHED},
        )
        for parallel in (False, True)
    ),
    Case(
        says="if it does not hold the flow goes on",
        flow=flow(each("l", "[1, 2]", say("b", ITEM)) | stop_all("result.length > 2"), _Z),
        gives="after",
    ),
    Case(
        says="a loop over nothing may end the flow as well",
        flow=flow(each("l", "[]", put("b", 1)) | stop_all("result.length == 0"), _Z),
        gives=[],
        runs="",
    ),
    Case(
        says="a while loop may break by the one and end the flow by the other",
        flow=flow(
            loop_while("w", say("b", INDEX)) | stop("result == 1") | stop_all("result.length == 2"),
            _Z,
        ),
        gives=[0, 1],
        runs="b b",
    ),
    Case(
        says="stop_after_all_iters_if in an iteration ends it, and breaks the loop around",
        flow=flow(
            each(
                "l", "[1, 2]", each("m", "[1, 2]", say("b", ITEM)) | stop_all("true"), put("c", "c")
            ),
            say("z", "results.l"),
        ),
        gives=[[1, 2]],
        runs="b b z",
    ),
    Case(
        says="stop_after_all_iters_if may label the flow as skipped",
        flow=flow(each("l", "[1]", say("b", ITEM)) | stop_all("true", skip_if_stopped=True), _Z),
        gives=[1],
        skipped=True,
    ),
    Case(
        says="a stop of the last step is the end it had anyway",
        flow=flow(_Z | stop("true")),
        gives="after",
    ),
)
