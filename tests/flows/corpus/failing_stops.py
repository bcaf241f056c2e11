"""Early stops with a message, which are failures."""

from __future__ import annotations

from tests.flows._case import Case, Error
from tests.flows._words import (
    ITEM,
    each,
    flow,
    handler,
    one,
    put,
    say,
    stop,
    stop_all,
)

_Z = put("z", "after")

CASES = (
    Case(
        says="a message makes the stop a failure with that message",
        flow=flow(put("a", 1) | stop("true", error_message="that is enough"), _Z),
        fails=Error("EarlyStopError", ("that is enough",)),
        runs="a",
    ),
    Case(
        says="an empty message tells the condition",
        flow=flow(put("a", 1) | stop("result == 1", error_message=""), _Z),
        fails=Error("EarlyStopError", ("stop after if: result == 1",)),
    ),
    Case(
        says="the error may hold the result",
        real=True,
        flow=flow(
            put("a", {"n": 1}) | stop("true", error_message="no", error_include_result=True), _Z
        ),
        fails=Error("EarlyStopError", ("no",), result={"n": 1}),
    ),
    Case(
        says="the failure module hears of such a stop",
        flow=flow(put("a", 1) | stop("true", error_message="enough"), failure_module=handler()),
        fails=["enough"],
        runs="a failure",
    ),
    Case(
        says="with skip_if_stopped a message is no failure",
        flow=flow(put("a", 1) | stop("true", error_message="no", skip_if_stopped=True), _Z),
        gives=1,
        skipped=True,
    ),
    Case(
        says="a failing stop in a branchone fails the flow with that error",
        flow=flow(one("o", {"true": [put("a", 1) | stop("true", error_message="inside")]}), _Z),
        fails=Error("EarlyStopError", ("inside",)),
        runs="a",
    ),
    Case(
        says="a failing stop in an iteration is a failure of that iteration",
        flow=flow(
            each(
                "l",
                "[1, 2]",
                say("b", ITEM) | stop("result == 1", error_message="x"),
                skip_failures=True,
            ),
            say("z", "results.l"),
        ),
        gives=[Error("EarlyStopError", ("x",)), 2],
    ),
    Case(
        says="a message of stop_after_all_iters_if fails the flow",
        flow=flow(each("l", "[1]", say("b", ITEM)) | stop_all("true", error_message="all"), _Z),
        fails=Error("EarlyStopError", ("all",)),
    ),
)
