"""What a flow inside of a flow gets and tells."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.flow._build import branchone, flow, leaf, loop, whil
from tests.core.flow._world import World
from windmill_lite.core.flow.events import ChildDone
from windmill_lite.core.flow.inside import body_args, child_done, prepared_args, recovers
from windmill_lite.core.flow.refs import Args
from windmill_lite.core.flow.status import Ending, Level
from windmill_lite.model.openflow import read
from windmill_lite.model.openflow.shape import Module


def _module(document: dict[str, Any]) -> Module:
    return read(flow(document)).modules[0]


FOR, WHILE = _module(loop("l", leaf("x"))), _module(whil("w", leaf("x")))
BRANCH = _module(branchone("o", ("True", [leaf("x")])))


def test_a_turn_of_a_loop_has_its_index_and_its_item() -> None:
    assert body_args({"k": 1}, FOR, 2, "c") == {"k": 1, "iter": {"index": 2, "value": "c"}}
    assert body_args({"k": 1}, WHILE, 2) == {"k": 1, "iter": {"index": 2, "value": 2}}
    assert body_args({"k": 1}, BRANCH, 2) == {"k": 1}


def test_the_turns_around_are_renamed_at_any_depth() -> None:
    args: dict[str, Any] = {"k": 1}
    for depth in range(4):
        args = body_args(args, FOR, depth, f"v{depth}")
    values = {key: turn["value"] for key, turn in args.items() if key != "k"}
    assert values == {
        "iter": "v3",
        "iter_parent": "v2",
        "iter_parent_parent": "v1",
        "iter_parent_parent_parent": "v0",
    }


def test_an_argument_that_happens_to_be_called_so_stays() -> None:
    args = {"iter_parent": "mine", "iteration": 1, "iter": "mine, too"}
    inner = body_args(args, FOR, 0, "v")
    assert inner["iteration"] == 1
    assert inner["iter_parent"] == "mine, too"
    assert inner["iter_parent_parent"] == "mine"
    assert body_args({"iter_parent": "mine"}, FOR, 0, "v")["iter_parent"] == "mine"


@pytest.mark.parametrize(
    ("result", "args"), [({"x": 1}, {"x": 1}), (None, {}), ([1], {"value": [1]}), (0, {"value": 0})]
)
def test_what_a_preprocessor_gives_becomes_arguments(result: Any, args: Any) -> None:
    assert prepared_args(result) == args
    document = flow(leaf("a", x="flow_input"), preprocessor_module=leaf("preprocessor"))
    world = World(document, prepare=True, code={"preprocessor": lambda: result}).go()
    assert world.value == {"x": args}


def test_a_body_tells_more_than_a_flow_that_is_a_step() -> None:
    ending = Ending(success=True, ref=Args(), skipped=True, stopped=True, handled=True)
    assert child_done("l/0/1", ending, Level.BODY) == ChildDone(
        "l/0/1", success=True, stopped=True, skipped=True, handled=True
    )
    assert child_done("f/0", ending, Level.FLOW) == ChildDone("f/0", success=True)
    canceled = Ending(success=False, ref=None, canceled=True)
    assert child_done("f/0", canceled, Level.FLOW).final


@pytest.mark.parametrize(
    ("result", "well"), [({"recover": True}, True), ({"recover": 1}, False), ([], False)]
)
def test_a_flow_is_well_again_when_its_failure_module_says_so(result: Any, *, well: bool) -> None:
    assert recovers(result) is well
