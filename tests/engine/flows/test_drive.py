"""Flows with real expressions, decided by the engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.core.flow._build import (
    branchall,
    branchone,
    flow,
    handler,
    identity,
    leaf,
    loop,
    whil,
)
from tests.engine.flows._stage import Stage
from windmill_lite.core.flow.status import Phase
from windmill_lite.expr.evaluators import Evaluators
from windmill_lite.model import limits


@pytest.fixture
async def evaluators() -> AsyncIterator[Evaluators]:
    made = Evaluators()
    await made.start()
    yield made
    await made.stop()


def _fail(**args: Any) -> Any:
    raise RuntimeError("no")


FLOWS: dict[str, tuple[Any, Any, Any]] = {
    "in a row": (
        flow(leaf("a", x="flow_input.x + 1"), leaf("b", y="results.a.x * 2", p="previous_result")),
        {"x": 1},
        {"y": 4, "p": {"x": 2}},
    ),
    "a loop": (
        flow(loop("l", leaf("b", v="flow_input.iter.value * flow_input.k"), over="[3, 1, 2]")),
        {"k": 2},
        [{"v": 6}, {"v": 2}, {"v": 4}],
    ),
    "a loop at once": (
        flow(
            loop(
                "l",
                leaf("b", v="flow_input.iter.value"),
                leaf("c", w="results.b.v + flow_input.iter.index"),
                over="Array.from({length: 4}, (_, i) => i * 10)",
                parallel=True,
            ),
            leaf("z", r="results.l.map(x => x.w)", inner="results.c"),
        ),
        {},
        {"r": [0, 11, 22, 33], "inner": None},
    ),
    "loops in loops": (
        flow(
            loop(
                "l",
                loop(
                    "m",
                    leaf("b", v="[flow_input.iter_parent.value, flow_input.iter.value].join('')"),
                    over="['x', 'y']",
                ),
                over="[1, 2]",
            )
        ),
        {},
        [[{"v": "1x"}, {"v": "1y"}], [{"v": "2x"}, {"v": "2y"}]],
    ),
    "a while loop that counts": (
        flow(
            whil("w", leaf("c", n="(results.c?.n ?? 0) + 1"))
            | {"stop_after_if": {"expr": "result.n >= 3 && all_iters.length == 3"}}
        ),
        {},
        [{"n": 1}, {"n": 2}, {"n": 3}],
    ),
    "branches": (
        flow(
            leaf("a", x="5"),
            branchone("o", ("results.a.x > 9", []), ("result.x == 5", [leaf("five", s="'five'")])),
            branchall("e", [leaf("p", v="1")], [identity("q")]),
            leaf("z", o="results.o", e="results.e", f="results.five.s"),
        ),
        {"k": 1},
        {"o": {"s": "five"}, "e": [{"v": 1}, {"k": 1}], "f": "five"},
    ),
    "a handler": (
        flow(
            leaf("bad"),
            failure_module=handler(m="error.message", all="Object.keys(results)"),
        ),
        {},
        {"m": "no", "all": ["bad"]},
    ),
    "passed over": (
        flow(leaf("bad") | {"continue_on_error": True}, leaf("b", e="results.bad.error.name")),
        {},
        {"e": "Error"},
    ),
    "constants": (
        flow(leaf("a", u="flow_env.URL + `/${flow_input.p}`"), flow_env={"URL": "https://x"}),
        {"p": "y"},
        {"u": "https://x/y"},
    ),
    "an expression that fails": (
        flow(leaf("a", x="results.nobody.y")),
        {},
        {
            "error": {
                "name": "TypeError",
                "message": "input_transforms.x: TypeError: cannot read property 'y' of null "
                "at line 1, column 1 of `results.nobody.y`",
                "step_id": "a",
            }
        },
    ),
}


@pytest.mark.parametrize("name", FLOWS)
async def test_a_flow_gives(evaluators: Evaluators, name: str) -> None:
    document, args, value = FLOWS[name]
    stage = await Stage(document, args, bad=_fail).play(evaluators)
    assert stage.value == value


async def test_a_step_costs_one_decision(evaluators: Evaluators) -> None:
    stage = await Stage(flow(*(leaf(f"s{n}") for n in range(10)))).play(evaluators)
    assert stage.transactions == 11
    body = leaf("b", v="flow_input.iter.value")
    looped = await Stage(flow(loop("l", body, over="[1, 2, 3, 4]"))).play(evaluators)
    assert looped.transactions == 5, "turns, and the end of each body, cost none of their own"


async def test_bookkeeping_alone_is_decided_at_once_as_far_as_is_bearable(
    evaluators: Evaluators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "DRIVE_EVENTS", 10)
    step = loop("l", identity("i"), over="Array.from({length: 40}, (_, i) => i)")
    stage = await Stage(flow(step, leaf("z", n="results.l.length"))).play(evaluators)
    assert stage.value == {"n": 40}
    assert stage.steps == ["z"]
    assert 4 <= stage.transactions <= 12


async def test_people_are_heard_by_the_step_that_they_let_go(evaluators: Evaluators) -> None:
    asks = {"suspend": {"required_events": 2}}
    document = flow(leaf("a") | asks, leaf("b", all="resumes", last="resume.n"))
    stage = await Stage(document).play(evaluators)
    assert stage.status.phase is Phase.GATED
    await stage.say("a", {"n": 1}, evaluators)
    await stage.say("a", {"n": 2}, evaluators)
    await stage.play(evaluators)
    assert stage.value == {"all": [{"n": 1}, {"n": 2}], "last": 2}


async def test_a_result_that_is_too_large_is_a_failure_with_a_name(
    evaluators: Evaluators, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "RESULT_BYTES_MAX", 1_000)
    step = loop("l", leaf("b", v="'x'.repeat(300)"), over="[1, 2, 3, 4]")
    stage = await Stage(flow(step)).play(evaluators)
    assert not stage.ending.success
    assert stage.value["error"]["name"] == "ResultTooLarge"
