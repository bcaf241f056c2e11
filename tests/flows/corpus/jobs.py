"""What the jobs of steps are: their priority, tag and time limit, their cache and their crowd; and
the preprocessor, which comes before all of them.
"""

from __future__ import annotations

from tests.flows._case import OK, Case, Error, raised
from tests.flows._words import (
    GO_ON,
    ITEM,
    Doc,
    each,
    fail,
    fail_on,
    flow,
    handler,
    put,
    py,
    say,
    together,
)

_EVENT = {"kind": "webhook", "body": {"n": 2}, "headers": {}, "query": {}, "raw_string": None}


def _prepare(body: str) -> Doc:
    """As Windmill exports it: without inputs, and with an entry point of its own."""
    made = py("preprocessor", body)
    made["value"]["content"] = made["value"]["content"].replace(
        "def main()", "def preprocessor(event)"
    )
    del made["value"]["input_transforms"]
    return made


def _with(step: Doc, **value: object) -> Doc:
    return step | {"value": step["value"] | value}


CASES = (
    Case(
        says="the priority of a step comes before that of its flow",
        flow=flow(put("a", 1) | {"priority": 5}, put("b", 2), priority=3),
        gives=2,
        jobs={"a": {"priority": 5}, "b": {"priority": 3}},
    ),
    Case(
        says="the priority of a flow is that of the steps inside of its loops",
        flow=flow(together("l", "[1, 2]", say("b", ITEM)), priority=4),
        gives=[1, 2],
        ordered=False,
        jobs={"b": {"priority": 4}},
    ),
    Case(
        says="a step may have a tag",
        flow=flow(_with(put("a", 1), tag="special"), put("b", 2)),
        gives=2,
        jobs={"a": {"tag": "special"}, "b": {"tag": "python3"}},
    ),
    Case(
        says="a time limit travels with the job, whether it is written or evaluated",
        flow=flow(
            put("a", 1) | {"timeout": 30},
            put("b", 2) | {"timeout": {"type": "static", "value": 31}},
            put("c", 3) | {"timeout": {"type": "javascript", "expr": "results.a + 31"}},
            put("d", 4),
        ),
        gives=4,
        jobs={
            "a": {"timeout_s": 30},
            "b": {"timeout_s": 31},
            "c": {"timeout_s": 32},
            "d": {"timeout_s": None},
        },
    ),
    Case(
        says="a cached step does not run again with the same inputs",
        flow=flow(each("l", "[1, 1, 2, 1]", say("b", ITEM) | {"cache_ttl": 600})),
        gives=[1, 1, 2, 1],
        runs="b b",
    ),
    Case(
        says="a failure is not cached",
        flow=flow(
            each("l", "[3, 3]", fail_on("cached", "(3,)") | {"cache_ttl": 600}, skip_failures=True)
        ),
        gives=[raised("bad 3"), raised("bad 3")],
        runs="cached cached",
    ),
    Case(
        says="steps with a limit run no more of them at a time",
        flow=flow(
            together("l", "[1, 2, 3, 4]", _with(say("b", ITEM), concurrent_limit=1)),
            say("z", "results.l.length"),
        ),
        gives=4,
        ordered=False,
        at_once={"b": 1},
    ),
    Case(
        says="a step that is forgotten after use is read by the steps behind it all the same",
        flow=flow(put("a", [1]) | {"delete_after_use": True}, say("b", "results.a[0]")),
        gives=1,
    ),
    Case(
        says="the preprocessor gets the event, and what it gives are the args",
        flow=flow(
            say("a", "flow_input"),
            preprocessor_module=_prepare(
                "return {'n': event['body']['n'] + 1, 'kind': event['kind']}"
            ),
        ),
        args={"event": _EVENT},
        triggered=True,
        gives={"n": 3, "kind": "webhook"},
        runs="preprocessor a",
        modules={"preprocessor_module": OK},
    ),
    Case(
        says="what is no object becomes the arg value",
        flow=flow(say("a", "flow_input"), preprocessor_module=_prepare("return [1, 2]")),
        args={"event": _EVENT},
        triggered=True,
        gives={"value": [1, 2]},
    ),
    Case(
        says="nothing becomes no args",
        flow=flow(say("a", "Object.keys(flow_input)"), preprocessor_module=_prepare("return None")),
        args={"event": _EVENT},
        triggered=True,
        gives=[],
    ),
    Case(
        says="the loops of a flow see the args that were prepared",
        flow=flow(
            each("l", "flow_input.list", say("b", "flow_input.plus + flow_input.iter.value")),
            preprocessor_module=_prepare("return {'list': [1, 2], 'plus': 10}"),
        ),
        args={"event": _EVENT},
        triggered=True,
        gives=[11, 12],
        runs="preprocessor b b",
    ),
    Case(
        says="a preprocessor that fails ends the flow before its first step, and is handled",
        flow=flow(
            put("a", 1),
            preprocessor_module=_prepare("raise ValueError('bad event')"),
            failure_module=handler(),
        ),
        args={"event": _EVENT},
        triggered=True,
        fails=["bad event"],
        runs="preprocessor failure",
    ),
    Case(
        says="without a preprocessor a flow that was triggered has its args as they came",
        flow=flow(say("a", "flow_input.k")),
        args={"k": 1},
        triggered=True,
        gives=1,
    ),
    Case(
        says="a step that failed keeps its tag and its limit when it is tried again",
        flow=flow(
            _with(fail("a"), tag="special")
            | {"timeout": 9, "retry": {"constant": {"attempts": 1, "seconds": 2}}}
            | GO_ON,
            say("z", "error.message"),
        ),
        gives="no",
        runs="a a z",
        pauses=(2,),
        jobs={"a": {"tag": "special", "timeout_s": 9}},
    ),
    Case(
        says="a tag may have expressions in it, of what came before",
        flow=flow(
            put("a", {"b": ["spec"], "n": 3}),
            _with(put("b", 1), tag="$flow_expr[results['a'].b[0]]ial"),
            _with(
                put("c", 1),
                tag="$flow_expr[ flow_input.on ? 'python' : ']' ]$flow_expr[results.a.n]",
            ),
        ),
        args={"on": True},
        gives=1,
        jobs={"b": {"tag": "special"}, "c": {"tag": "python3"}},
    ),
    Case(
        says="such a tag is evaluated once, before the first try",
        flow=flow(
            _with(fail("a"), tag="$flow_expr['a' in results ? 'nobody' : 'special']")
            | {"retry": {"constant": {"attempts": 2, "seconds": 2}}}
            | GO_ON,
            say("z", "error.message"),
        ),
        gives="no",
        runs="a a a z",
        pauses=(2, 2),
        jobs={"a": {"tag": "special"}},
    ),
    Case(
        says="a tag that cannot be evaluated fails the step",
        flow=flow(_with(put("a", 1), tag="gpu-$flow_expr[nobody.x]")),
        fails=Error("ReferenceError", ("tag:", "nobody.x"), step="a"),
        runs="",
    ),
    Case(
        says="a tag that is no text fails the step",
        flow=flow(_with(put("a", 1), tag="$flow_expr[results.nothing]")),
        fails=Error("InvalidTag", ("a text or a number", "null"), step="a"),
        runs="",
    ),
    Case(
        says="a time limit that cannot be evaluated fails the step",
        flow=flow(put("a", 1) | {"timeout": {"type": "javascript", "expr": "nobody.x"}}),
        fails=Error("ReferenceError", ("timeout",), step="a"),
        runs="",
    ),
)
