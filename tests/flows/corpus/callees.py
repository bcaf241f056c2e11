"""Steps that run what is deployed: scripts by path and hash, flows with names of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.flows._case import BAD, OK, Case, Error, raised
from tests.flows._words import (
    GO_ON,
    ITEM,
    Doc,
    Static,
    asks,
    each,
    every,
    fail,
    flow,
    handler,
    ident,
    one,
    put,
    retry,
    say,
    skip,
    sleep,
    stop,
    sub,
    together,
    transform,
)


def script(
    id: str, path: str, more: Mapping[str, Any] | None = None, **inputs: str | Static
) -> Doc:
    transforms = {name: transform(what) for name, what in inputs.items()}
    value = {"type": "script", "path": path, "input_transforms": transforms, **(more or {})}
    return {"id": id, "value": value}


SCRIPTS = {
    "f/lib/double": "def main(x: int):\n    return x * 2\n",
    "f/lib/bad": "def main():\n    raise ValueError('from the library')\n",
}

_STOPPING = put("in1", "stopped here") | stop("true")

#: Deployed in this order: a flow may name those before it.
FLOWS: Mapping[str, Doc] = {
    "f/lib/add": flow(say("sum", "flow_input.x + flow_input.y"), say("out", "results.sum")),
    "f/lib/echo": flow(),
    "f/lib/names": flow(say("in1", "[flow_input, results.outer, results.nobody]")),
    "f/lib/stops": flow(_STOPPING, put("in2", "not reached")),
    "f/lib/skips": flow(put("in1", 1), skip_expr="true"),
    "f/lib/fails": flow(fail("in1", "inside")),
    "f/lib/handles": flow(
        fail("in1", "inside"), failure_module=handler("return ['inner', message]")
    ),
    "f/lib/recovers": flow(fail("in1"), failure_module=handler("return {'recover': True}")),
    "f/lib/loops": flow(together("inl", "flow_input.list", say("in1", f"{ITEM} + 1"))),
    "f/lib/env": flow(say("in1", "flow_env.X"), flow_env={"X": "own"}),
    "f/lib/no_env": flow(each("inl", "[1]", say("in1", "flow_env.X"))),
    "f/lib/waits": flow(put("in1", 1) | sleep(5), put("in2", 2)),
    "f/lib/asks": flow(put("in1", 1) | asks(timeout=6), put("in2", 2)),
    "f/lib/outer": flow(
        sub("in1", "f/lib/add", x="flow_input.x", y="1"), say("in2", "results.in1 * 10")
    ),
}

CASES = (
    Case(
        says="a script is run by its path",
        flow=flow(script("a", "f/lib/double", x="flow_input.n"), say("b", "results.a + 1")),
        args={"n": 4},
        gives=9,
        runs="a b",
        modules={"a": OK},
    ),
    Case(
        says="a script that fails is a failure like others",
        flow=flow(script("a", "f/lib/bad") | GO_ON, say("b", "[error.name, error.message]")),
        gives=["ValueError", "from the library"],
        modules={"a": BAD},
    ),
    Case(
        says="scripts at once",
        flow=flow(together("l", "[1, 2, 3]", script("a", "f/lib/double", x=ITEM))),
        gives=[2, 4, 6],
        ordered=False,
    ),
    Case(
        says="a script that is not there fails its step by name, and may be passed over",
        flow=flow(script("a", "f/lib/nowhere") | GO_ON, say("b", "[error.name, error.step_id]")),
        gives=["NotFound", "a"],
        runs="b",
    ),
    Case(
        says="a script of a hub fails its step by name",
        flow=flow(script("a", "hub/1/slack/send")),
        fails=Error("Invalid", ("no hub is set", "--hub-url"), step="a"),
    ),
    Case(
        says="a flow is run with its arguments alone",
        flow=flow(sub("f", "f/lib/add", x="flow_input.n", y=Static(2)), say("z", "results.f")),
        args={"n": 1},
        gives=3,
        runs="sum out z",
        modules={"f": OK},
    ),
    Case(
        says="a flow without modules gives its arguments",
        flow=flow(put("a", 1), sub("f", "f/lib/echo", k="results.a")),
        gives={"k": 1},
    ),
    Case(
        says="a flow inside sees neither the input nor the results outside",
        flow=flow(put("outer", 1), sub("f", "f/lib/names", k="results.outer")),
        args={"n": 1},
        gives=[{"k": 1}, None, None],
    ),
    Case(
        says="the names inside of a flow are hidden from outside",
        flow=flow(sub("f", "f/lib/add", x="1", y="2"), say("z", "[results.f, results.sum]")),
        gives=[3, None],
    ),
    Case(
        says="flows in flows",
        flow=flow(sub("f", "f/lib/outer", x="4")),
        gives=50,
        runs="sum out in2",
    ),
    Case(
        says="a stop inside ends that flow only",
        flow=flow(sub("f", "f/lib/stops"), say("z", "results.f")),
        gives="stopped here",
        runs="in1 z",
    ),
    Case(
        says="the step of a flow may stop by its own condition",
        flow=flow(sub("f", "f/lib/stops") | stop("result == 'stopped here'"), put("z", 1)),
        gives="stopped here",
        runs="in1",
    ),
    Case(
        says="a stop inside of a flow inside of a branch ends no more than that flow",
        flow=flow(
            one("o", {"true": [sub("f", "f/lib/stops"), put("b", 2)]}), say("z", "results.o")
        ),
        gives=2,
    ),
    Case(
        says="a flow that skips itself has succeeded",
        flow=flow(sub("f", "f/lib/skips"), say("z", "results.f")),
        gives="stopped early",
        runs="z",
    ),
    Case(
        says="a flow that fails is a failing step, with its error",
        flow=flow(sub("f", "f/lib/fails"), put("z", 1)),
        fails=raised("inside"),
        runs="in1",
        modules={"f": BAD},
    ),
    Case(
        says="the handler outside hears of a flow inside that failed",
        flow=flow(
            sub("f", "f/lib/fails"),
            failure_module=handler("return ['outer', message]", message="error.message"),
        ),
        fails=["outer", "inside"],
        runs="in1 failure",
    ),
    Case(
        says="a flow inside has its own handler, and the one outside runs as well",
        flow=flow(
            sub("f", "f/lib/handles"),
            failure_module=handler("return ['outer', r]", r="previous_result"),
        ),
        fails=["outer", ["inner", "inside"]],
        runs="in1 failure failure",
    ),
    Case(
        says="a flow inside that was handled has failed all the same",
        flow=flow(sub("f", "f/lib/recovers"), put("z", 1)),
        fails={"recover": True},
        runs="in1 failure",
    ),
    Case(
        says="a flow is tried again as a whole",
        flow=flow(sub("f", "f/lib/fails") | retry(2) | GO_ON, say("z", "error.message")),
        gives="inside",
        runs="in1 in1 in1 z",
        pauses=(1, 1),
    ),
    Case(
        says="flows in a loop at once keep their names apart",
        flow=flow(
            together(
                "l",
                "[10, 20]",
                sub("f", "f/lib/add", x=ITEM, y="1"),
                say("b", "[results.f, results.sum]"),
            )
        ),
        gives=[[11, None], [21, None]],
        ordered=False,
    ),
    Case(
        says="a loop in a flow in a loop",
        flow=flow(each("l", "[[1], [2, 3]]", sub("f", "f/lib/loops", list=ITEM))),
        gives=[[2], [3, 4]],
        ordered=False,
    ),
    Case(
        says="the turns outside are not turns inside",
        flow=flow(each("l", "[7]", sub("f", "f/lib/names", v=ITEM))),
        gives=[[{"v": 7}, None, None]],
    ),
    Case(
        says="a flow inside has its own constants",
        flow=flow(
            sub("f", "f/lib/env"), say("z", "[results.f, flow_env.X]"), flow_env={"X": "outer"}
        ),
        gives=["own", "outer"],
    ),
    Case(
        says="a flow inside without constants has those of the flow around it",
        flow=flow(every("e", [sub("f", "f/lib/no_env")]), flow_env={"X": "outer"}),
        gives=[["outer"]],
    ),
    Case(
        says="a flow inside sleeps, and the one around waits",
        flow=flow(sub("f", "f/lib/waits"), say("z", "results.f")),
        gives=2,
        pauses=(5,),
    ),
    Case(
        says="a flow inside that waits for people in vain is a failing step",
        flow=flow(sub("f", "f/lib/asks") | GO_ON, say("z", "error.name")),
        gives="SuspendedTimedOut",
        pauses=(6,),
    ),
    Case(
        says="a flow inside is skipped like any step",
        flow=flow(put("a", 1), sub("f", "f/lib/fails") | skip("true"), ident("i")),
        gives=1,
        runs="a",
    ),
    Case(
        says="a cached flow does not run again with the same inputs",
        flow=flow(
            each("l", "[1, 1, 2, 1]", sub("f", "f/lib/add", x=ITEM, y="1") | {"cache_ttl": 60})
        ),
        gives=[2, 2, 3, 2],
        runs="sum out sum out",
    ),
    Case(
        says="a flow that is not there fails its step by name",
        flow=flow(sub("f", "f/lib/nowhere")),
        fails=Error("NotFound", ("f/lib/nowhere",), step="f"),
    ),
    Case(
        says="an argument that cannot be made fails the step before the flow begins",
        flow=flow(sub("f", "f/lib/add", x="nobody.x", y="1")),
        fails=Error("ReferenceError", ("input_transforms.x",), step="f"),
        runs="",
    ),
)
