"""Flows of twenty steps, with loops at once inside of loops at once; and what must come of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.flows._words import Doc, each, every, flow, one, together, transform

if TYPE_CHECKING:
    from tests.roles.kills.judge import Facts

#: The jobs below one flow, by the step they belong to; and x or y.
CODE = Counter({"s": 1, "b": 6, "c": 3, "d": 1, "g": 3, "f": 3, "t": 1, "u": 1})
BODIES = Counter({"l": 3, "m": 6, "e": 2, "p": 3, "w": 3, "o": 1})
STEPS = CODE.total() + 1


def document(code: str) -> Doc:
    """`code` is the recorder's: it gives its number, and the square of it."""

    def step(id: str, number: str) -> Doc:
        inputs = {"number": transform(number), "work_s": transform("flow_input.work_s")}
        value = {"type": "rawscript", "language": "python3", "content": code}
        return {"id": id, "value": value | {"input_transforms": inputs}}

    turn = "flow_input.iter_parent.value * 10 + flow_input.iter.value"
    inner = together("m", "[0, 1]", step("b", f"flow_input.number + {turn}"))
    sums = "results.m[0].number + results.m[1].number + flow_input.iter.value"
    running = step("g", "(results.g?.number ?? 0) + flow_input.iter.value")
    total = "const sum = (all) => all.reduce((so_far, one) => so_far + one.number, 0);\n"
    parts = "sum(results.l) + results.e[0].number + results.e[1][2].number + sum(results.w)"
    return flow(
        step("s", "flow_input.number"),
        together("l", "[0, 1, 2]", inner, step("c", sums)),
        every("e", [step("d", "results.s.number + 1")], [each("p", "[1, 2, 3]", running)]),
        each("w", "results.l", step("f", "flow_input.iter.value.number * 2")),
        one("o", {"flow_input.number % 2": [step("x", "100")]}, [step("y", "200")]),
        step("t", f"{total}return {parts} + results.o.number"),
        step("u", "results.t.number * 2"),
    )


def right(number: int) -> dict[str, int]:
    """The result of the flow of a number."""
    loop = [2 * number + 20 * turn + 1 + turn for turn in range(3)]
    total = sum(loop) + number + 1 + 6 + 2 * sum(loop) + (100 if number % 2 else 200)
    return {"number": total * 2, "square": total * total * 4}


def faults(promised: dict[int, str], facts: Facts) -> Iterator[str]:
    """What is wrong about flows. One may fail only because a job of it was lost once too often."""
    below: dict[str, list[str]] = {}
    for id, child in facts.children.items():
        below.setdefault(child.flow, []).append(id)
    for number, id in promised.items():
        end = facts.done.get(id)
        tree = [id, *below.get(id, ())]
        if end is None or any(job in facts.done and facts.done[job].given_up for job in tree):
            continue
        if (end.outcome, end.result) != ("success", right(number)):
            yield f"{id}: {end.outcome} {json.dumps(end.result)[:300]}"
        else:
            yield from _counted(number, id, facts, tree[1:])


def _counted(number: int, id: str, facts: Facts, below: list[str]) -> Iterator[str]:
    steps: Counter[Any] = Counter(facts.children[job].step for job in below)
    wanted = CODE + BODIES + Counter(["x" if number % 2 else "y"])
    if steps != wanted:
        yield f"{id} has {dict(steps - wanted)} too many and {dict(wanted - steps)} too few"
    for job in below:
        if job not in facts.done or facts.done[job].outcome != "success":
            yield f"{id} succeeded, and {job} of step {facts.children[job].step} did not"
