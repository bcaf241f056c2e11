"""Flows that have ended start again in the middle: what is not run again, and what is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.flows._case import NOTHING, OK, Case, raised
from tests.flows._words import (
    INDEX,
    ITEM,
    Doc,
    asks,
    each,
    every,
    fail,
    flaky,
    flow,
    loop_while,
    one,
    put,
    say,
    sleep,
    stop,
    together,
)

Place = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Restart:
    first: Case
    places: tuple[Place, ...]  # a step, and an iteration or branch of it; the outermost first
    second: Case
    args: Mapping[str, Any] | None = None  # other ones


def _again(
    says: str,
    document: Doc,
    first: Any,
    *,
    at: tuple[Place, ...],
    gives: Any = NOTHING,
    **more: Any,
) -> Restart:
    """`first`: what the first run gives, or fails with if it is a failure."""
    args, other = more.pop("args", {}), more.pop("other", None)
    failed = more.pop("failed", None)
    outcome = {"gives": first} if failed is None else {"fails": failed}
    before = Case(says=f"{says} (before)", flow=document, args=args, **outcome)
    return Restart(
        before, at, Case(says=says, flow=document, args=args, gives=gives, **more), other
    )


_ROW = flow(
    put("a", 1), say("b", "results.a + 1"), say("c", "[results.a, results.b, previous_result]")
)
_LOOP = flow(
    put("a", 10), each("l", "[1, 2, 3]", say("b", f"{ITEM} * results.a")), say("z", "results.l")
)

RESTARTS = (
    _again(
        "what is before the step is not run again, and its results are read",
        _ROW,
        [1, 2, 2],
        at=(("c", None),),
        gives=[1, 2, 2],
        runs="c",
        modules={"a": OK, "b": OK, "c": OK},
    ),
    _again(
        "from the second step on", _ROW, [1, 2, 2], at=(("b", None),), gives=[1, 2, 2], runs="b c"
    ),
    _again(
        "from the first step on all of it",
        _ROW,
        [1, 2, 2],
        at=(("a", None),),
        gives=[1, 2, 2],
        runs="a b c",
    ),
    _again(
        "a step that failed runs again",
        flow(put("a", 1), flaky("b", 1), say("c", "[results.a, results.b]")),
        None,
        failed=raised("try 0"),
        at=(("b", None),),
        gives=[1, "x"],
        runs="b c",
    ),
    _again(
        "with other inputs, which the steps before have not seen",
        flow(say("a", "flow_input.n"), say("b", "[results.a, flow_input.n]")),
        [1, 1],
        args={"n": 1},
        other={"n": 2},
        at=(("b", None),),
        gives=[1, 2],
        runs="b",
    ),
    _again(
        "a loop from its second iteration on keeps the first",
        _LOOP,
        [10, 20, 30],
        at=(("l", 1),),
        gives=[10, 20, 30],
        runs="b b z",
    ),
    _again(
        "a loop from its last iteration on",
        _LOOP,
        [10, 20, 30],
        at=(("l", 2),),
        gives=[10, 20, 30],
        runs="b z",
    ),
    _again(
        "a loop as a whole",
        _LOOP,
        [10, 20, 30],
        at=(("l", None),),
        gives=[10, 20, 30],
        runs="b b b z",
    ),
    _again(
        "a loop that ended with a failure goes on at that iteration",
        flow(each("l", "[1, 2, 3]", flaky("b", 1, ITEM), skip_failures=False)),
        None,
        failed=[raised("try 0")],
        at=(("l", 0),),
        gives=NOTHING,
        fails=[1, raised("try 0")],
        runs="b b",
    ),
    _again(
        "a loop that was broken goes on behind its break",
        flow(
            each("l", "[1, 2, 3]", say("b", ITEM) | stop("result == 2 && flow_input.stop")),
            say("z", "results.l"),
        ),
        [1, 2],
        args={"stop": True},
        other={"stop": False},
        at=(("l", 1),),
        gives=[1, 2, 3],
        runs="b b z",
    ),
    _again(
        "a while loop goes on at an iteration",
        flow(loop_while("w", say("b", INDEX)) | stop("result >= flow_input.n")),
        [0, 1, 2],
        args={"n": 2},
        other={"n": 4},
        at=(("w", 2),),
        gives=[0, 1, 2, 3, 4],
        runs="b b b",
    ),
    _again(
        "iterations at once go on behind those that are kept",
        flow(together("l", "[1, 2, 3]", say("b", ITEM)), say("z", "results.l")),
        [1, 2, 3],
        at=(("l", 2),),
        gives=[1, 2, 3],
        runs="b z",
    ),
    _again(
        "branches in sequence go on at one of them",
        flow(every("e", [put("a", 1)], [say("b", "results.a + 1")], [put("c", 3)], parallel=False)),
        [1, 2, 3],
        at=(("e", 1),),
        gives=[1, 2, 3],
        runs="b c",
    ),
    _again(
        "a step inside of the branch that was chosen",
        flow(one("o", {"true": [put("a", 1), say("b", "results.a + 1")]}), say("z", "results.o")),
        2,
        at=(("o", 0), ("b", None)),
        gives=2,
        runs="b z",
    ),
    _again(
        "a step inside of an iteration",
        flow(
            each("l", "[1, 2]", say("a", ITEM), say("b", "results.a * 10")), say("z", "results.l")
        ),
        [10, 20],
        at=(("l", 1), ("b", None)),
        gives=[10, 20],
        runs="b z",
    ),
    _again(
        "the names inside of what is not run again are still seen",
        flow(
            one("o", {"true": [put("a", 1)]}),
            every("e", [put("b", 2)]),
            each("l", "[3]", say("c", ITEM)),
            say("z", "[results.a, results.b, results.c]"),
        ),
        [1, 2, 3],
        at=(("z", None),),
        gives=[1, 2, 3],
        runs="z",
    ),
    _again(
        "the step behind a gate and behind a sleep is not held up again",
        flow(
            put("a", 1) | asks(timeout=2, continue_on_disapprove_timeout=True) | sleep(5),
            say("b", "results.a + 1"),
        ),
        2,
        at=(("b", None),),
        gives=2,
        runs="b",
    ),
    _again(
        "a flow that stopped early goes on behind its stop",
        flow(put("a", 1) | stop("true"), say("b", "results.a + 1")),
        1,
        at=(("a", None),),
        gives=1,
        runs="a",
    ),
    _again(
        "what failed and was handled by nobody fails again",
        flow(put("a", 1), fail("b")),
        None,
        failed=raised(),
        at=(("b", None),),
        fails=raised(),
        runs="b",
    ),
)
