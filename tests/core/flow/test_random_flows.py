"""Any flow, played in any order, with failures, duplicates and late reports."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    whil,
)
from tests.core.flow._records import Fails
from tests.core.flow._world import World
from windmill_lite.core.flow.effects import Finish, KeepItems, PushBodies
from windmill_lite.core.flow.events import ChildDone, Resumed, Started, Woken
from windmill_lite.core.flow.refs import ChildName, child_id
from windmill_lite.core.flow.status import Phase
from windmill_lite.model import limits


@pytest.fixture(autouse=True, scope="module")
def _short_loops() -> Iterator[None]:
    """A loop whose turns all fail, and may, is stopped by nothing but the limit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "ITERATIONS_MAX", 6)
        yield


INNER = flow(leaf("in1"), leaf("in2", p="previous_result"), failure_module=handler())


@dataclass
class Maker:
    """Draws a flow from one number."""

    dice: random.Random
    count: int = 0

    def modules(self, depth: int) -> list[Doc]:
        return [self.module(depth) for _ in range(self.dice.randrange(0, 4))]

    def module(self, depth: int) -> Doc:
        self.count += 1
        id = f"s{self.count}"
        kinds = ["leaf", "leaf", "identity", "sub", "for", "while", "one", "all"]
        return (
            self._kind(id, self.dice.choice(kinds if depth else kinds[:4]), depth) | self._options()
        )

    def _kind(self, id: str, kind: str, depth: int) -> Doc:
        dice = self.dice
        match kind:
            case "leaf":
                return leaf(id, p="previous_result", r=f"results.s{dice.randrange(1, 9)}")
            case "identity":
                return identity(id)
            case "sub":
                return sub(id, "u/a/inner", p="previous_result")
            case "for":
                options: dict[str, Any] = {"parallel": dice.random() < 0.5}
                options["skip_failures"] = dice.random() < 0.5
                if dice.random() < 0.5:
                    options["parallelism"] = dice.randrange(1, 4)
                items = dice.choice(["[]", "[1]", "[1, 2, 3]", "previous_result", "1 / 0"])
                return loop(id, *self.modules(depth - 1), over=items, **options)
            case "while":
                stop = {"stop_after_if": {"expr": f"len(all_iters) >= {dice.randrange(1, 4)}"}}
                return whil(id, *self.modules(depth - 1), skip_failures=True) | stop
            case "one":
                condition = dice.choice(["True", "False", "1 / 0", "previous_result"])
                return branchone(
                    id, (condition, self.modules(depth - 1)), default=self.modules(depth - 1)
                )
        branches = [self.modules(depth - 1) for _ in range(dice.randrange(0, 4))]
        return branchall(id, *branches, parallel=dice.random() < 0.5, may_fail=(dice.randrange(3),))

    def _options(self) -> Doc:
        dice = self.dice
        known = (
            ("stop_after_all_iters_if", {"expr": "len(result) > 2"}),
            ("skip_if", {"expr": dice.choice(["True", "False"])}),
            ("sleep", dice.randrange(3)),
            ("suspend", {"required_events": dice.randrange(1, 3), "timeout": 9}),
            ("retry", {"constant": {"attempts": dice.randrange(1, 3), "seconds": 1}}),
            ("continue_on_error", True),
            ("mock", {"enabled": True, "return_value": [1]}),
        )
        return {key: value for key, value in known if dice.random() < 0.1}


def _made(seed: int) -> World:
    dice = random.Random(seed)  # noqa: S311 - a plan of a test
    maker = Maker(dice)
    document = flow(*[maker.module(2) for _ in range(dice.randrange(1, 5))])
    if dice.random() < 0.5:
        document["failure_module"] = handler()
    code = {f"s{n}": _sometimes(seed + n) for n in range(maker.count + 1)}
    return World(document, {"k": 1}, code, {"u/a/inner": INNER})


def _sometimes(seed: int) -> Any:
    """Fails or not by the number of the try, in whatever order it is called."""

    def code(attempt: int, **args: Any) -> Any:
        if random.Random(seed * 31 + attempt).random() < 0.2:  # noqa: S311 - the same
            raise Fails(f"try {attempt}")
        return args

    return code


