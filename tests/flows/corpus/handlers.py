"""failure_module: where it runs, what it sees, what it gives."""

from __future__ import annotations

from tests.flows._case import OK, UNREACHED, Case, Error, raised
from tests.flows._words import (
    GO_ON,
    INDEX,
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
    retry,
    say,
    together,
)

_CALM = handler("return {'recover': True, 'message': message}")
_NAMED = handler() | {"id": "on_error", "summary": "tells"}

CASES = (
    Case(
        says="the handler's result is the flow's, which has failed all the same",
        flow=flow(put("a", 1), fail("b", "mine"), put("c", 1), failure_module=handler()),
        fails=["mine"],
        runs="a b failure",
        modules={"a": OK, "c": UNREACHED},
        status={"step": 3},
        real=True,
    ),
    Case(
        says="the flow_status tells whose failure is handled",
        flow=flow(put("a", 1), fail("b"), failure_module=handler()),
        fails=["no"],
        modules={"failure_module": {**OK, "parent_module": "b"}},
    ),
    Case(
        says="the error says whose it is, as Windmill's template of a handler expects",
        flow=flow(
            put("a", 1), fail("b"), failure_module=handler("return [step]", step="error.step_id")
        ),
        fails=["b"],
        real=True,
    ),
    Case(
        says="of a loop it says which step inside",
        flow=flow(
            each("l", "[1]", one("o", {"true": [fail("deep")]})) | GO_ON,
            say("z", "error.step_id"),
        ),
        gives="deep",
    ),
    Case(
        says="without a failure it does not run",
        flow=flow(put("a", 1), failure_module=handler()),
        gives=1,
        runs="a",
        modules={"failure_module": UNREACHED},
    ),
    Case(
        says="it may have an id of its own",
        flow=flow(fail("a"), failure_module=_NAMED),
        fails=["no"],
        runs="a on_error",
    ),
    Case(
        says="it runs after the last try",
        flow=flow(fail("a") | retry(2), failure_module=handler()),
        fails=["no"],
        runs="a a a failure",
        pauses=(1, 1),
    ),
    Case(
        says="a result that says recover makes the flow a success",
        flow=flow(fail("a"), failure_module=_CALM),
        gives={"recover": True, "message": "no"},
        runs="a failure",
    ),
    Case(
        says="recover must be true, not something like it",
        flow=flow(fail("a"), failure_module=handler("return {'recover': 'true'}")),
        fails={"recover": "true"},
    ),
    Case(
        says="a handler that fails leaves its own error",
        flow=flow(fail("a"), failure_module=handler("raise ValueError('mine')")),
        fails=Error("ValueError", ("mine",)),
        runs="a failure",
    ),
    Case(
        says="a handler may be tried again, and sees the first error each time",
        flow=flow(
            fail("a", "first"), failure_module=flaky("failure", 2, "error.message") | retry(2)
        ),
        fails="first",
        runs="a failure failure failure",
        pauses=(1, 1),
        same_args=True,
    ),
    Case(
        says="it hears of an expression that failed, with the step",
        flow=flow(
            say("a", "nobody.x"),
            failure_module=handler("return [n, s]", n="error.name", s="error.step_id"),
        ),
        fails=["ReferenceError", "a"],
        runs="failure",
    ),
    Case(
        says="it hears of a condition that failed",
        flow=flow(
            one("o", {"nobody.x": []}), failure_module=handler("return s", s="error.step_id")
        ),
        fails="o",
        runs="failure",
    ),
    Case(
        says="it hears of an iterator that failed",
        flow=flow(
            each("l", "nobody.x", put("b", 1)),
            failure_module=handler("return s", s="error.step_id"),
        ),
        fails="l",
        runs="failure",
    ),
    Case(
        says="it hears of an iterator that failed inside of a loop",
        flow=flow(
            each("l", "[1]", each("m", "nobody.x", put("b", 1))),
            failure_module=handler("return s", s="error.step_id"),
        ),
        fails=["m"],
        runs="failure",
    ),
    Case(
        says="in a branch it runs inside, once, and its result is the branch's and the flow's",
        flow=flow(
            put("a", 1),
            one("o", {"true": [put("b", 2), fail("c")]}),
            failure_module=handler("return r", r="[results.a, results.b]"),
        ),
        fails=[1, 2],
        runs="a b c failure",
    ),
    Case(
        says="in a branch of a branch it runs once",
        flow=flow(
            one("o", {"true": [one("p", {"true": [fail("c", "deep")]})]}), failure_module=handler()
        ),
        fails=["deep"],
        runs="c failure",
    ),
    Case(
        says="in a loop in sequence it runs once, and its result is the last entry",
        flow=flow(
            each("l", "[1, 2, 3]", fail_on("b", "(2,)")),
            failure_module=handler("return [m, i]", m="error.message", i=INDEX),
        ),
        fails=[1, ["bad 2", 1]],
        runs="b b failure",
    ),
    Case(
        says="in a loop at once it runs for each iteration that failed",
        flow=flow(
            together("l", "[1, 2, 3]", fail_on("b", "(1, 3)")),
            failure_module=handler("return [m, i]", m="error.message", i=INDEX),
        ),
        fails=[["bad 1", 0], 2, ["bad 3", 2]],
        runs="b b b failure failure",
        ordered=False,
        real=True,
    ),
    Case(
        says="with skip_failures it runs as well, and the flow goes on",
        flow=flow(
            each("l", "[1, 2, 3]", fail_on("b", "(2,)"), skip_failures=True),
            say("z", "results.l"),
            failure_module=handler(),
        ),
        gives=[1, ["bad 2"], 3],
        runs="b b failure b z",
    ),
    Case(
        says="in a branchall it runs in each branch that failed",
        flow=flow(
            every("e", [fail("a", "one")], [put("b", 1)], [fail("c", "two")]),
            failure_module=handler(),
        ),
        fails=[["one"], 1, ["two"]],
        runs="a b c failure failure",
        ordered=False,
    ),
    Case(
        says="in a while loop it runs once",
        flow=flow(loop_while("w", fail_on("b", "(1,)", INDEX)), failure_module=handler()),
        fails=[0, ["bad 1"]],
        runs="b b failure",
    ),
    Case(
        says="in loops in loops it runs where the failure is",
        flow=flow(
            each("l", "[1, 2]", together("m", "[1, 2]", fail_on("b", "(2,)"))),
            failure_module=handler(
                "return [o, i]", o="flow_input.iter_parent.value", i="flow_input.iter.value"
            ),
        ),
        fails=[[1, [1, 2]]],
        runs="b b failure",
        ordered=False,
    ),
    Case(
        says="a loop that fails by itself, not by an iteration, is handled outside",
        real=True,
        flow=flow(
            each("l", "7", put("b", 1)),
            failure_module=handler("return [s, a]", s="error.step_id", a="results.l.error.name"),
        ),
        fails=["l", "InvalidIterator"],
        runs="failure",
    ),
    Case(
        says="recover inside of an iteration does not recover the flow",
        flow=flow(each("l", "[1]", fail("b")), failure_module=_CALM),
        fails=[{"recover": True, "message": "no"}],
        runs="b failure",
    ),
    Case(
        says="a handler that fails in an iteration leaves its error there, and no other runs",
        flow=flow(
            together("l", "[1, 2]", fail_on("b", "(1,)")),
            failure_module=handler("raise ValueError('mine')"),
        ),
        fails=[Error("ValueError", ("mine",)), 2],
        runs="b b failure",
        ordered=False,
    ),
    Case(
        says="a container that is tried again is handled in each of its tries",
        flow=flow(each("l", "[1]", fail("b")) | retry(1), failure_module=handler()),
        fails=[["no"]],
        runs="b failure b failure",
        pauses=(1,),
    ),
    Case(
        says="a failure before a mere identity is handled as any other",
        flow=flow(fail("a"), ident("i"), failure_module=handler()),
        fails=["no"],
        modules={"i": UNREACHED},
    ),
    Case(
        says="a step without a handler leaves its error as it is",
        flow=flow(fail("a", "as it is")),
        fails=raised("as it is"),
    ),
)
