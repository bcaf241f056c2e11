"""suspend: a no, and silence."""

from __future__ import annotations

from tests.flows._case import (
    BAD,
    OK,
    UNREACHED,
    Case,
    Error,
    approve,
    disapprove,
    wait,
)
from tests.flows._words import (
    GO_ON,
    asks,
    flow,
    handler,
    put,
    retry,
    say,
)

_TIMED_OUT = Error("SuspendedTimedOut", ("Timed out waiting to be resumed",))
_NO = "SuspendedDisapproved"

CASES = (
    Case(
        says="after thirty minutes without an answer the flow fails",
        flow=flow(put("a", 1) | asks(), put("b", 2)),
        fails=_TIMED_OUT,
        runs="a",
        pauses=(1800,),
        modules={"b": BAD},
    ),
    Case(
        says="the time to wait may be another",
        flow=flow(put("a", 1) | asks(timeout=7), put("b", 2)),
        fails=_TIMED_OUT,
        pauses=(7,),
    ),
    Case(
        says="an approval of two does not stop the time",
        flow=flow(put("a", 1) | asks(2, timeout=10), put("b", 2)),
        acts=(wait(6), approve("a")),
        fails=_TIMED_OUT,
        pauses=(4,),
    ),
    Case(
        says="one that comes in time is enough",
        flow=flow(put("a", 1) | asks(timeout=10), put("b", 2)),
        acts=(wait(9), approve("a")),
        gives=2,
    ),
    Case(
        says="a no fails the flow, and says whose it was",
        flow=flow(put("a", 1) | asks(2), put("b", 2)),
        acts=(disapprove("a", by="ann"),),
        fails=Error(_NO, ("Disapproved by ann",)),
        runs="a",
    ),
    Case(
        says="a no of somebody who is not known",
        flow=flow(put("a", 1) | asks(), put("b", 2)),
        acts=(disapprove("a"),),
        fails=Error(_NO, ("Disapproved by unknown",)),
    ),
    Case(
        says="a no counts after a yes of two",
        flow=flow(put("a", 1) | asks(2), put("b", 2)),
        acts=(approve("a"), disapprove("a", by="bob")),
        fails=Error(_NO, ("bob",)),
    ),
    Case(
        says="a no belongs to the gate: the step behind is neither tried again nor passed over",
        flow=flow(put("a", 1) | asks(), put("b", 2) | GO_ON | retry(3), put("c", 3)),
        acts=(disapprove("a"),),
        fails=Error(_NO, ()),
        runs="a",
        modules={"c": UNREACHED},
    ),
    Case(
        says="the failure module hears of a no",
        flow=flow(
            put("a", 1) | asks(), put("b", 2), failure_module=handler("return n", n="error.name")
        ),
        acts=(disapprove("a"),),
        fails=_NO,
        runs="a failure",
    ),
    Case(
        says="the failure module hears that nobody answered",
        flow=flow(
            put("a", 1) | asks(timeout=5),
            put("b", 2),
            failure_module=handler("return n", n="error.name"),
        ),
        fails="SuspendedTimedOut",
        pauses=(5,),
    ),
    Case(
        says="with continue_on_disapprove_timeout a no is the last resume, and the flow goes on",
        flow=flow(
            put("a", 1) | asks(2, continue_on_disapprove_timeout=True),
            say("b", "[resume.error.name, resumes.length]"),
        ),
        acts=(approve("a", "first"), disapprove("a")),
        gives=[_NO, 2],
        modules={"a": OK, "b": OK},
    ),
    Case(
        says="with it silence is the last resume as well",
        flow=flow(
            put("a", 1) | asks(timeout=5, continue_on_disapprove_timeout=True),
            say("b", "resume.error.name"),
        ),
        gives="SuspendedTimedOut",
        pauses=(5,),
    ),
)