def _play(world: World, order: random.Random | None) -> None:
    """To the end: who is asked says yes or no, or the time is over; reports come again and late."""
    world.start()
    told: list[Any] = []
    for _ in range(20_000):
        if order is not None and told and order.random() < 0.3:
            world.tell(*order.choice(told))
        if world.todo:
            kind, what = world.todo[0]
            if order is not None:
                index = order.randrange(len(world.todo))
                kind, what = world.todo[index]
                world.todo.insert(0, world.todo.pop(index))
            world.todo.pop(0)
            if kind == "job":
                world.work(what)
                told += _again(world, what)
            else:
                world.tell(what[0], Woken(what[1]))
                told.append((what[0], Woken(what[1])))
        elif not _ask_people(world):
            return
    raise AssertionError("it does not end")


def _again(world: World, id: Any) -> list[Any]:
    """What could be reported twice: not a body of many at once, which is told by its own row."""
    job = world.jobs[id]
    return [(job.run, ChildDone(job.name, job.outcome == "success")), (job.run, Started())]


def _ask_people(world: World) -> bool:
    gated = [run for run in world.runs.values() if run.status.phase is Phase.GATED]
    for run in gated:
        park = world.parked[run.id]
        if park.gate.step[-1] in "02468":
            gate = child_id(run.id, park.gate)
            world.resumes.setdefault(gate, []).append(None)
            world.tell(run.id, Resumed())
        else:
            world.tell(run.id, Woken(park.wait))
    return bool(gated)


seeds = st.integers(0, 2**32)


@given(seeds)
@settings(max_examples=150, deadline=None)
def test_every_flow_ends_and_nothing_is_left_behind(seed: int) -> None:
    world = _made(seed)
    _play(world, None)
    assert world.ending.ref is not None
    for run in world.runs.values():
        assert run.status.phase is Phase.DONE, f"{run.name} is stuck: {run.status}"
    finished = [e for e in world.log if isinstance(e, Finish)]
    assert len(finished) == len(world.runs), "each ends once"


@given(seeds, seeds)
@settings(max_examples=150, deadline=None)
def test_reports_that_come_twice_or_late_or_in_another_order_change_nothing(
    seed: int, order: int
) -> None:
    one, other = _made(seed), _made(seed)
    _play(one, None)
    _play(other, random.Random(order))  # noqa: S311 - a plan of a test
    assert other.ending.success is one.ending.success
    assert sorted(map(str, one.jobs)) == sorted(map(str, other.jobs)), "the same jobs ran"
    assert sorted(map(str, one.runs)) == sorted(map(str, other.runs))


@given(seeds)
@settings(max_examples=100, deadline=None)
def test_what_is_pushed_again_after_a_crash_has_the_same_ids(seed: int) -> None:
    world = _made(seed)
    world.start()
    for _ in range(10):
        if not world.todo:
            break
        kind, what = world.todo[0]
        if kind == "job":
            run, name = world.runs[world.jobs[what].run], world.jobs[what].name
            first = world.decide(run, ChildDone(name, success=True))
            again = world.decide(run, ChildDone(name, success=True))
            assert first == again
        world.one()


def test_the_size_of_a_status_is_bounded_by_the_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ITERATIONS_MAX", 1_000)
    sizes = []
    for count in (3, 300):
        step = loop("l", leaf("x"), leaf("y"), over=str([0] * count), parallel=True, parallelism=7)
        world = World(flow(step, leaf("z"))).go()
        sizes.append(world.largest_status)
        kept = [e for e in world.log if isinstance(e, KeepItems)]
        assert len(kept) == 1
        pushed = [e for e in world.log if isinstance(e, PushBodies)]
        assert sum(e.count for e in pushed) == count
    assert sizes[1] - sizes[0] < 10


def test_a_child_has_the_same_id_wherever_it_is_derived() -> None:
    run = World(flow()).go().root.id
    assert child_id(run, "a/0") == child_id(run, ChildName("a", 0))
    assert child_id(run, "a/1/2") == child_id(run, ChildName("a", 1, 2))
