"""Modules one after the other, and what each is given."""

from __future__ import annotations

from tests.flows._case import NOBODY, OK, UNREACHED, Case, Error, raised
from tests.flows._words import Static, fail, flow, ident, one, put, py, say

_ALIAS = py("a", "return x")
_ALIAS["value"]["content"] = "def main(x):\n    return x\n"
_ALIAS["value"]["input_transform"] = {"x": {"type": "static", "value": "old"}}
del _ALIAS["value"]["input_transforms"]
_BARE = py("a", "return 'called'")
del _BARE["value"]["input_transforms"]
_AGENT = {"id": "g", "value": {"type": "aiagent", "input_transforms": {}, "tools": []}}
_NULLS = say("a", "7") | dict.fromkeys(
    ("retry", "sleep", "suspend", "skip_if", "stop_after_if", "timeout", "mock", "priority")
)
_EXTRAS = {
    "notes": [{"id": "n1", "text": "mind the gap", "position": {"x": 1.5, "y": 0}}],
    "groups": [{"summary": "g", "start_id": "a"}],
    "chat_input_enabled": True,
    "of_a_later_version": {"modules": "not these"},
}

CASES = (
    Case(says="a flow without modules gives its args", flow=flow(), args={"x": 1}, gives={"x": 1}),
    Case(
        says="an identity that comes first gives the args",
        flow=flow(ident("i")),
        args={"x": [1, None]},
        gives={"x": [1, None]},
        runs="",
        real=True,
    ),
    Case(
        says="an identity gives what came before, and is no job",
        flow=flow(put("a", 5), ident("i"), ident("j")),
        gives=5,
        runs="a",
        modules={"i": {**OK, "job": NOBODY}},
    ),
    Case(
        says="the last module's result is the flow's",
        flow=flow(
            say("a", "flow_input.x + 1"), say("b", "results.a * 2"), say("c", "previous_result - 1")
        ),
        args={"x": 1},
        gives=3,
        runs="a b c",
        modules={"a": OK, "b": OK, "c": OK},
        status={"step": 3},
        real=True,
    ),
    Case(
        says="previous_result of the first module is the args",
        flow=flow(say("a", "previous_result")),
        args={"k": {"deep": True}},
        gives={"k": {"deep": True}},
    ),
    Case(
        says="a static input is passed as it stands, one without a value is null",
        flow=flow(
            py("a", "return [x, y, z]", x=Static([1, {"b": 2}]), y=Static(None), z=Static(""))
        ),
        gives=[[1, {"b": 2}], None, ""],
    ),
    Case(
        says="an expression in a static input is a text",
        flow=flow(put("a", "flow_input.x")),
        args={"x": 1},
        gives="flow_input.x",
    ),
    Case(says="input_transform is what it was called once", flow=flow(_ALIAS), gives="old"),
    Case(says="a step needs no inputs", flow=flow(_BARE), gives="called", real=True),
    Case(
        says="a result of null is null to those after it",
        flow=flow(put("a", None), say("b", "[results.a, previous_result, results.a?.x]")),
        gives=[None, None, None],
    ),
    Case(
        says="the keys of a result keep the order in which they were produced",
        flow=flow(
            py("a", "return {'z': 1, 'a': 2, 'm': 3}"), say("b", "Object.keys(results.a).join()")
        ),
        gives="z,a,m",
        real=True,
    ),
    Case(
        says="whole numbers up to 2^53 stay whole through several steps",
        flow=flow(put("a", 9007199254740991), say("b", "results.a"), say("c", "results.b - 1")),
        gives=9007199254740990,
    ),
    Case(
        says="any text passes unharmed",
        flow=flow(say("a", "flow_input.t"), say("b", "`${results.a}`")),
        args={"t": "é\U0001f600\u2028\"'\\`${x}"},
        gives="é\U0001f600\u2028\"'\\`${x}",
        real=True,
    ),
    Case(
        says="a failing module ends the flow with its error, later ones are not reached",
        flow=flow(put("a", 1), fail("b"), put("c", 1)),
        fails=raised(),
        runs="a b",
        modules={"a": OK, "b": {"type": "Failure"}, "c": UNREACHED},
        real=True,
    ),
    Case(
        says="the error of a step has the class of what was raised",
        flow=flow(py("a", "return {}['missing']")),
        fails=Error("KeyError", ("missing",)),
        real=True,
    ),
    Case(
        says="ids with a hyphen, a dollar and digits are ids",
        flow=flow(
            put("a-b", 1), put("$c", 2), put("d9_", 3), say("e", 'results["a-b"]+results.$c')
        ),
        gives=3,
    ),
    Case(
        says="words of JavaScript are ids as well",
        flow=flow(put("class", 1), put("if", 2), say("z", "[results.class, results.if]")),
        gives=[1, 2],
    ),
    Case(
        says="an explicit null is the same as an absent option",
        flow=flow(_NULLS),
        gives=7,
    ),
    Case(
        says="fields for people, and those of later versions, change nothing",
        flow=flow(say("a", "7"), **_EXTRAS),
        gives=7,
        real=True,
    ),
    Case(
        says="an aiagent fails by name when it is reached, and what is before it has run",
        flow=flow(put("a", 1), _AGENT),
        fails=Error("NotSupported", ("aiagent",), step="g"),
        runs="a",
    ),
    Case(
        says="an aiagent in a branch that is not taken does no harm",
        flow=flow(one("o", {"false": [_AGENT]}, [put("b", 2)])),
        gives=2,
    ),
    Case(
        says="forty steps in a row add up",
        flow=flow(say("s0", "0"), *(say(f"s{n}", f"results.s{n - 1} + {n}") for n in range(1, 40))),
        gives=sum(range(40)),
        runs=" ".join(f"s{n}" for n in range(40)),
    ),
)
