"""Many at once: what runs together, and that it joins exactly once."""

from __future__ import annotations

from tests.flows._case import BAD, OK, Case, raised
from tests.flows._words import (
    INDEX,
    ITEM,
    each,
    every,
    fail_on,
    flaky,
    flow,
    one,
    put,
    retry,
    say,
    skip,
    together,
)


def _many(count: int) -> str:
    return f"Array.from({{length: {count}}}, (_, i) => i)"


CASES = (
    Case(
        says="iterations at once give their array in the order of the items",
        flow=flow(
            together("l", "[3, 1, 2]", say("b", f"{ITEM} * 10")), put("z", 0), say("y", "results.l")
        ),
        gives=[30, 10, 20],
        runs="b b b y z",
        ordered=False,
        modules={"l": {**OK, "parallel": True, "flow_jobs_success": [True] * 3}},
        real=True,
    ),
    Case(
        says="all iterations run though some fail, then the loop fails with all of them",
        flow=flow(together("l", "[1, 2, 3, 4]", fail_on("b", "(2, 4)")), put("z", 1)),
        fails=[1, raised("bad 2"), 3, raised("bad 4")],
        runs="b b b b",
        ordered=False,
        modules={"l": {**BAD, "flow_jobs_success": [True, False, True, False]}},
        real=True,
    ),
    Case(
        says="failures that may be do not fail the loop",
        flow=flow(
            together("l", "[1, 2, 3]", fail_on("b", "(1, 2, 3)"), skip_failures=True), put("z", 9)
        ),
        gives=9,
        modules={"l": {**OK, "flow_jobs_success": [False] * 3}},
        ordered=False,
    ),
    *(
        Case(
            says=f"at most {width} of nine run at a time, and all do",
            flow=flow(
                together("l", _many(9), say("b", ITEM), say("c", "results.b"), parallelism=width)
            ),
            gives=list(range(9)),
            runs=" ".join(["b"] * 9 + ["c"] * 9),
            ordered=False,
            at_once={"b": width, "c": width},
        )
        for width in (1, 2, 3, 8, 9, 20)
    ),
    Case(
        says="a narrow loop releases the next one when one fails",
        flow=flow(
            together("l", _many(6), fail_on("b", "(0, 2, 5)"), parallelism=2, skip_failures=True)
        ),
        gives=[raised("bad 0"), 1, raised("bad 2"), 3, 4, raised("bad 5")],
        ordered=False,
        at_once={"b": 2},
    ),
    Case(
        says="a narrow loop that may not fail runs to its end all the same",
        flow=flow(together("l", _many(5), fail_on("b", "(0,)"), parallelism=2)),
        fails=[raised("bad 0"), 1, 2, 3, 4],
        ordered=False,
    ),
    Case(
        says="a narrow loop whose iterations are no jobs ends at once",
        flow=flow(
            together("l", _many(30), put("b", 1) | skip("true"), parallelism=3),
            say("z", "results.l.length"),
        ),
        gives=30,
        runs="z",
    ),
    Case(
        says="thirty at once of two steps each join once",
        real=True,
        flow=flow(
            together("l", _many(30), say("b", ITEM), say("c", "results.b + 1")),
            say("z", "results.l.length"),
        ),
        gives=30,
        runs=" ".join(["b"] * 30 + ["c"] * 30 + ["z"]),
        ordered=False,
    ),
    Case(
        says="loops at once in loops at once",
        real=True,
        flow=flow(
            together(
                "l",
                _many(4),
                together("m", _many(5), say("b", f"flow_input.iter_parent.index * 10 + {INDEX}")),
            ),
            say("z", "results.l.flat().length"),
            say("y", "results.l"),
        ),
        gives=[[o * 10 + i for i in range(5)] for o in range(4)],
        runs=" ".join(["b"] * 20 + ["y", "z"]),
        ordered=False,
    ),
    Case(
        says="a loop at once in a loop in sequence joins before the next turn",
        flow=flow(
            each(
                "l",
                "[1, 2]",
                together("m", "[1, 2, 3]", say("b", ITEM)),
                say("c", "results.m.length"),
            ),
        ),
        gives=[3, 3],
        runs="b b b c b b b c",
    ),
    Case(
        says="a loop in sequence in a loop at once",
        flow=flow(
            together(
                "l",
                "[1, 2, 3]",
                each("m", "[1, 2]", say("b", f"flow_input.iter_parent.value * {ITEM}")),
            )
        ),
        gives=[[1, 2], [2, 4], [3, 6]],
        ordered=False,
    ),
    Case(
        says="branches at once in iterations at once in branches at once",
        flow=flow(
            every(
                "e",
                [together("l", "[1, 2]", every("f", [say("a", ITEM)], [say("b", f"-{ITEM}")]))],
                [put("c", "c")],
            )
        ),
        gives=[[[1, -1], [2, -2]], "c"],
        ordered=False,
    ),
    Case(
        says="some iterations at once are long and others no jobs at all",
        flow=flow(
            together(
                "l",
                "[0, 1, 2, 3]",
                one(
                    "o",
                    {f"{ITEM} % 2": [say("b", ITEM), say("c", "results.b"), say("d", "results.c")]},
                ),
                say("e", "typeof previous_result"),
            )
        ),
        gives=["object", "number", "object", "number"],
        ordered=False,
    ),
    Case(
        says="iterations at once are tried again each for itself",
        flow=flow(
            together(
                "l",
                "[0, 1, 2]",
                one("o", {f"{ITEM} == 1": [flaky("b", 2, ITEM) | retry(2)]}, [say("c", ITEM)]),
            )
        ),
        gives=[0, 1, 2],
        runs="b b b c c",
        ordered=False,
        pauses=(1, 1),
    ),
    Case(
        says="a loop at once is tried again as a whole",
        flow=flow(together("l", "[0, 1]", flaky("b", 1, ITEM)) | retry(3, 5)),
        gives=[0, 1],
        runs="b b b b",
        ordered=False,
        pauses=(5,),
    ),
)
