"""What an expression may be, and what becomes of its value. Each flow is one step."""

from __future__ import annotations

from typing import Any

from tests.flows._case import Case, Error
from tests.flows._words import ITEM, each, flow, one, put, py, say

_ARGS = {"n": 3, "o": {"a": {"b": [10, {"c": "deep"}]}, "b c": 1}, "list": [1, 2, 3], "s": "text"}

_VALUES: tuple[tuple[str, str, Any], ...] = (
    ("an object in braces is an object", "{a: 1, b: [flow_input.n]}", {"a": 1, "b": [3]}),
    ("an empty object is an object", "{}", {}),
    ("arrays and objects can be spread", "[...flow_input.list, {...{x: 1}}]", [1, 2, 3, {"x": 1}]),
    ("a template has its values", "`n=${flow_input.n + 1}`", "n=4"),
    ("functions can be written", "flow_input.list.map((x, i) => x * i)", [0, 2, 6]),
    ("what may be missing can be asked for", "flow_input.no?.such?.key ?? 'none'", "none"),
    ("patterns work", "flow_input.s.replace(/t/g, 'T')", "TexT"),
    ("a date becomes its ISO text", "new Date(1704067200000)", "2024-01-01T00:00:00.000Z"),
    ("a large whole number stays whole", "new Date('2024-01-01').getTime()", 1704067200000),
    ("JSON and Math are there", "JSON.parse('[1.5]').map(Math.floor)", [1]),
    ("undefined becomes null", "flow_input.nobody", None),
    ("NaN becomes null", "0 / 0", None),
    ("Infinity becomes null", "1 / 0", None),
    ("undefined in an array becomes null", "[undefined, NaN]", [None, None]),
    ("an undefined field is left out", "({a: undefined, b: 1})", {"b": 1}),
    ("a function is no value", "(() => 1)", None),
    ("space around does not count", "\n   flow_input.n\n ", 3),
    ("a comment may follow", "flow_input.n // of the form", 3),
    ("a body with return gives what it returns", "const x = flow_input.n;\nreturn x * 2", 6),
    ("a body may branch", "if (flow_input.n > 2) { return 'big' } else { return 'small' }", "big"),
    ("a body may catch", "try { return flow_input.no.x } catch (e) { return e.name }", "TypeError"),
    ("a body may take apart", "const {n, s} = flow_input; return [s, n]", ["text", 3]),
    ("a text that says return is a text", "'no return here'", "no return here"),
    (
        "a text that names a result is a text",
        '"results.a and flow_input.n"',
        "results.a and flow_input.n",
    ),
    ("a path with an index", "flow_input.o.a.b[1].c", "deep"),
    ("a path with a quoted key", "flow_input.o['b c']", 1),
    ("a path that ends too early is null", "flow_input.o.a.nothing", None),
    ("an index beyond the end is null", "flow_input.list[9]", None),
    (
        "the length of an array and of a text",
        "[flow_input.list.length, flow_input.s.length]",
        [3, 4],
    ),
    ("all names of the input", "Object.keys(flow_input)", ["n", "o", "list", "s"]),
    ("whether the input has a name", "['n' in flow_input, 'x' in flow_input]", [True, False]),
    ("params is there and empty", "params", {}),
)

#: The same, written as a plain path and so that it takes the engine.
_PATHS = (
    "flow_input.n",
    "flow_input.o.a.b[0]",
    "flow_input.list.length",
    "flow_input.s.length",
    "flow_input.s[0]",
    "flow_input.o.nothing",
    "flow_input.toString",
    "flow_input.o.constructor",
    "flow_input.list[-1]",
    "flow_input.list['0']",
    "results.nobody",
    "previous_result.o.a.b[1].c",
    "flow_env.X",
)

_ERRORS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("a field of null is an error", "results.nobody.y", "TypeError", ("results.nobody.y",)),
    ("a name that is none is an error", "nobody + 1", "ReferenceError", ("nobody",)),
    (
        "what is thrown is the error",
        "(() => { throw new RangeError('boom') })()",
        "RangeError",
        ("boom",),
    ),
    ("without a host there is no require", "require('fs')", "ReferenceError", ("require",)),
    ("nor a network", "fetch('http://localhost')", "ReferenceError", ("fetch",)),
    ("nor a process", "process.env", "ReferenceError", ("process",)),
)

_TRUTH: tuple[tuple[Any, str], ...] = (
    ([], "yes"),
    ({}, "yes"),
    ("", "no"),
    (0, "no"),
    (None, "no"),
    (False, "no"),
    ("false", "yes"),
    ("0", "yes"),
    (-1, "yes"),
    ([0], "yes"),
)

CASES = (
    *(
        Case(says=f"expressions: {says}", flow=flow(say("a", expr)), args=_ARGS, gives=value)
        for says, expr, value in _VALUES
    ),
    *(
        Case(
            says=f"the plain path {path} means the same as the engine's",
            flow=flow(
                py("a", "return [x, y]", x=path, y=f"((v) => v)({path})"),
                say("b", "JSON.stringify(results.a[0]) === JSON.stringify(results.a[1])"),
                flow_env={"X": "x"},
            ),
            args=_ARGS,
            gives=True,
        )
        for path in _PATHS
    ),
    *(
        Case(
            says=f"expressions: {says}, told with step, field and text",
            flow=flow(say("a", expr)),
            fails=Error(name, ("input_transforms.x", *words), step="a"),
            runs="",
        )
        for says, expr, name, words in _ERRORS
    ),
    *(
        Case(
            says=f"a condition asks whether {value!r} is truthy, as JavaScript does",
            flow=flow(
                each("l", f"[{ITEM_OF}]", one("o", {ITEM: [put("y", "yes")]}, [put("n", "no")]))
            ),
            args={"v": value},
            gives=[told],
        )
        for ITEM_OF in ("flow_input.v",)
        for value, told in _TRUTH
    ),
)
