"""Flows for a cluster: drawn from a number, with what must come of them.

Their expressions are paths and literals, which need no engine: so they can be evaluated on the
simulation's loop, and by the interpreter in memory that says what is right. What a step does hangs
on its arguments alone, wherever and whenever it runs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from tests.engine.flows._stage import Stage
from tests.flows._words import Doc, Static, each, every, flow, ident, loop_while, one, py, stop
from tests.sim.facts import End, Facts
from windmill_lite.base.codec import Json, dumps
from windmill_lite.core.flow.effects import Park
from windmill_lite.core.flow.events import Woken
from windmill_lite.engine.flows.scene import Act, Scene
from windmill_lite.expr import evaluators, paths
from windmill_lite.expr.evaluators import Ask, Evaluators
from windmill_lite.expr.names import Failed, Names
from windmill_lite.model.job import Claim, Finished, Outcome

T = TypeVar("T")

ARGS: Json = {"yes": True, "no": False, "list": [5, 6], "none": []}
TURNS = 2  # of a while loop: its body says stop at this index
_SOURCES = ("flow_input.yes", "flow_input.list[0]", "previous_result")
_INSIDE = ("flow_input.iter.value", "flow_input.iter.index")
_TRUTHS = ("true", "false", "flow_input.no", "flow_input.yes", "previous_result", "results.s1.p")
_LISTS: tuple[str | Static, ...] = (
    *(Static([]), Static([1]), Static([1, 2, 3]), Static(list(range(6)))),
    *("flow_input.list", "flow_input.none", "previous_result"),
)


class PlainEvaluators(Evaluators):
    """Without an engine; what would need one fails."""

    async def evaluate(self, workspace: str, ask: Ask, names: Names) -> Json | Failed:
        value = await evaluators._plainly(ask.source, names)
        if value is paths.UNSURE:
            return Failed("NotPlain", "only an engine could tell")
        return paths.truth(value) if ask.truth else paths.leaving(value)


@dataclass(frozen=True, slots=True)
class Right:
    """How a flow must end, and how often each of its steps runs to an end."""

    success: bool
    result: Json
    steps: Counter[str]


def document(which: int) -> Doc:
    made = _Maker(Random(f"flow {which}"))  # noqa: S311  (no secret)
    modules = [made.module(2) for _ in range(made.dice.randrange(2, 7))]
    handler = py("failure", "", message="error.message")
    return flow(*modules, **({"failure_module": handler} if made.dice.random() < 0.5 else {}))


class _Lonely(Stage):
    """Nobody answers: who waits for people waits until the time is over."""

    def store(self, scene: Scene, act: Act) -> None:
        super().store(scene, act)
        for effect in act.effects:
            if isinstance(effect, Park):
                self.todo.append((act.run.id, Woken(effect.wait)))


@cache
def right(which: int) -> Right:
    """By the same machine, with its rows in memory and nothing that breaks."""
    code = {step: _code(step) for step in ("failure", *(f"s{n}" for n in range(80)))}
    stage = _Lonely(document(which), ARGS, **code)
    _at_once(stage.play(PlainEvaluators()))
    return Right(stage.ending.success, stage.value, Counter(stage.steps))


def outcome(claim: Claim) -> Finished:
    """Of a step's cell."""
    try:
        result = _ran(claim.job.step_id or "", json.loads(claim.job.args))
    except RuntimeError as error:
        told = {"error": {"name": "Error", "message": str(error)}}
        return Finished(Outcome.FAILURE, dumps(told), sandbox="none")
    return Finished(Outcome.SUCCESS, dumps(result), sandbox="none")


