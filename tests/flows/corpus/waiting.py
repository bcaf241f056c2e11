"""sleep, timeout, and what cancels what waits."""

from __future__ import annotations

from tests.flows._case import CANCEL, OK, Case, Error, approve
from tests.flows._words import (
    ITEM,
    asks,
    each,
    every,
    fail,
    flow,
    handler,
    ident,
    loop_while,
    one,
    put,
    retry,
    say,
    sleep,
    stop,
    together,
)

_CANCELED = Error("Canceled", ("enough",))


def _limit(what: object) -> dict[str, object]:
    return {"timeout": what}


CASES = (
    Case(
        says="a sleep is after the step and before the next",
        flow=flow(put("a", 1) | sleep(60), put("b", 2)),
        gives=2,
        runs="a b",
        pauses=(60,),
        modules={"a": OK},
    ),
    Case(
        says="a sleep may be a part of a second",
        real=True,
        flow=flow(put("a", 1) | sleep(0.25), put("b", 2)),
        gives=2,
        pauses=(0.25,),
    ),
    Case(
        says="a sleep of nothing is none",
        flow=flow(put("a", 1) | sleep(0), put("b", 2)),
        gives=2,
    ),
    Case(
        says="a sleep may be an expression of the input",
        flow=flow(put("a", 1) | sleep("flow_input.s * 2"), put("b", 2)),
        args={"s": 4},
        gives=2,
        pauses=(8,),
    ),
    Case(
        says="a sleep that is no number fails the flow, and names the step",
        flow=flow(put("a", 1) | sleep("'long'"), put("b", 2)),
        fails=Error("InvalidNumber", ("sleep",), step="a"),
        runs="a",
    ),
    Case(
        says="a sleep of the last step holds up the end, whose result stays its own",
        flow=flow(put("a", 1) | sleep(5)),
        gives=1,
        pauses=(5,),
    ),
    Case(
        says="a sleep in a loop is in each iteration",
        flow=flow(each("l", "[1, 2]", say("b", ITEM) | sleep(3), ident("i"))),
        gives=[1, 2],
        pauses=(3, 3),
    ),
    Case(
        says="sleeps at once are at the same time",
        flow=flow(together("l", "[1, 2, 3]", say("b", ITEM) | sleep(f"{ITEM} * 2"), ident("i"))),
        gives=[1, 2, 3],
        pauses=(2, 2, 2),
        ordered=False,
    ),
    Case(
        says="a step whose stop holds does not sleep",
        flow=flow(put("a", 1) | sleep(60) | stop("true"), put("b", 2)),
        gives=1,
    ),
    Case(
        says="a step that failed does not sleep before it is handled",
        flow=flow(fail("a") | sleep(60), failure_module=handler()),
        fails=["no"],
    ),
    Case(
        says="people come first, then the sleep",
        flow=flow(put("a", 1) | sleep(6) | asks(), put("b", 2)),
        acts=(approve("a"),),
        gives=2,
        pauses=(6,),
    ),
    Case(
        says="an identity sleeps as well",
        flow=flow(put("a", 1), ident("i") | sleep(2), put("b", 2)),
        gives=2,
        pauses=(2,),
    ),
    Case(
        says="a branchone sleeps when its branch has ended",
        flow=flow(one("o", {"true": [put("a", 1)]}) | sleep(2), put("b", 2)),
        gives=2,
        pauses=(2,),
    ),
    Case(
        says="a while loop may poll with pauses",
        flow=flow(loop_while("w", say("b", ITEM) | sleep(10)) | stop("result == 2")),
        gives=[0, 1, 2],
        pauses=(10, 10, 10),
    ),
    Case(
        says="a sleeping flow is canceled at once",
        flow=flow(put("a", 1) | sleep(3600), put("b", 2), failure_module=handler()),
        acts=(CANCEL,),
        fails=_CANCELED,
        runs="a",
    ),
    Case(
        says="sleepers deep inside are canceled with their flow",
        flow=flow(
            every(
                "e",
                [together("l", "[1, 2]", put("a", 1) | sleep(3600), put("b", 1))],
                [put("c", 1) | asks(), put("d", 1)],
            )
        ),
        acts=(CANCEL,),
        fails=_CANCELED,
        runs="a a c",
        ordered=False,
    ),
    Case(
        says="a flow that waits for its next try is canceled",
        flow=flow(fail("a") | retry(5, 600)),
        acts=(CANCEL,),
        fails=_CANCELED,
        runs="a",
    ),
    Case(
        says="a time limit that is negative is a failure of the step",
        flow=flow(put("a", 1) | _limit({"type": "javascript", "expr": "-1"})),
        fails=Error("InvalidNumber", ("timeout",), step="a"),
        runs="",
    ),
    *(
        Case(
            says=f"a time limit may be written as {what}",
            flow=flow(put("a", 1) | _limit(what)),
            args={"t": 30},
            gives=1,
            real=real,
        )
        for what, real in (
            (30, True),
            ({"type": "static", "value": 30}, False),
            ({"type": "javascript", "expr": "flow_input.t"}, True),
        )
    ),
)
