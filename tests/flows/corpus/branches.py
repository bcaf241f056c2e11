"""branchone and branchall."""

from __future__ import annotations

from tests.flows._case import BAD, NOBODY, OK, Case, Error, raised
from tests.flows._words import (
    GO_ON,
    ITEM,
    each,
    every,
    fail,
    flow,
    ident,
    one,
    put,
    say,
    stop_all,
    together,
)

_CHOSEN = {"type": "branch", "branch": 1}

CASES = (
    Case(
        says="a branchone runs the first branch whose condition holds",
        flow=flow(
            one(
                "o",
                {"false": [put("a", "a")], "true": [put("b", "b")], "1": [put("c", "c")]},
                [put("d", "d")],
            )
        ),
        gives="b",
        runs="b",
        modules={"o": {**OK, "branch_chosen": _CHOSEN}},
        real=True,
    ),
    Case(
        says="a branchone without one that holds runs the default",
        flow=flow(one("o", {"false": [put("a", "a")], "0": [put("b", "b")]}, [put("d", "d")])),
        gives="d",
        runs="d",
        modules={"o": {**OK, "branch_chosen": {"type": "default"}}},
    ),
    Case(
        says="conditions behind the one that holds are not asked",
        flow=flow(one("o", {"true": [put("a", "a")], "nobody.x": [put("b", "b")]})),
        gives="a",
    ),
    Case(
        says="a condition that fails fails the step, and names it",
        flow=flow(one("o", {"false": [], "nobody.x": [put("b", "b")]}, [put("d", "d")])),
        fails=Error("ReferenceError", ("branches[1].expr", "nobody.x"), step="o"),
        runs="",
        modules={"o": BAD},
    ),
    Case(
        says="a chosen branch that is empty passes on what was before, and starts nothing",
        flow=flow(put("a", 5), one("o", {"true": []}, [put("d", 1)])),
        gives=5,
        runs="a",
        modules={"o": {**OK, "branch_chosen": {"type": "branch", "branch": 0}, "job": NOBODY}},
    ),
    Case(
        says="an empty default passes on what was before",
        flow=flow(put("a", 5), one("o", {"false": [put("b", 1)]})),
        gives=5,
        modules={"o": {**OK, "branch_chosen": {"type": "default"}, "job": NOBODY}},
    ),
    Case(
        says="a branchone that comes first and chooses nothing gives the args",
        flow=flow(one("o", {"false": [put("b", 1)]})),
        args={"k": 1},
        gives={"k": 1},
    ),
    Case(
        says="a branchone without branches is its default",
        flow=flow(one("o", {}, [put("d", 1)])),
        gives=1,
    ),
    Case(
        says="the result of a branch is that of its last module",
        flow=flow(one("o", {"true": [put("a", 1), put("b", 2)]}), say("z", "results.o")),
        gives=2,
        runs="a b z",
    ),
    Case(
        says="the error of a branch that was chosen is the flow's",
        flow=flow(one("o", {"true": [put("a", 1), fail("b", "inside"), put("c", 1)]}), put("z", 1)),
        fails=raised("inside"),
        runs="a b",
        modules={"o": BAD},
    ),
    Case(
        says="branchones in branchones",
        flow=flow(
            one(
                "o",
                {
                    "flow_input.n > 1": [
                        one("p", {"flow_input.n > 2": [put("a", "big")]}, [put("b", "mid")])
                    ]
                },
                [put("c", "low")],
            )
        ),
        args={"n": 2},
        gives="mid",
        runs="b",
    ),
    Case(
        says="each iteration chooses for itself",
        flow=flow(
            each("l", "[1, 2, 3]", one("o", {f"{ITEM} % 2": [put("a", "odd")]}, [put("b", "even")]))
        ),
        gives=["odd", "even", "odd"],
        runs="a b a",
        real=True,
    ),
    Case(
        says="a branchall gives an array in the order of its branches",
        flow=flow(every("e", [put("a", 1)], [put("b", 2), put("c", 3)], [put("d", 4)])),
        gives=[1, 3, 4],
        runs="a b c d",
        ordered=False,
        modules={"e": {**OK, "flow_jobs_success": [True] * 3, "parallel": True}},
        real=True,
    ),
    Case(
        says="a branchall runs all at once unless it says otherwise",
        flow=flow(every("e", [put("a", 1)], [put("b", 2)])),
        gives=[1, 2],
        ordered=False,
        modules={"e": {"parallel": True}},
    ),
    Case(
        says="a branchall in sequence runs one after the other",
        real=True,
        flow=flow(every("e", [put("a", 1)], [say("b", "results.a + 1")], parallel=False)),
        gives=[1, 2],
        runs="a b",
        modules={"e": {**OK, "parallel": False}},
    ),
    Case(
        says="a branch without modules gives the args",
        flow=flow(put("x", 0), every("e", [], [put("a", 1)], [])),
        args={"k": 1},
        gives=[{"k": 1}, 1, {"k": 1}],
        runs="x a",
    ),
    Case(
        says="a branchall without branches gives an empty array and starts nothing",
        flow=flow(every("e"), say("z", "results.e")),
        gives=[],
        runs="z",
        modules={"e": {**OK, "flow_jobs": [], "job": NOBODY}},
    ),
    Case(
        says="at once all branches run though one fails, and the array holds its error",
        flow=flow(every("e", [put("a", 1)], [fail("b")], [put("c", 3)]), put("z", 1)),
        fails=[1, raised(), 3],
        runs="a b c",
        ordered=False,
        modules={"e": {**BAD, "flow_jobs_success": [True, False, True]}},
    ),
    Case(
        says="in sequence the branches behind one that fails do not run",
        flow=flow(every("e", [put("a", 1)], [fail("b")], [put("c", 3)], parallel=False)),
        fails=[1, raised()],
        runs="a b",
        modules={"e": BAD},
    ),
    *(
        Case(
            says=f"a branch that may fail does, and the branchall goes on (parallel {parallel})",
            real=True,
            flow=flow(
                every(
                    "e", [put("a", 1)], [fail("b")], [put("c", 3)], may_fail=(1,), parallel=parallel
                ),
                say("z", "[results.e.length, error.message]"),
            ),
            gives=[3, "no"],
            runs="a b c z",
            ordered=False,
            modules={"e": OK},
        )
        for parallel in (True, False)
    ),
    *(
        Case(
            says=f"that another branch may fail is no excuse (parallel {parallel})",
            flow=flow(every("e", [put("a", 1)], [fail("b")], may_fail=(0,), parallel=parallel)),
            fails=[1, raised()],
            ordered=False,
            modules={"e": BAD},
        )
        for parallel in (True, False)
    ),
    Case(
        says="branches that fail, of which some may, fail the branchall",
        flow=flow(every("e", [fail("a", "one")], [fail("b", "two")], may_fail=(0,))),
        fails=[raised("one"), raised("two")],
        ordered=False,
    ),
    Case(
        says="a branchall in each iteration",
        flow=flow(each("l", "[1, 2]", every("e", [say("a", ITEM)], [say("b", f"-{ITEM}")]))),
        gives=[[1, -1], [2, -2]],
        ordered=False,
    ),
    Case(
        says="branchalls in branchalls, at once and in sequence",
        flow=flow(
            every(
                "e",
                [every("f", [put("a", 1)], [put("b", 2)], parallel=False)],
                [every("g", [put("c", 3)], [ident("i")])],
            )
        ),
        args={"k": 0},
        gives=[[1, 2], [3, {"k": 0}]],
        ordered=False,
    ),
    Case(
        says="a loop at once in a branch of a branchall",
        flow=flow(every("e", [together("l", "[1, 2, 3]", say("a", ITEM))], [put("b", "b")])),
        gives=[[1, 2, 3], "b"],
        ordered=False,
    ),
    Case(
        says="a failing branchall that is passed over leaves its array",
        flow=flow(every("e", [put("a", 1)], [fail("b")]) | GO_ON, say("z", "results.e[0]")),
        gives=1,
        ordered=False,
        modules={"e": BAD},
    ),
    Case(
        says="a branchall may end the flow when all of it is done",
        flow=flow(
            every("e", [put("a", 1)], [put("b", 2)]) | stop_all("result[1] == 2"), put("z", 1)
        ),
        gives=[1, 2],
        runs="a b",
        ordered=False,
    ),
)
