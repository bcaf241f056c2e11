"""Compares what came of a flow with what its case says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.flows._case import NOTHING, Case, Error
from tests.flows._play import Played, Player
from tests.flows._rows import Ended


def complaints(run: Played, ended: Ended | None, *, alone: bool) -> Iterator[str]:
    """What is not as it should be. `alone`: it ran with one worker and without others, so that the
    order of steps and the pauses are certain.
    """
    if ended is None:
        yield f"it never ended; so far {run.ran} ran"
        return
    if ended.left:
        yield f"{ended.left} jobs of it have not ended"
    yield from _result(run.case, ended)
    yield from _steps(run, alone=alone)
    yield from _jobs(run)
    for name, wanted in run.case.status.items():
        if ended.status.get(name) != wanted:
            yield f"flow_status.{name} is {ended.status.get(name)!r}, not {wanted!r}"
    for id, wanted in run.case.modules.items():
        module = _module(ended, id)
        for name, value in wanted.items():
            if module.get(name) != value:
                yield f"module {id}: {name} is {module.get(name)!r}, not {value!r}"


def _result(case: Case, ended: Ended) -> Iterator[str]:
    good = case.fails is NOTHING
    assert good is not (case.gives is NOTHING), f"{case.says}: gives or fails, not both"
    outcomes = {"skipped"} if case.skipped else {"success"} if good else {"failure", "canceled"}
    if ended.outcome not in outcomes:
        yield f"its outcome is {ended.outcome}, not {outcomes}"
    wanted = case.gives if good else case.fails
    if not same(wanted, ended.result):
        yield f"its result is {ended.result!r}, not {wanted!r}"


def _steps(run: Played, *, alone: bool) -> Iterator[str]:
    case = run.case
    if case.runs is not None:
        ran, wanted = list(run.ran), case.runs.split()
        if not (alone and case.ordered):
            ran, wanted = sorted(ran), sorted(wanted)
        if ran != wanted:
            yield f"{ran} ran, not {wanted}"
    if alone and tuple(run.pauses) != case.pauses:
        yield f"it paused for {run.pauses}, not {list(case.pauses)}"
    for step, most in case.at_once.items():
        if run.most[step] > most:
            yield f"{run.most[step]} of {step} ran at a time, not {most}"


def _jobs(run: Played) -> Iterator[str]:
    for step, facts in run.case.jobs.items():
        for name, wanted in facts.items():
            if (found := getattr(run.jobs.get(step), name, None)) != wanted:
                yield f"{name} of the job of {step} is {found!r}, not {wanted!r}"
    for step, args in run.args.items():
        if run.case.same_args and len(args) > 1:
            yield f"{step} was given {args}"


def _module(ended: Ended, id: str) -> dict[str, Any]:
    if id in ("failure_module", "preprocessor_module"):
        return dict(ended.status[id])
    return next(dict(module) for module in ended.status["modules"] if module["id"] == id)


def same(wanted: Any, found: Any) -> bool:
    """As JSON: true is not 1."""
    match wanted:
        case Error():
            return bool(wanted == found)
        case list():
            return (
                isinstance(found, list)
                and len(wanted) == len(found)
                and all(map(same, wanted, found))
            )
        case dict():
            return (
                isinstance(found, dict)
                and wanted.keys() == found.keys()
                and all(same(value, found[key]) for key, value in wanted.items())
            )
        case bool():
            return found is wanted
    return not isinstance(found, bool) and bool(wanted == found)


async def faults_of(player: Player, run: Played, *, alone: bool) -> list[str]:
    """Its complaints, each with the sentence of the case in front."""
    ended = await player.rows.ended(run.id, run.case.flow)
    return [f"{run.case.says}: {words}" for words in complaints(run, ended, alone=alone)]
