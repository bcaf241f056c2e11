"""Flows decided by the engine, with real expressions and a store in memory; steps are Python."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from windmill_lite.base.codec import Json
from windmill_lite.core.flow import effects as fx
from windmill_lite.core.flow import stored
from windmill_lite.core.flow.events import ChildDone, Event, Resumed, Started, Woken
from windmill_lite.core.flow.inside import recovers
from windmill_lite.core.flow.refs import ChildName, child_id
from windmill_lite.core.flow.status import Ending, Phase, Status
from windmill_lite.engine.flows.drive import Drive
from windmill_lite.engine.flows.facts.definitions import Asked, Version
from windmill_lite.engine.flows.scene import Act, Scene
from windmill_lite.engine.values.references import Filled
from windmill_lite.expr.evaluators import Evaluators
from windmill_lite.expr.names import Failed, Function
from windmill_lite.model import openflow
from windmill_lite.model.flow_run import FlowRun, Recorded, Tried, Voices
from windmill_lite.model.job import JobKind, NewJob
from windmill_lite.model.openflow.shape import Script, SubFlow
from windmill_lite.model.script import HubScript
from windmill_lite.store.machine.code import Runnable

ROOT = UUID(int=7)


def job_named(id: UUID) -> NewJob:
    return NewJob(
        id=id,
        workspace="w",
        kind=JobKind.FLOW_PREVIEW,
        created_at=0,
        scheduled_for=0,
        tag="flow",
        args="{}",
        created_by="ada",
        permissioned_as="u/ada",
        email="ada@here.test",
    )


class Stage:
    """A shelf, and what is around a drive."""

    def __init__(self, document: Any, args: Any = None, **code: Callable[..., Any]) -> None:
        self.runs = {ROOT: FlowRun(ROOT, 0, stored.written(Status(ROOT)), ROOT, None, ROOT)}
        self.what = Asked(job_named(ROOT), openflow.read(document), args or {})
        self.code = code
        self.ended: dict[UUID, str] = {}
        self.argued: dict[UUID, str] = {}
        self.records: dict[tuple[UUID, str], Recorded] = {}
        self.items: dict[tuple[UUID, str, int], list[Any]] = {}
        self.said: dict[UUID, Voices] = {}
        self.todo: deque[tuple[UUID, Event | fx.PushStep]] = deque([(ROOT, Started())])
        self.transactions = 0
        self.steps: list[str] = []

    # the shelf

    async def run(self, id: UUID) -> FlowRun:
        return self.runs[id]

    async def asked(self, run: FlowRun) -> Asked:
        assert run.owner == ROOT
        return self.what

    async def result(self, job: UUID) -> str:
        return self.ended[job]

    async def results(self, jobs: Sequence[UUID]) -> Mapping[UUID, str]:
        return {job: self.ended[job] for job in jobs}

    async def tried(self, job: UUID) -> Tried:
        return Tried(self.argued[job], None, "python3")

    async def recorded(self, scope: UUID, step: str) -> Recorded | None:
        return self.records.get((scope, step))

    async def recorded_steps(self, scope: UUID) -> list[str]:
        return [step for where, step in self.records if where == scope]

    async def item(self, loop: UUID, step: str, attempt: int, number: int) -> str:
        return json.dumps(self.items[loop, step, attempt][number])

    async def voices(self, run: UUID, gate: UUID) -> Voices:
        return self.said.get(gate, Voices())

    async def script(self, job: NewJob, kind: Script) -> Runnable | Failed:
        return Failed("NotFound", f"no script is deployed at {kind.path}")

    async def hub(self, path: str) -> HubScript | Failed:
        return Failed("Invalid", f"{path}: no hub is set here")

    async def flow(self, job: NewJob, kind: SubFlow) -> Version | Failed:
        return Failed("NotFound", f"no flow is deployed at {kind.path}")

    async def answer(self, job: NewJob) -> UUID | None:
        return None

    async def kept_value(self, job: NewJob, function: Function, path: str) -> Filled | Failed:
        return Failed("NotFound", f"{function} not found at name {path}")

    async def sealed(self, job: NewJob, value: Json) -> str:
        raise AssertionError("there are no secrets here")

    # around it

    @property
    def status(self) -> Status:
        return stored.read(self.runs[ROOT].status)

    @property
    def ending(self) -> Ending:
        ending = self.status.ending
        assert ending is not None, f"it waits: {self.status}"
        return ending

    @property
    def value(self) -> Any:
        assert self.status.phase is Phase.DONE
        return json.loads(self.ended[ROOT])

    async def play(self, evaluators: Evaluators) -> Stage:
        while self.todo:
            id, what = self.todo.popleft()
            if isinstance(what, fx.PushStep):
                await self.work(id, what, evaluators)
            else:
                await self.drive(id, what, evaluators)
        return self

    async def say(self, step: str, payload: Any, evaluators: Evaluators) -> None:
        gate = child_id(ROOT, ChildName(step, 0))
        said = self.said.get(gate, Voices())
        more = (*said.payloads, json.dumps(payload))
        self.said[gate] = replace(said, payloads=more, approved=said.approved + 1)
        await self.drive(ROOT, Resumed(), evaluators)

    async def work(self, id: UUID, push: fx.PushStep, evaluators: Evaluators) -> None:
        self.steps.append(push.module.id)
        args = push.args
        if args is None:
            assert push.like is not None
            args = json.loads(self.argued[child_id(id, push.like)])
        job = child_id(id, push.name)
        self.argued[job] = json.dumps(dict(args))
        try:
            code: Callable[..., Any] = self.code.get(push.module.id, _echo)
            result, good = code(**args), True
        except RuntimeError as error:
            told = {"name": "Error", "message": str(error), "step_id": push.module.id}
            result, good = {"error": told}, False
        self.ended[job] = json.dumps(result)
        event = ChildDone(str(push.name), good, recovered=recovers(result))
        await self.drive(id, event, evaluators)

    async def drive(self, id: UUID, event: Event, evaluators: Evaluators) -> None:
        scene = Scene(self, {})
        await Drive(scene, evaluators).go(id, event)
        self.transactions += 1
        for act in scene.changed():
            self.store(scene, act)

    def store(self, scene: Scene, act: Act) -> None:
        run, id = act.run, act.run.id
        assert act.begun is (id not in self.runs)
        self.runs[id] = replace(run, version=run.version + 1, status=stored.written(act.status))
        if act.status.phase is Phase.NEW:
            self.todo.append((id, Started()))
        for effect in act.effects:
            match effect:
                case fx.PushStep():
                    self.todo.append((id, effect))
                case fx.Wake(wait=wait):
                    self.todo.append((id, Woken(wait)))
                case fx.KeepItems(step=step, attempt=attempt, items=items):
                    self.items[id, step, attempt] = items
                case fx.Record(step=step):
                    self.records[run.scope, step] = scene.records[run.scope, step]
                case fx.AddResume(gate=gate, text=text):
                    said = self.said.get(child_id(id, gate), Voices())
                    more = (*said.payloads, text)
                    self.said[child_id(id, gate)] = replace(said, payloads=more)
                case fx.Finish():
                    self.ended[id] = scene.results[id]


def _echo(**args: Any) -> Any:
    return args
