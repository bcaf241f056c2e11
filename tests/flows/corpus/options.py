"""What is said of the flow as a whole."""

from __future__ import annotations

from tests.flows._case import OK, UNREACHED, Case, Error
from tests.flows._words import each, fail, flow, handler, put, say

CASES = (
    Case(
        says="skip_expr that holds means that nothing runs, and that is a success",
        flow=flow(put("a", 1), skip_expr="flow_input.off"),
        args={"off": True},
        gives="stopped early",
        skipped=True,
        runs="",
        modules={"a": UNREACHED},
        real=True,
    ),
    Case(
        says="skip_expr that does not hold changes nothing",
        flow=flow(put("a", 1), skip_expr="flow_input.off"),
        args={"off": False},
        gives=1,
    ),
    Case(
        says="an empty skip_expr asks nothing",
        flow=flow(put("a", 1), skip_expr=""),
        gives=1,
    ),
    Case(
        says="skip_expr sees constants",
        flow=flow(put("a", 1), skip_expr="flow_env.OFF === 'yes'", flow_env={"OFF": "yes"}),
        gives="stopped early",
        skipped=True,
    ),
    Case(
        says="a skip_expr that fails is a failure of the flow",
        flow=flow(put("a", 1), skip_expr="nobody.x"),
        fails=Error("ReferenceError", ("skip_expr", "nobody.x")),
        runs="",
    ),
    Case(
        says="skip_expr is asked of the whole flow, not of the loops inside",
        flow=flow(each("l", "[1]", put("a", 1)), skip_expr="'iter' in flow_input"),
        gives=[1],
    ),
    Case(
        says="a failure of skip_expr is heard by the failure module",
        flow=flow(
            put("a", 1), skip_expr="nobody.x", failure_module=handler("return n", n="error.name")
        ),
        fails="ReferenceError",
        runs="failure",
    ),
    Case(
        says="a preprocessor does not run when nothing triggered the flow",
        flow=flow(say("a", "flow_input"), preprocessor_module=put("preprocessor", 1)),
        args={"k": 1},
        gives={"k": 1},
        runs="a",
    ),
    Case(
        says="early_return changes nothing for the flow",
        flow=flow(put("a", 1), put("b", 2), early_return="a"),
        gives=2,
        runs="a b",
        modules={"a": OK, "b": OK},
    ),
    Case(
        says="an early_return that is never reached neither",
        flow=flow(fail("a"), put("b", 2), early_return="b", failure_module=handler()),
        fails=["no"],
    ),
    Case(
        says="skip_expr sees for when the flow was planned",
        flow=flow(put("a", 1), skip_expr="new Date(WM_SCHEDULED_FOR).getUTCFullYear() == 2026"),
        gives="stopped early",
        skipped=True,
    ),
)
