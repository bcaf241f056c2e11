"""`results.<id>`: which results are seen from where; and constants."""

from __future__ import annotations

from tests.flows._case import Case
from tests.flows._words import (
    INDEX,
    ITEM,
    each,
    every,
    fail,
    flaky,
    flow,
    handler,
    loop_while,
    one,
    put,
    py,
    retry,
    say,
    skip,
    stop,
    together,
)

CASES = (
    Case(
        says="every later step sees every earlier one",
        flow=flow(
            put("a", 1), put("b", 2), put("c", 3), say("d", "[results.a, results.b, results.c]")
        ),
        gives=[1, 2, 3],
        real=True,
    ),
    Case(
        says="a result that is not there is null, and so is one to come",
        flow=flow(
            say("a", "[results.nobody, results.z, results['z']]"),
            put("z", 1),
            say("y", "results.a"),
        ),
        gives=[None, None, None],
    ),
    Case(
        says="results can be asked for by a computed name",
        flow=flow(put("a", 1), put("b", 2), say("c", "['a', 'b'].map(id => results[id])")),
        gives=[1, 2],
    ),
    Case(
        says="results can be taken apart",
        flow=flow(put("a", 1), put("b", 2), say("c", "const {a, b} = results; return [b, a]")),
        gives=[2, 1],
    ),
    Case(
        says="whether there is a result can be asked",
        flow=flow(
            put("c", None),
            one("o", {"false": [put("d", 1)]}),
            say("e", "['c' in results, 'd' in results]"),
        ),
        gives=[True, False],
    ),
    Case(
        says="a text with the words of a result stays a text",
        flow=flow(put("a", 1), say("b", "'results.a is ' + results.a + ` and not results.a`")),
        gives="results.a is 1 and not results.a",
    ),
    Case(
        says="a step inside a branch sees the steps outside",
        flow=flow(put("a", 1), one("o", {"true": [one("p", {"true": [say("b", "results.a")]})]})),
        gives=1,
    ),
    Case(
        says="a step inside loops in branches sees all around",
        flow=flow(
            put("a", 1),
            every(
                "e",
                [
                    put("b", 2),
                    each("l", "[0]", put("c", 3), say("d", "[results.a, results.b, results.c]")),
                ],
            ),
        ),
        gives=[[[1, 2, 3]]],
    ),
    Case(
        says="after a branchone the results inside the branch that ran are seen, others are null",
        flow=flow(
            one("o", {"flow_input.k": [put("c", "ran")]}, [put("d", "not")]),
            say("z", "[results.o, results.c, results.d]"),
        ),
        args={"k": True},
        gives=["ran", "ran", None],
    ),
    Case(
        says="after a branchall in sequence the results inside its branches are seen",
        flow=flow(
            every("e", [put("b", 1)], [put("c", 2)], parallel=False),
            say("z", "[results.e, results.b, results.c]"),
        ),
        gives=[[1, 2], 1, 2],
    ),
    Case(
        says="after a loop in sequence a result inside is that of the last iteration",
        flow=flow(each("l", "[5, 6, 7]", say("b", ITEM)), say("z", "[results.l, results.b]")),
        gives=[[5, 6, 7], 7],
    ),
    Case(
        says="an iteration in sequence sees what the one before left",
        flow=flow(each("l", "[1, 2, 3]", say("p", "results.q ?? 0"), say("q", "results.p + 10"))),
        gives=[10, 20, 30],
    ),
    Case(
        says="iterations at once do not see each other's results, nor does what comes after",
        real=True,
        flow=flow(
            together(
                "l", "[1, 2, 3]", say("p", f"[results.q ?? 'none', {ITEM}]"), say("q", "results.p")
            ),
            say("z", "[results.l, results.q]"),
        ),
        gives=[[["none", 1], ["none", 2], ["none", 3]], None],
        ordered=False,
        runs="p p p q q q z",
    ),
    Case(
        says="a step of an iteration at once sees the steps of its own iteration and those outside",
        flow=flow(
            put("a", 100),
            together("l", "[1, 2, 3]", say("b", ITEM), say("c", "results.a + results.b")),
        ),
        gives=[101, 102, 103],
        ordered=False,
    ),
    Case(
        says="a loop in sequence inside one at once keeps its results inside",
        flow=flow(
            together("l", "[1, 2]", each("m", "[1, 2]", say("b", f"(results.b ?? 0) + {ITEM}"))),
            say("z", "[results.l, results.m, results.b]"),
        ),
        gives=[[[1, 3], [1, 3]], None, None],
        ordered=False,
    ),
    Case(
        says="a while loop carries its state through its own result",
        real=True,
        flow=flow(
            loop_while("w", say("c", "(results.c ?? flow_input.start) * 2")) | stop("result > 50")
        ),
        args={"start": 3},
        gives=[6, 12, 24, 48, 96],
    ),
    Case(
        says="a container that runs has no result yet",
        flow=flow(each("l", "[1, 2]", say("b", "results.l"))),
        gives=[None, None],
    ),
    Case(
        says="the result of a skipped step is what passed through it",
        flow=flow(put("a", 1), put("b", 2) | skip("true"), put("c", 3), say("z", "results.b")),
        gives=1,
    ),
    Case(
        says="the result of a step that was tried again is that of its last try",
        flow=flow(flaky("a", 2, "5") | retry(2), put("b", 0), say("z", "results.a")),
        gives=5,
        pauses=(1, 1),
    ),
    Case(
        says="the second run of a container overwrites the results of the first",
        flow=flow(
            each("l", "[1, 2]", say("b", ITEM), flaky("c", 1, INDEX)) | retry(3),
            say("z", "results.b"),
        ),
        gives=2,
        pauses=(1, 1),
    ),
    Case(
        says="parts of a large result travel alone",
        real=True,
        flow=flow(
            py("a", "return {'rows': [{'id': n, 'text': 'x' * 1000} for n in range(500)]}"),
            say("b", "[results.a.rows[499].id, results.a.rows.length]"),
        ),
        gives=[499, 500],
    ),
    Case(
        says="constants may be any JSON",
        flow=flow(
            say("a", "[flow_env.text, flow_env.list[1], flow_env.o.k, flow_env.no ?? 'none']"),
            flow_env={"text": "t", "list": [1, 2], "o": {"k": None}},
        ),
        gives=["t", 2, None, "none"],
    ),
    Case(
        says="constants reach loops in branches in loops",
        real=True,
        flow=flow(
            each("l", "[1]", every("e", [together("m", "[1]", say("b", "flow_env.X"))])),
            flow_env={"X": "x"},
        ),
        gives=[[["x"]]],
    ),
    Case(
        says="without constants there is an empty object",
        flow=flow(say("a", "Object.keys(flow_env)")),
        gives=[],
    ),
    Case(
        says="a handler inside an iteration sees the results of that iteration",
        flow=flow(
            together("l", "[1, 2]", say("b", ITEM), fail("c", x="results.b"), skip_failures=True),
            failure_module=handler("return x", x="[results.b, flow_input.iter.index]"),
        ),
        gives=[[1, 0], [2, 1]],
        ordered=False,
    ),
    Case(
        says="after a branchall at once they are seen too: only a loop's iterations hide theirs",
        flow=flow(
            every("e", [put("b", 1)], [put("c", 2)]), say("z", "[results.e, results.b, results.c]")
        ),
        gives=[[1, 2], 1, 2],
    ),
    Case(
        says="so are those of branches at once in the branch that was chosen, and in the last turn",
        flow=flow(
            one("o", {"true": [every("e", [put("b", 1)])]}),
            each("l", "[5, 6]", every("f", [say("c", ITEM)])),
            say("z", "[results.b, results.c, 'b' in results, Object.keys(results).includes('c')]"),
        ),
        gives=[1, 6, True, True],
    ),
    Case(
        says="while branches run at once none sees the results of another",
        flow=flow(
            every("e", [put("a", 1), say("b", "results.d")], [put("c", 1), say("d", "results.b")]),
            say("z", "[results.e, results.b, results.d]"),
        ),
        gives=[[None, None], None, None],
        ordered=False,
    ),
    Case(
        says="branches at once inside of iterations at once stay hidden with them",
        flow=flow(
            together("l", "[1, 2]", every("e", [say("b", ITEM)]), say("c", "results.b")),
            say("z", "[results.l, results.b]"),
        ),
        gives=[[1, 2], None],
        ordered=False,
    ),
    Case(
        says="a branch at once that failed and may leaves what it had",
        flow=flow(
            every("e", [put("b", 1), fail("c")], may_fail=(0,)),
            say("z", "[results.b, error.message]"),
        ),
        gives=[1, "no"],
    ),
)