def flow_faults(asked: Mapping[UUID, int], facts: Facts) -> Iterator[str]:
    """Of flows that ended by themselves: not canceled, and with no job that was lost too often."""
    below: dict[UUID, list[UUID]] = {}
    for job_id, job in facts.jobs.items():
        if job.child_name is not None and job.root_id is not None:
            below.setdefault(job.root_id, []).append(job_id)
    for flow_id, which in asked.items():
        end, children = facts.ends.get(flow_id), below.get(flow_id, [])
        if end is None or any(_disturbed(facts.ends[job]) for job in (flow_id, *children)):
            continue
        wanted = right(which)
        if (end.outcome == "success", json.loads(end.result)) != (wanted.success, wanted.result):
            yield f"flow {flow_id.int} ({which}): {end.outcome} {end.result}, not {wanted}"
        done = (facts.jobs[job] for job in children if not facts.jobs[job].is_flow)
        steps = Counter(job.step_id or "" for job in done)
        if steps != wanted.steps:
            yield f"flow {flow_id.int} ({which}): {steps} ran, not {wanted.steps}"


def _disturbed(end: End) -> bool:
    return end.canceled_by is not None or '"WorkerLost"' in end.result


def _code(step: str) -> Any:
    return lambda **args: _ran(step, args)


def _ran(step: str, args: dict[str, Any]) -> dict[str, Any]:
    told = json.dumps(args, sort_keys=True)
    if step != "failure" and Random(f"{step}{told}").random() < 0.07:  # noqa: S311  (no secret)
        raise RuntimeError("no")
    index = args.get("index")
    return {**args, "stop": isinstance(index, int) and index >= TURNS}


def _suspend(dice: Random) -> Doc:
    go_on = dice.random() < 0.6
    timeout_s = dice.randrange(9)
    return {
        "required_events": 1,
        "timeout": timeout_s,
        "continue_on_disapprove_timeout": go_on,
    }


def _at_once(work: Coroutine[Any, Any, T]) -> T:
    """What never waits needs no loop."""
    try:
        work.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    raise AssertionError("it waits for something")


@dataclass
class _Maker:
    dice: Random
    count: int = 0
    loops: int = 0  # around what is made

    def module(self, depth: int) -> Doc:
        self.count += 1
        kinds = ("leaf", "leaf", "leaf", "identity", "for", "while", "one", "all")
        kind = self.dice.choice(kinds if depth else kinds[:4])
        return self._kind(f"s{self.count}", kind, depth) | self._options()

    def _modules(self, depth: int) -> list[Doc]:
        return [self.module(depth - 1) for _ in range(self.dice.choice((0, 1, 2, 2, 3)))]

    def _kind(self, id: str, kind: str, depth: int) -> Doc:
        dice = self.dice
        match kind:
            case "leaf":
                sources = _SOURCES + (_INSIDE * 2 if self.loops else ())
                return py(id, "", p=dice.choice(sources), r=f"results.s{dice.randrange(1, 9)}")
            case "identity":
                return ident(id)
            case "for":
                options: dict[str, Any] = {"parallel": dice.random() < 0.6}
                options["skip_failures"] = dice.random() < 0.5
                if dice.random() < 0.5:
                    options["parallelism"] = dice.randrange(1, 4)
                self.loops += 1
                body = self._modules(depth)
                self.loops -= 1
                return each(id, dice.choice(_LISTS), *body, **options)
            case "while":
                self.count += 1
                turn = py(f"s{self.count}", "", index="flow_input.iter.index")
                return loop_while(id, turn, skip_failures=True) | stop("result.stop")
            case "one":
                return one(id, {dice.choice(_TRUTHS): self._modules(depth)}, self._modules(depth))
        branches = [self._modules(depth) for _ in range(dice.randrange(4))]
        return every(id, *branches, may_fail=(dice.randrange(3),), parallel=dice.random() < 0.6)

    def _options(self) -> Doc:
        dice = self.dice
        known: tuple[tuple[str, Any], ...] = (
            ("stop_after_if", {"expr": "result.stop"}),
            ("stop_after_all_iters_if", {"expr": "result[1]"}),
            ("skip_if", {"expr": dice.choice(_TRUTHS)}),
            ("sleep", {"type": "static", "value": dice.randrange(3)}),
            ("retry", {"constant": {"attempts": dice.randrange(1, 3), "seconds": 1}}),
            ("continue_on_error", True),
            ("suspend", _suspend(dice)),
            ("mock", {"enabled": True, "return_value": [1]}),
        )
        return {key: value for key, value in known if dice.random() < 0.08}
