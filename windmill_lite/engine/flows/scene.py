"""All that one decision has read and changed so far, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from windmill_lite.base.codec import Json, dumps, loads
from windmill_lite.core.flow import stored
from windmill_lite.core.flow.effects import Effect
from windmill_lite.core.flow.inside import body_args, ended_bodies, prepared_args
from windmill_lite.core.flow.plan import Plan, body_plan, plan_of
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
from windmill_lite.core.flow.status import Status, StepState
from windmill_lite.engine.flows.facts.definitions import Asked
from windmill_lite.engine.flows.facts.shelf import Shelf
from windmill_lite.model.flow_run import FlowRun, Recorded, Voices
from windmill_lite.model.job import NewJob
from windmill_lite.model.openflow.shape import Flow, ForLoop, Module


@dataclass(slots=True)
class Act:
    """One run, as the decision leaves it."""

    run: FlowRun
    asked: Asked
    plan: Plan
    status: Status
    args: Mapping[str, Json]  # of the whole flow it belongs to
    was: Status | None = None  # as it is stored; None: begun by this decision
    effects: list[Effect] = field(default_factory=list)

    @property
    def begun(self) -> bool:
        return self.was is None

    @property
    def flow(self) -> Flow:
        return self.asked.flow

    def ref_of(self, step: str) -> Ref | None:
        """The result of a step of this list, once it has ended."""
        index = self.plan.index(step)
        known = index is not None and index < len(self.status.steps)
        return self.status.steps[index].ref if index is not None and known else None


@dataclass(frozen=True, slots=True)
class Pushed:
    """A job to be. `result`: it is completed as it is pushed, as a failure, or as an answer that
    another job gave.
    """

    job: NewJob
    result: str | None = None
    answer_of: UUID | None = None


class Scene:
    """Reads through what has changed already. Results that were just reported are given first."""

    def __init__(self, shelf: Shelf, results: dict[UUID, str], *, now: int = 0) -> None:
        self.shelf = shelf
        self.now = now  # µs
        self.site: str | None = None  # the tag of where this is decided; None: nobody's worker
        self.acts: dict[UUID, Act] = {}
        self.results = dict(results)
        self.records: dict[tuple[UUID, str], Recorded] = {}
        self.items: dict[tuple[UUID, str, int], list[Json]] = {}
        self.pushed: dict[UUID, Pushed] = {}
        self.answers: dict[str, UUID] = {}  # by key: what was answered in the same breath
        self.added: dict[UUID, list[str]] = {}  # what refusals left for those behind a gate

    async def act(self, id: UUID) -> Act:
        found = self.acts.get(id)
        if found is None:
            run = await self.shelf.run(id)
            found = self.acts[id] = await self._opened(run, stored.read(run.status))
        return found

    async def begin(self, run: FlowRun, status: Status, around: Act) -> Act:
        """A body that did not exist before."""
        assert run.place is not None, "a body has a place in its flow"
        plan = body_plan(around.flow, run.place)
        act = Act(run, around.asked, plan, status, around.args)
        self.acts[run.id] = act
        return act

    async def _opened(self, run: FlowRun, status: Status) -> Act:
        asked = await self.shelf.asked(run)
        whole = status
        if run.id != run.owner and asked.flow.preprocessor is not None:
            whole = (await self.act(run.owner)).status
        prepared = whole.preprocessor
        plan = (
            plan_of(asked.flow, prepare=prepared is not None)
            if run.place is None
            else body_plan(asked.flow, run.place)
        )
        args = asked.args
        if prepared is not None and prepared.state is StepState.SUCCESS:
            assert isinstance(prepared.ref, Child), "a preprocessor is a job"
            text = await self.result(child_id(run.owner, prepared.ref.name))
            args = prepared_args(loads(text, what="result"))
        return Act(run, asked, plan, status, args, status)

    async def result(self, job: UUID) -> str:
        if job not in self.results:
            self.results[job] = await self.shelf.result(job)
        return self.results[job]

    def site_of(self, act: Act) -> str | None:
        """Where the steps of a flow that share a folder run: where it had its first turn."""
        return (act.run.site or self.site) if act.flow.same_worker else None

    async def env(self, act: Act) -> Mapping[str, Json]:
        """A step of type flow that says nothing has that of the flow around it."""
        while act.flow.env is None:
            outer = (await self.act(act.run.owner)).run.parent
            if outer is None:
                return {}
            act = await self.act(outer)
        return act.flow.env

    async def flow_input(self, act: Act) -> Mapping[str, Json]:
        """The arguments with the turns of the loops around."""
        args = act.args
        for turn in act.run.rounds:
            loop = await self.act(turn.loop)
            module = _module(loop, turn.step)
            value: Json = None
            if isinstance(module.kind, ForLoop):
                value = await self._item(turn.loop, turn.step, turn.attempt, turn.number)
            args = body_args(args, module, turn.number, value)
        return args

    async def _item(self, loop: UUID, step: str, attempt: int, number: int) -> Json:
        kept = self.items.get((loop, step, attempt))
        if kept is not None:
            return kept[number]
        return loads(await self.shelf.item(loop, step, attempt, number), what="item")

    async def recorded(self, act: Act, step: str, new: Mapping[str, Ref]) -> Recorded | None:
        """`results.<step>`: of the scope, of those around it in the same flow, or of a branch that
        has ended. `new` is what the decision holds beyond what is stored.
        """
        begun = act
        while True:
            scope = act.run.scope
            found = self.records.get((scope, step)) or await self.shelf.recorded(scope, step)
            outer = (await self.act(scope)).run.parent
            if found is not None:
                return found
            if scope == act.run.owner or outer is None:
                break
            act = await self.act(outer)
        for body in await self._ended_bodies(begun, new, wanted=step):
            if (ref := body.ref_of(step)) is not None:
                return Recorded(body.run.id, stored.ref_written(ref))
        return None

    async def _ended_bodies(
        self, act: Act, new: Mapping[str, Ref], *, wanted: str | None = None
    ) -> list[Act]:
        """Here, around, and inside of each other: those whose results are seen from outside."""
        found: list[Act] = []
        begun, todo = act, [act]
        while act.run.id != act.run.owner and act.run.parent is not None:
            act = await self.act(act.run.parent)
            todo.append(act)
        while todo:
            around = todo.pop()
            here = new if around is begun else {}
            for id in ended_bodies(around.plan, around.status, here, wanted=wanted):
                found.append(await self.act(id))
                todo.append(found[-1])
        return found

    async def steps(self, act: Act, new: Mapping[str, Ref]) -> list[str]:
        """The steps whose results can be read, those of the scope first."""
        found: list[str] = []
        bodies = await self._ended_bodies(act, new)
        while True:
            found += await self._steps_of(act.run.scope)
            outer = (await self.act(act.run.scope)).run.parent
            if act.run.scope == act.run.owner or outer is None:
                break
            act = await self.act(outer)
        for body in bodies:
            found += [m.id for m in body.plan.steps if body.ref_of(m.id) is not None]
        return found

    async def _steps_of(self, scope: UUID) -> list[str]:
        new = [step for (where, step) in self.records if where == scope]
        return new + await self.shelf.recorded_steps(scope)

    async def voices(self, run: UUID, gate: UUID) -> Voices:
        found = await self.shelf.voices(run, gate)
        more = tuple(self.added.get(gate, ()))
        return replace(found, payloads=(*found.payloads, *more)) if more else found

    async def text(self, act: Act, ref: Ref) -> str:
        """The value behind a reference, as JSON."""
        match ref:
            case Args():
                return dumps(dict(await self.flow_input(act)))
            case Child(name=name):
                return await self.result(child_id(act.run.id, name))
            case Many(count=count):
                return await self._many([body_id(act.run.id, ref, n) for n in range(count)])
            case Literal(text=text):
                return text
            case Mocked(step=step):
                mock = _module(act, step).mock
                return dumps(mock.value if mock is not None else None)
            case WithResult(text=text, result=result):
                told = loads(text, what="error")
                told["error"]["result"] = loads(await self.text(act, result), what="result")
                return dumps(told)
            case Borrowed(run=lender, ref=inner):
                return await self.text(await self.act(lender), inner)

    async def _many(self, bodies: Sequence[UUID]) -> str:
        """As an array. What is read here is not kept: it may be much, and is seldom asked twice."""
        unknown = [id for id in bodies if id not in self.results]
        found = {**await self.shelf.results(unknown), **self.results} if unknown else self.results
        return f"[{','.join([found[id] for id in bodies])}]"

    def changed(self) -> Iterator[Act]:
        """What has a status that differs from the stored one."""
        for act in self.acts.values():
            if act.effects or act.status != act.was:
                yield act


def _module(act: Act, step: str) -> Module:
    index = act.plan.index(step)
    assert index is not None, f"{act.run.name} has no step {step}"
    return act.plan.steps[index]
