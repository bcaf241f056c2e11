"""retry and continue_on_error."""

from __future__ import annotations

from tests.flows._case import BAD, OK, Case, Error, raised
from tests.flows._words import (
    GO_ON,
    ITEM,
    each,
    every,
    fail,
    fail_on,
    flaky,
    flow,
    handler,
    ident,
    one,
    put,
    py,
    retry,
    say,
    sleep,
)


def _growing(attempts: int, multiplier: int, seconds: int) -> dict[str, object]:
    return {"attempts": attempts, "multiplier": multiplier, "seconds": seconds}


_AT_ONCE = {"constant": {"attempts": 9, "seconds": 0}}

CASES = (
    Case(
        says="attempts are tries after the first",
        flow=flow(fail("a") | retry(2, 3)),
        fails=raised(),
        runs="a a a",
        pauses=(3, 3),
        modules={"a": BAD},
        same_args=True,
    ),
    Case(
        says="a try that succeeds is the last",
        flow=flow(flaky("a", 1) | retry(5, 3), put("b", 1)),
        gives=1,
        runs="a a b",
        pauses=(3,),
        modules={"a": OK},
    ),
    Case(
        says="a step that succeeds is not tried again",
        flow=flow(put("a", 1) | retry(5)),
        gives=1,
        runs="a",
        real=True,
    ),
    Case(
        says="no attempts are no retry",
        flow=flow(fail("a") | retry(0)),
        fails=raised(),
        runs="a",
    ),
    Case(
        says="the nth pause of a growing policy is multiplier times seconds to the nth",
        flow=flow(fail("a") | {"retry": {"exponential": _growing(3, 2, 3)}}),
        fails=raised(),
        runs="a a a a",
        pauses=(2 * 3, 2 * 9, 2 * 27),
    ),
    Case(
        says="constant pauses come first, and the growing ones count on from there",
        flow=flow(
            fail("a")
            | {
                "retry": {
                    "constant": {"attempts": 2, "seconds": 5},
                    "exponential": _growing(2, 1, 2),
                }
            }
        ),
        fails=raised(),
        pauses=(5, 5, 2**3, 2**4),
    ),
    Case(
        says="a pause is never longer than six hours",
        flow=flow(fail("a") | {"retry": {"exponential": _growing(2, 1, 600)}}),
        fails=raised(),
        pauses=(600, 6 * 3600),
    ),
    Case(
        says="without pauses it is tried again at once",
        flow=flow(flaky("a", 2) | retry(2, 0)),
        gives="x",
        runs="a a a",
        pauses=(),
    ),
    Case(
        says="retry_if that does not hold ends the tries",
        real=True,
        flow=flow(fail("a") | retry(5, retry_if={"expr": "error.message != 'no'"})),
        fails=raised(),
        runs="a",
    ),
    Case(
        says="retry_if is asked after each try",
        flow=flow(flaky("a", 9) | retry(5, retry_if={"expr": "result.error.message != 'try 1'"})),
        fails=raised("try 1"),
        runs="a a",
        pauses=(1,),
    ),
    Case(
        says="every step counts for itself",
        flow=flow(flaky("a", 2) | retry(2), flaky("b", 2) | retry(2)),
        gives="x",
        runs="a a a b b b",
        pauses=(1, 1, 1, 1),
    ),
    Case(
        says="every iteration counts for itself",
        flow=flow(each("l", "[1, 2]", flaky("b", 2, ITEM) | retry(2))),
        gives=[1, 2],
        runs="b b b b b b",
        pauses=(1, 1, 1, 1),
    ),
    Case(
        says="a loop that is tried again begins with its first iteration",
        flow=flow(
            each(
                "l",
                "[1, 2, 3]",
                py(
                    "b",
                    "if x == 2 and EARLIER < 2:\n    raise RuntimeError('no')\nreturn x",
                    x=ITEM,
                ),
            )
            | retry(2, 7)
        ),
        gives=[1, 2, 3],
        runs="b b b b b b b",
        pauses=(7, 7),
    ),
    Case(
        says="a branchone that is tried again chooses again",
        flow=flow(one("o", {"true": [flaky("b", 1)]}) | retry(1)),
        gives="x",
        runs="b b",
        pauses=(1,),
    ),
    Case(
        says="a branchall that is tried again runs all its branches again",
        flow=flow(every("e", [put("a", 1)], [flaky("b", 1)], parallel=False) | retry(1)),
        gives=[1, "x"],
        runs="a b a b",
        pauses=(1,),
    ),
    Case(
        says="what was evaluated for the first try is taken again",
        flow=flow(flaky("a", 3, "Math.random()") | retry(3, 0), say("b", "typeof results.a")),
        gives="number",
        same_args=True,
        runs="a a a a b",
    ),
    Case(
        says="an input that cannot be made is a failure and may be tried again",
        flow=flow(say("a", "nobody.x") | retry(2)),
        fails=Error("ReferenceError", ("input_transforms.x",), step="a"),
        runs="",
        pauses=(1, 1),
    ),
    Case(
        says="after its tries a failure may be passed over",
        flow=flow(fail("a") | retry(1) | GO_ON, say("b", "error.message")),
        gives="no",
        runs="a a b",
        pauses=(1,),
        modules={"a": BAD},
    ),
    Case(
        says="a failure that is passed over leaves its error, and the module has failed",
        flow=flow(
            fail("a") | GO_ON, say("b", "[previous_result.error.message, results.a.error.name]")
        ),
        gives=["no", "RuntimeError"],
        runs="a b",
        modules={"a": BAD, "b": OK},
        real=True,
    ),
    Case(
        says="the failure module does not hear of what is passed over",
        flow=flow(fail("a") | GO_ON, put("b", 1), failure_module=handler()),
        gives=1,
        runs="a b",
    ),
    Case(
        says="a flow whose last module failed has failed, though it may go on",
        flow=flow(put("a", 1), fail("b") | GO_ON, failure_module=handler()),
        fails=raised(),
        runs="a b",
        modules={"b": BAD},
    ),
    Case(
        says="an identity behind it makes it a success",
        flow=flow(fail("b") | GO_ON, ident("i")),
        gives=raised(),
    ),
    Case(
        says="in an iteration the next step sees the error",
        flow=flow(
            each(
                "l",
                "[1, 2]",
                fail_on("b", "(1,)") | GO_ON,
                say("c", "previous_result.error ? 'bad' : 'good'"),
            )
        ),
        gives=["bad", "good"],
        runs="b c b c",
    ),
    Case(
        says="an iterator that fails may be passed over",
        flow=flow(each("l", "nobody", put("b", 1)) | GO_ON, say("z", "error.name")),
        gives="ReferenceError",
    ),
    Case(
        says="a step that is passed over does not sleep: it did not succeed",
        flow=flow(fail("a") | GO_ON | sleep(60), put("b", 1)),
        gives=1,
        runs="a b",
    ),
    Case(
        says="a failed try leaves no trace in the results of others",
        flow=flow(flaky("a", 1) | {"retry": _AT_ONCE}, say("b", "[results.a, error.name]")),
        gives=["x", "UnknownError"],
    ),
)
