"""What is remembered of runs and jobs, and how expressions and references read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from tests.core.flow._records import Job, Run
from windmill_lite.base.codec import loads
from windmill_lite.core.flow.effects import AddResume, Effect, Record, ReplaceArgs
from windmill_lite.core.flow.errors import error_of
from windmill_lite.core.flow.events import Approvals, Ask, Broken, Count, Question
from windmill_lite.core.flow.inside import prepared_args
from windmill_lite.core.flow.refs import (
    Args,
    Borrowed,
    Child,
    Literal,
    Many,
    Mocked,
    Ref,
    WithResult,
    body_id,
    child_id,
)
from windmill_lite.core.flow.status import Level


class Memory:
    def remember(self) -> None:
        self.runs: dict[UUID, Run] = {}
        self.jobs: dict[UUID, Job] = {}
        self.results: dict[tuple[UUID, str], Ref] = {}
        self.owner: dict[tuple[UUID, str], UUID] = {}
        self.resumes: dict[UUID, list[Any]] = {}
        self.disapproved: dict[UUID, str] = {}
        self.asked: list[str] = []

    def answer(self, run: Run, question: Question, meanwhile: Sequence[Effect]) -> Any:
        if isinstance(question, Count):
            gate = child_id(run.id, question.gate)
            return Approvals(len(self.resumes.get(gate, [])), self.disapproved.get(gate))
        self.asked.append(f"{question.step}.{question.field}")
        names = self.names(run, question, meanwhile)
        try:
            value = eval(question.source, {"__builtins__": {"len": len}}, names)  # noqa: S307
        except Exception as error:  # noqa: BLE001 - an expression may fail in any way
            return Broken("ExpressionError", f"{question.field}: {error}")
        return bool(value) if question.truth else value

    def names(self, run: Run, ask: Ask, meanwhile: Sequence[Effect]) -> dict[str, Any]:
        recorded = {e.step: e.ref for e in meanwhile if isinstance(e, Record)}
        added = [loads(e.text, what="resume") for e in meanwhile if isinstance(e, AddResume)]
        for effect in meanwhile:
            if isinstance(effect, ReplaceArgs):
                args = prepared_args(self.result_of(child_id(run.id, effect.name)))
                run = replace(run, args=args)
        resumes = self.resumes.get(child_id(run.id, ask.gate), []) if ask.gate else []
        previous = None if ask.previous is None else self.load(run, ask.previous)
        return {
            "flow_input": run.args,
            "previous_result": previous,
            "error": error_of(previous),
            "result": None if ask.result is None else self.load(run, ask.result),
            "all_iters": None if ask.all_iters is None else self.load(run, ask.all_iters),
            "results": _Results(
                lambda step: (
                    self.load(run, recorded[step]) if step in recorded else self.result(run, step)
                )
            ),
            "resumes": [*resumes, *added],
        }

    def load(self, run: Run, ref: Ref) -> Any:
        match ref:
            case Args():
                return run.args
            case Child(name=name):
                return self.result_of(child_id(run.id, name))
            case Many(count=count):
                return [self.result_of(body_id(run.id, ref, n)) for n in range(count)]
            case Literal(text=text):
                return loads(text, what="literal")
            case Mocked(step=step):
                index = run.plan.index(step)
                assert index is not None
                mock = run.plan.steps[index].mock
                assert mock is not None
                return mock.value
            case WithResult(text=text, result=result):
                told = loads(text, what="literal")
                told["error"]["result"] = self.load(run, result)
                return told
            case Borrowed(run=lender, ref=inner):
                return self.load(self.runs[lender], inner)
        raise AssertionError(ref)

    def result_of(self, id: UUID) -> Any:
        done = self.jobs.get(id) or self.runs[id]
        return done.result

    def result(self, run: Run, step: str) -> Any:
        """`results.<step>`: of the scope, or of those around it."""
        while True:
            assert run.scope is not None
            ref = self.results.get((run.scope, step))
            if ref is not None:
                return self.load(self.runs[self.owner[run.scope, step]], ref)
            if run.status.level is not Level.BODY or run.parent is None:
                return None
            run = self.runs[run.parent]


class _Results:
    def __init__(self, find: Callable[[str], Any]) -> None:
        self._find = find

    def __getattr__(self, step: str) -> Any:
        return self._find(step)
