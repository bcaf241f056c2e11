"""What holds a step up: people, a sleep; and what ends a flow from outside."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.flow._build import (
    Doc,
    branchall,
    branchone,
    flow,
    handler,
    identity,
    leaf,
    loop,
    sub,
)
from tests.core.flow._records import ROOT, Fails
from tests.core.flow._world import World
from windmill_lite.core.flow.effects import Park
from windmill_lite.core.flow.events import Canceled, ChildDone, Resumed, Started, Woken
from windmill_lite.core.flow.refs import ChildName, child_id
from windmill_lite.core.flow.status import Phase, StepState
from windmill_lite.model.limits import SUSPEND_S_DEFAULT


def _asks(events: int = 1, **more: Any) -> Doc:
    return {"suspend": {"required_events": events, **more}}


NEXT = leaf("b", r="resumes", p="previous_result")


def test_the_step_after_waits_for_so_many_people() -> None:
    world = World(flow(leaf("a", x="1") | _asks(2), NEXT)).go()
    assert world.root.status.phase is Phase.GATED
    assert world.root.status.steps[1].state is StepState.EVENTS
    assert world.parked[ROOT].missing == 2
    assert world.parked[ROOT].timeout_s == SUSPEND_S_DEFAULT
    world.resume("a", {"n": 1})
    assert world.root.status.steps[1].missing == 1
    assert len([e for e in world.log if isinstance(e, Park)]) == 1, "its time is not longer now"
    world.resume("a", {"n": 2})
    assert world.play().value == {"r": [{"n": 1}, {"n": 2}], "p": {"x": 1}}


def test_who_said_yes_before_is_counted() -> None:
    world = World(flow(leaf("a") | _asks(), NEXT)).start()
    world.resumes[child_id(ROOT, ChildName("a", 0))] = ["early"]
    assert world.play().value["r"] == ["early"]
    assert world.parked == {}


def test_each_gate_sees_its_own_people() -> None:
    second = leaf("b", r="resumes") | _asks()
    world = World(flow(leaf("a") | _asks(), second, leaf("c", r="resumes")))
    world.go().resume("a", "for a")
    world.play()
    assert world.root.status.phase is Phase.GATED
    world.resume("b", "for b")
    assert world.play().value == {"r": ["for b"]}
    assert world.result(world.root, "b") == {"r": ["for a"]}


def test_a_no_ends_the_flow_and_is_handled() -> None:
    step = leaf("b") | {"retry": {"constant": {"attempts": 3}}, "continue_on_error": True}
    world = World(flow(leaf("a") | _asks(2), step, failure_module=handler(e="error"))).go()
    world.resume("a")
    world.disapprove("a", "bob")
    error = world.play().value["e"]
    assert (error["name"], error["message"]) == ("SuspendedDisapproved", "Disapproved by bob")
    assert world.steps() == ["a", "failure"]
    assert not world.ending.success


def test_silence_ends_the_flow() -> None:
    world = World(flow(leaf("a") | _asks(timeout=60), leaf("b"))).go()
    assert world.parked[ROOT].timeout_s == 60
    world.tell(ROOT, Woken(world.parked[ROOT].wait))
    assert world.value["error"]["name"] == "SuspendedTimedOut"


@pytest.mark.parametrize("how", ["no", "silence"])
def test_a_flow_may_go_on_from_a_no_and_find_it_among_its_resumes(how: str) -> None:
    ask = _asks(2, continue_on_disapprove_timeout=True)
    world = World(flow(leaf("a") | ask, leaf("b", r="resumes"))).go()
    world.resume("a", "yes")
    if how == "no":
        world.disapprove("a")
    else:
        world.tell(ROOT, Woken(world.parked[ROOT].wait))
    yes, refusal = world.play().value["r"]
    assert yes == "yes"
    assert refusal["error"]["name"].startswith("Suspended")


def test_a_time_that_is_over_twice_or_too_late_is_not_heard() -> None:
    world = World(flow(leaf("a") | _asks(), leaf("b") | _asks(), leaf("c"))).go()
    first = world.parked[ROOT].wait
    world.resume("a")
    world.play()
    world.tell(ROOT, Woken(first))
    assert world.root.status.phase is Phase.GATED, "that was the time of another gate"
    world.resume("b")
    world.play()
    world.tell(ROOT, Woken(world.parked[ROOT].wait))
    assert world.ending.success


@pytest.mark.parametrize("events", [None, 0])
def test_no_people_are_no_gate(events: int | None) -> None:
    suspend = {"suspend": {"required_events": events, "timeout": 1}}
    assert World(flow(leaf("a") | suspend, leaf("b"))).go().ending.success


def test_a_step_that_was_skipped_asked_nobody_and_does_not_sleep() -> None:
    skipped = leaf("a") | _asks() | {"skip_if": {"expr": "True"}, "sleep": 5}
    world = World(flow(skipped, leaf("b"))).go()
    assert world.ending.success
    assert (world.parked, world.slept) == ({}, [])


def test_a_step_that_failed_asked_nobody() -> None:
    step = leaf("a") | _asks() | {"continue_on_error": True, "sleep": 5}
    world = World(flow(step, leaf("b")), code={"a": _fail}).go()
    assert world.ending.success
    assert (world.parked, world.slept) == ({}, [])


def _fail(**args: Any) -> Any:
    raise Fails


def test_the_last_step_may_ask_and_sleep_too() -> None:
    world = World(flow(leaf("a", x="1") | _asks() | {"sleep": 7})).go()
    assert world.root.status.phase is Phase.GATED
    world.resume("a")
    assert world.play().value == {"x": 1}
    assert world.slept == [7]
    assert world.steps() == ["a"]


@pytest.mark.parametrize(
    "around",
    [
        lambda step: branchone("o", ("True", [step])),
        lambda step: loop("o", step, over="[1]"),
        lambda step: loop("o", step, over="[1]", parallel=True),
        lambda step: branchall("o", [step]),
        lambda _: sub("o", "u/a/inner"),
    ],
)
def test_what_is_inside_waits_for_itself(around: Any) -> None:
    step = leaf("a", x="1") | _asks()
    world = World(flow(around(step), leaf("z")), flows={"u/a/inner": flow(step)}).go()
    (inner,) = world.parked
    assert inner != ROOT
    assert world.root.status.phase is Phase.RUNNING
    world.resume("a", run=inner)
    assert world.play().ending.success


def test_identity_may_ask() -> None:
    world = World(flow(identity("i", **_asks()), leaf("b", r="resumes"))).go()
    world.resume("i", 5)
    assert world.play().value == {"r": [5]}


def test_who_may_say_yes_travels_with_the_gate() -> None:
    groups = {"type": "javascript", "expr": "flow_input['groups']"}
    ask = _asks(user_auth_required=True, user_groups_required=groups, self_approval_disabled=True)
    world = World(flow(leaf("a") | ask, leaf("b")), args={"groups": ["ops"]}).go()
    park = world.parked[ROOT]
    assert (park.groups, park.login, park.others) == (("ops",), True, True)
    for wrong in ("ops", [1], None):
        failing = World(flow(leaf("a") | ask, leaf("b")), args={"groups": wrong}).go()
        assert failing.value["error"]["name"] == "InvalidGroups"


def test_a_sleep_comes_after_the_step() -> None:
    step = leaf("a", s="2.5") | {"sleep": {"type": "javascript", "expr": "result['s']"}}
    world = World(flow(step, leaf("b"))).start()
    assert world.slept == []
    world.one()
    assert (world.slept, world.steps()) == ([2.5], ["a"])
    assert world.root.status.phase is Phase.PAUSED
    assert world.play().ending.success


@pytest.mark.parametrize("sleep", ["-1", "'x'", "1 / 0", "float('nan')"])
def test_a_sleep_that_is_none_ends_the_flow(sleep: str) -> None:
    step = leaf("a") | {"sleep": {"type": "javascript", "expr": sleep}}
    world = World(flow(step, leaf("b"))).go()
    assert not world.ending.success
    assert world.value["error"]["step_id"] == "a"


@pytest.mark.parametrize("sleep", [0, {"type": "javascript", "expr": "None"}])
def test_no_sleep_is_none(sleep: Any) -> None:
    world = World(flow(leaf("a") | {"sleep": sleep}, leaf("b"))).go()
    assert world.slept == []
    assert world.ending.success


# from outside

STATES: dict[str, tuple[Doc, int]] = {
    "running": (flow(leaf("a")), 0),
    "sleeping": (flow(leaf("a") | {"sleep": 9}, leaf("b")), 1),
    "gated": (flow(leaf("a") | _asks(), leaf("b")), 1),
    "handling": (flow(leaf("a"), failure_module=handler()), 1),
    "in a loop": (flow(loop("l", leaf("x"), parallel=True)), 1),
}


@pytest.mark.parametrize("name", STATES)
def test_a_flow_is_canceled_wherever_it_is_and_nothing_is_handled(name: str) -> None:
    document, moves = STATES[name]
    world = World(document, code={"a": _fail} if name == "handling" else {}).start()
    for _ in range(moves):
        world.one()
    pushed = len(world.steps())
    world.tell(ROOT, Canceled())
    world.play()
    assert world.ending.canceled
    assert not world.ending.success
    assert all(run.status.phase is Phase.DONE for run in world.runs.values())
    assert len(world.steps()) == pushed


def test_whatever_comes_after_the_end_changes_nothing() -> None:
    world = World(flow(leaf("a"))).go()
    before = world.root.status
    for event in (
        Started(),
        ChildDone("a/0", success=False),
        Woken(0),
        Resumed(),
        Canceled(),
    ):
        world.tell(ROOT, event)
    assert world.root.status == before


def test_a_child_of_a_try_that_is_over_is_not_heard() -> None:
    retry = {"retry": {"constant": {"attempts": 2}}}
    world = World(flow(leaf("a") | retry, leaf("b"))).start()
    world.tell(ROOT, ChildDone("a/0", success=False))
    before = world.root.status
    for name in ("a/0", "b/0", "a/2", "zz/0", "a/1/0"):
        world.tell(ROOT, ChildDone(name, success=True)) if name != "a/1/0" else None
    assert world.root.status == before


def test_an_iteration_that_is_told_twice_is_heard_once() -> None:
    world = World(flow(loop("l", leaf("a"), over="[1, 2, 3]"))).start()
    world.one()
    before = world.root.status
    world.tell(ROOT, ChildDone("l/0/0", success=True))
    world.tell(ROOT, ChildDone("l/0/2", success=True))
    assert world.root.status == before
    assert len(world.play().value) == 3
