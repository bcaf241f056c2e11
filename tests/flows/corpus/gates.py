"""suspend: where a flow waits for people, for how long, and what they leave."""

from __future__ import annotations

from tests.flows._case import (
    CANCEL,
    OK,
    Case,
    Error,
    approve,
    approve_in_vain,
    disapprove,
)
from tests.flows._words import (
    GO_ON,
    ITEM,
    asks,
    each,
    every,
    fail,
    flow,
    ident,
    loop_while,
    one,
    put,
    say,
    stop,
    together,
)

_TIMED_OUT = Error("SuspendedTimedOut", ("Timed out waiting to be resumed",))
_NO = "SuspendedDisapproved"

CASES = (
    Case(
        says="the step after one that asks waits for an approval",
        flow=flow(put("a", 1) | asks(), put("b", 2)),
        acts=(approve("a"),),
        gives=2,
        runs="a b",
        modules={"a": OK, "b": OK},
    ),
    Case(
        says="what was said is resume, resumes and approvers to the step that waited",
        flow=flow(put("a", 1) | asks(2), say("b", "[resume, resumes, approvers]")),
        acts=(approve("a", {"n": 1}, by="ann"), approve("a", "two")),
        gives=["two", [{"n": 1}, "two"], ["ann", "anonymous"]],
    ),
    Case(
        says="a container that waited sees it in its own expressions",
        flow=flow(put("a", 1) | asks(), each("l", "resume.items", say("b", ITEM))),
        acts=(approve("a", {"items": [4, 5]}),),
        gives=[4, 5],
    ),
    Case(
        says="a choice may depend on what was said",
        flow=flow(
            put("a", 1) | asks(), one("o", {"resume.yes": [put("b", "yes")]}, [put("c", "no")])
        ),
        acts=(approve("a", {"yes": False}),),
        gives="no",
    ),
    Case(
        says="who does not wait sees nobody",
        flow=flow(put("a", 1), say("b", "[resume, resumes, approvers]")),
        gives=[None, [], []],
    ),
    Case(
        says="the step after the next does not see it",
        flow=flow(put("a", 1) | asks(), put("b", 2), say("c", "resumes")),
        acts=(approve("a", 1),),
        gives=[],
    ),
    Case(
        says="approvals that come before the step has ended count",
        flow=flow(put("a", 1) | asks(2), say("b", "resumes")),
        early=(approve("a", "early"), approve("a", "too")),
        gives=["early", "too"],
    ),
    Case(
        says="one that came early and one late",
        flow=flow(put("a", 1) | asks(2), say("b", "resumes")),
        early=(approve("a", "early"),),
        acts=(approve("a", "late"),),
        gives=["early", "late"],
    ),
    Case(
        says="no required event is no gate",
        flow=flow(put("a", 1) | asks(0), put("b", 2)),
        gives=2,
    ),
    Case(
        says="a last step that asks holds up the end of the flow, whose result stays its own",
        flow=flow(put("a", 1) | asks()),
        acts=(approve("a", "yes"),),
        gives=1,
        runs="a",
    ),
    Case(
        says="a last step that asks may be refused",
        flow=flow(put("a", 1) | asks()),
        acts=(disapprove("a"),),
        fails=Error(_NO, ()),
    ),
    Case(
        says="each gate hears its own step only",
        flow=flow(
            put("a", 1) | asks(), say("b", "resumes") | asks(), say("c", "[results.b, resumes]")
        ),
        acts=(approve("a", "for a"), approve("b", "for b")),
        gives=[["for a"], ["for b"]],
    ),
    Case(
        says="an approval of one gate does not open the next",
        flow=flow(put("a", 1) | asks(), put("b", 2) | asks(timeout=5), put("c", 3)),
        acts=(approve("a"), approve_in_vain("a")),
        fails=_TIMED_OUT,
        runs="a b",
        pauses=(5,),
    ),
    Case(
        says="an identity may ask",
        flow=flow(put("a", 1), ident("i") | asks(), say("b", "resume")),
        acts=(approve("i", 9),),
        gives=9,
    ),
    Case(
        says="a loop may ask when all of it is done",
        flow=flow(each("l", "[1, 2]", say("b", ITEM)) | asks(), say("z", "[results.l, resume]")),
        acts=(approve("l", "ok"),),
        gives=[[1, 2], "ok"],
    ),
    Case(
        says="a step that failed and is passed over asks nobody",
        flow=flow(fail("a") | asks() | GO_ON, put("b", 2)),
        gives=2,
    ),
    Case(
        says="a stop comes before the gate",
        flow=flow(put("a", 1) | asks() | stop("true"), put("b", 2)),
        gives=1,
    ),
    Case(
        says="a gate in a branch holds up what is behind the branch",
        flow=flow(one("o", {"true": [put("a", 1) | asks(timeout=3)]}), put("z", 2)),
        fails=_TIMED_OUT,
        pauses=(3,),
        runs="a",
    ),
    Case(
        says="gates in branches at once each wait for their own time",
        flow=flow(
            every(
                "e",
                [
                    put("a", 1) | asks(timeout=5, continue_on_disapprove_timeout=True),
                    say("b", "resume.error.name"),
                ],
                [
                    put("c", 1) | asks(timeout=9, continue_on_disapprove_timeout=True),
                    say("d", "resume.error.name"),
                ],
            )
        ),
        gives=["SuspendedTimedOut"] * 2,
        pauses=(5, 4),
        ordered=False,
    ),
    Case(
        says="a gate in each iteration waits in each",
        flow=flow(
            each(
                "l",
                "[1, 2]",
                put("a", 1) | asks(timeout=4, continue_on_disapprove_timeout=True),
                say("b", ITEM),
            )
        ),
        gives=[1, 2],
        pauses=(4, 4),
    ),
    Case(
        says="iterations at once wait at the same time",
        flow=flow(
            together(
                "l", "[1, 2, 3]", put("a", 1) | asks(timeout=4), put("b", 2), skip_failures=True
            )
        ),
        gives=[_TIMED_OUT] * 3,
        pauses=(4,),
        ordered=False,
    ),
    Case(
        says="a gate in a while loop",
        flow=flow(
            loop_while(
                "w",
                put("a", 1) | asks(timeout=2, continue_on_disapprove_timeout=True),
                say("b", ITEM),
            )
            | stop("result == 1")
        ),
        gives=[0, 1],
        pauses=(2, 2),
    ),
    Case(
        says="a flow that waits can be canceled",
        flow=flow(put("a", 1) | asks(), put("b", 2)),
        acts=(CANCEL,),
        fails=Error("Canceled", ("enough",)),
        runs="a",
    ),
    Case(
        says="groups that are no list of names fail the step that asks",
        flow=flow(
            put("a", 1) | asks(user_groups_required={"type": "javascript", "expr": "7"}),
            put("b", 2),
        ),
        fails=Error("InvalidGroups", ("user_groups_required",), step="a"),
        runs="a",
    ),
)
