"""A flow that starts again in the middle."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.core.flow._build import Doc, branchall, branchone, flow, identity, leaf, loop, whil
from tests.core.flow._records import ROOT, Run
from tests.core.flow._world import World
from windmill_lite.base.errors import Invalid
from windmill_lite.core.flow.plan import plan_of
from windmill_lite.core.flow.restart import inherited, restarted
from windmill_lite.core.flow.status import From, Status
from windmill_lite.model.openflow import read

AGAIN = UUID(int=8)
VALUE = "flow_input['iter']['value']"


def _restarted(world: World, place: From, *, run: UUID = AGAIN, of: UUID = ROOT) -> Run:
    """Plays it to its end."""
    flow_ = read(world.document)
    plan = plan_of(flow_)
    status = restarted(plan, world.runs[of].status, place, Status(run))
    world.begin(Run(run, flow_, plan, status, world.args, scope=run))
    world.play()
    return world.runs[run]


def _new_steps(world: World, before: int) -> list[str]:
    return world.steps()[before:]


def test_what_came_before_is_not_run_again_and_is_readable() -> None:
    both = leaf("b", r="[results.a, results.i]")
    document = flow(leaf("a", x="1"), identity("i"), both, leaf("c"))
    world = World(document).go()
    run = _restarted(world, From("b"))
    assert _new_steps(world, 3) == ["b", "c"]
    assert world.result(run, "b") == {"r": [{"x": 1}, {"x": 1}]}


def test_a_restart_may_have_other_arguments() -> None:
    second = leaf("b", y="[flow_input['k'], previous_result]")
    world = World(flow(leaf("a", x="flow_input['k']"), second))
    world.args = {"k": 1}
    world.go()
    world.args = {"k": 2}
    assert _restarted(world, From("b")).result == {"y": [2, {"x": 1}]}


def test_the_first_step_is_a_place_too() -> None:
    world = World(flow(leaf("a"), leaf("b"))).go()
    _restarted(world, From("a"))
    assert _new_steps(world, 2) == ["a", "b"]


def test_the_step_it_starts_at_is_not_held_up_again() -> None:
    step = leaf("a") | {"suspend": {"required_events": 1}, "sleep": 5}
    world = World(flow(step, leaf("b"))).go()
    world.resume("a")
    world.play()
    assert _restarted(world, From("b")).status.ending is not None
    assert world.slept == [5]


@pytest.mark.parametrize("kind", ["for", "while", "all", "parallel"])
def test_a_loop_goes_on_at_an_iteration(kind: str) -> None:
    body = leaf("x", v="flow_input.get('iter')")
    step: Doc = {
        "for": loop("l", body, over="[5, 6, 7, 8]"),
        "parallel": loop("l", body, over="[5, 6, 7, 8]", parallel=True),
        "while": whil("l", body) | {"stop_after_if": {"expr": "len(all_iters) == 4"}},
        "all": branchall("l", [leaf("x")], [leaf("y")], [leaf("w")], [leaf("v")], parallel=False),
    }[kind]
    world = World(flow(leaf("a"), step, leaf("z", r="results.l"))).go()
    whole, pushed = world.value, len(world.steps())
    first = _restarted(world, From("l", 2))
    assert first.result == whole
    assert len(_new_steps(world, pushed)) == 3
    pushed = len(world.steps())
    second = _restarted(world, From("l", 3), run=UUID(int=9), of=AGAIN)
    assert second.result == whole, "bodies of both runs before it"
    assert len(_new_steps(world, pushed)) == 2
    third = _restarted(world, From("l", 1), run=UUID(int=10), of=UUID(int=9))
    assert third.result == whole
    if kind != "while":  # which would go on, with a fifth
        assert _restarted(world, From("l", 4), run=UUID(int=11)).result == whole


def test_a_loop_that_broke_early_can_be_gone_on_with() -> None:
    body = leaf("x", v=VALUE)
    step = loop("l", body, over="[1, 2, 3]") | {"stop_after_if": {"expr": "flow_input['stop']"}}
    world = World(flow(step), args={"stop": True}).go()
    assert world.value == [{"v": 1}]
    world.args = {"stop": False}
    assert _restarted(world, From("l", 1)).result == [{"v": 1}, {"v": 2}, {"v": 3}]


@pytest.mark.parametrize(
    ("step", "body"),
    [
        (loop("l", leaf("x", v=VALUE), leaf("y", w="results.x"), over="[1, 2]"), 1),
        (loop("l", leaf("x", v=VALUE), leaf("y", w="results.x"), over="[1, 2]", parallel=True), 1),
        (branchone("l", ("True", [leaf("x", v="1"), leaf("y", w="results.x")])), 0),
        (branchone("l", ("False", []), default=[leaf("x", v="1"), leaf("y", w="results.x")]), 1),
        (branchall("l", [leaf("k")], [leaf("x"), leaf("y", w="results.x")], parallel=False), 1),
    ],
)
def test_a_restart_may_lie_inside(step: Doc, body: int) -> None:
    world = World(flow(step, leaf("z", r="results.l"))).go()
    whole, pushed = world.value, len(world.steps())
    run = _restarted(world, From("l", body, From("y")))
    assert run.result == whole
    assert _new_steps(world, pushed) == ["y", "z"]


def test_what_is_deeper_still_is_reached_too() -> None:
    inner = loop("m", leaf("x", v=VALUE), leaf("y", w="results.x"), over="[1, 2]")
    world = World(flow(loop("l", inner, over="['p', 'q']"))).go()
    whole, pushed = world.value, len(world.steps())
    place = From("l", 1, From("m", 1, From("y")))
    assert _restarted(world, place).result == whole
    assert _new_steps(world, pushed) == ["y"]


REFUSED: list[tuple[From, str]] = [
    (From("nobody"), "no step 'nobody'"),
    (From("b"), "step 'a' did not complete"),
    (From("a", 0), "'a' has no iterations"),
]


@pytest.mark.parametrize(("place", "words"), REFUSED)
def test_a_place_that_is_none_is_refused(place: From, words: str) -> None:
    world = World(flow(leaf("a"), leaf("b"))).start()
    with pytest.raises(Invalid, match=words):
        _restarted(world, place)


def test_an_iteration_that_was_not_reached_is_refused() -> None:
    world = World(flow(loop("l", leaf("x"), over="[1, 2]"))).go()
    with pytest.raises(Invalid, match="did not complete what is before number 3"):
        _restarted(world, From("l", 3))
    chosen = World(flow(branchone("o", ("True", [leaf("x")]), ("True", [leaf("y")])))).go()
    with pytest.raises(Invalid, match="before number 1"):
        _restarted(chosen, From("o", 1))
    many = World(flow(loop("l", leaf("x"), over="[1, 2]", parallel=True))).start()
    many.one()
    with pytest.raises(Invalid, match="before number 1"):
        _restarted(many, From("l", 1))


def test_the_ids_that_are_inherited_are_those_before_at_all_depths() -> None:
    branches = branchone("o", ("True", [leaf("x")]), default=[leaf("y")])
    document: Any = flow(branches, leaf("b"), leaf("c"))
    plan = plan_of(read(document))
    assert inherited(plan, From("c")) == {"o", "x", "y", "b"}
    assert inherited(plan, From("o")) == frozenset()
