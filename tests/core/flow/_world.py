"""A world for flows without anything in it: children are records, time is a number, expressions are
Python functions of what they see. It does what the engine does around the machine, in memory.
"""

from __future__ import annotations

import inspect
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tests.core.flow._coverage import travelled
from tests.core.flow._memory import Memory
from tests.core.flow._records import ROOT, Code, Fails, Job, Run
from windmill_lite.base.codec import loads
from windmill_lite.core.flow import effects as fx
from windmill_lite.core.flow import stored
from windmill_lite.core.flow.advance import Decision, advance
from windmill_lite.core.flow.events import (
    Canceled,
    ChildDone,
    Event,
    Question,
    Resumed,
    Started,
    Woken,
)
from windmill_lite.core.flow.inside import body_args, child_done, prepared_args, recovers
from windmill_lite.core.flow.plan import body_at, body_plan, plan_of
from windmill_lite.core.flow.refs import (
    ChildName,
    child_id,
)
from windmill_lite.core.flow.restart import restarted
from windmill_lite.core.flow.status import Ending, Level, Phase, Status
from windmill_lite.model.openflow import read
from windmill_lite.model.openflow.shape import SubFlow


@dataclass
class World(Memory):
    document: dict[str, Any]
    args: dict[str, Any] = field(default_factory=dict)
    code: dict[str, Code] = field(default_factory=dict)
    flows: dict[str, dict[str, Any]] = field(default_factory=dict)  # by path
    seed: int | None = None  # None: first in, first out
    prepare: bool = False

    def __post_init__(self) -> None:
        self.remember()
        self.events: deque[tuple[UUID, Event]] = deque()
        self.todo: list[tuple[str, Any]] = []  # ("job", id) or ("wake", (run, wait))
        self.parked: dict[UUID, fx.Park] = {}
        self.slept: list[float] = []
        self.log: list[fx.Effect] = []
        self.answers: list[tuple[str, Any]] = []
        self.largest_status = 0
        self.largest_push = 0
        self.dice = random.Random(self.seed)  # noqa: S311 - a plan of a test

    # the outside

    def start(self) -> World:
        flow = read(self.document)
        plan = plan_of(flow, prepare=self.prepare)
        self.begin(Run(ROOT, flow, plan, Status(ROOT), self.args, scope=ROOT))
        return self

    def go(self) -> World:
        """Start, and play until nothing moves any more."""
        self.start()
        return self.play()

    def begin(self, run: Run) -> None:
        self.runs[run.id] = run
        self.tell(run.id, Started())

    def play(self, most: int = 100_000) -> World:
        for _ in range(most):
            if not self.todo:
                return self
            self.one()
        raise AssertionError("it does not end")

    def one(self) -> None:
        """One of the things that are to do."""
        index = 0 if self.seed is None else self.dice.randrange(len(self.todo))
        kind, what = self.todo.pop(index)
        if kind == "job":
            self.work(what)
        else:
            self.tell(what[0], Woken(what[1]))

    @property
    def root(self) -> Run:
        return self.runs[ROOT]

    @property
    def ending(self) -> Ending:
        assert self.root.status.ending is not None, f"it waits: {self.root.status}"
        return self.root.status.ending

    @property
    def value(self) -> Any:
        assert self.ending.ref is not None
        return self.root.result

    def resume(self, step: str, payload: Any = None, *, run: UUID = ROOT, attempt: int = 0) -> None:
        gate = child_id(run, ChildName(step, attempt))
        self.resumes.setdefault(gate, []).append(payload)
        self.tell(run, Resumed())

    def disapprove(self, step: str, who: str = "bob", *, run: UUID = ROOT) -> None:
        self.disapproved[child_id(run, ChildName(step, 0))] = who
        self.tell(run, Resumed())

    def steps(self) -> list[str]:
        """The jobs that were pushed, in order, by the name of their steps."""
        return [job.module.id for job in self.jobs.values()]

    # the engine

    def tell(self, run_id: UUID, event: Event) -> None:
        """One after the other, whoever causes whom."""
        self.events.append((run_id, event))
        if len(self.events) > 1:
            return
        while self.events:
            self.happen(*self.events[0])
            self.events.popleft()

    def happen(self, run_id: UUID, event: Event) -> None:
        run = self.runs[run_id]
        before = run.status
        decision = self.decide(run, event)
        travelled(before.phase, event, decision.status.phase)
        again = stored.read(stored.written(decision.status))
        assert again == decision.status, "a status survives being stored"
        self.largest_status = max(self.largest_status, len(stored.written(again)))
        run.status = again
        for effect in decision.effects:
            self.log.append(effect)
            self.do(run, effect)
        self.check_due(run, before)

    def check_due(self, run: Run, before: Status) -> None:
        """A flow that waits for a time has one, and a time that is not waited for is not heard."""
        pending = ("wake", (run.id, run.status.waits)) in self.todo
        if run.status.due:
            assert pending or run.id in self.parked, f"nobody wakes {run.name}"
        if run.status.phase is Phase.PAUSED:
            assert run.status.due
        if run.status.waits == before.waits and before.due and not run.status.due:
            self.todo = [item for item in self.todo if item != ("wake", (run.id, before.waits))]

    def decide(self, run: Run, event: Event) -> Decision:
        values: dict[Question, Any] = {}
        for _ in range(10_000):
            decision = advance(run.plan, run.status, event, values)
            if not decision.needs:
                return decision
            assert not decision.effects
            for question in decision.needs:
                assert question not in values, "nothing is asked twice"
                values[question] = self.answer(run, question, decision.meanwhile)
        raise AssertionError("it asks for ever")

    def do(self, run: Run, effect: fx.Effect) -> None:
        match effect:
            case fx.PushStep():
                self.push(run, effect)
            case fx.PushBodies():
                self.push_bodies(run, effect)
            case fx.Wake(after_s=after_s, wait=wait):
                self.slept.append(after_s)
                self.todo.append(("wake", (run.id, wait)))
            case fx.Park():
                self.parked[run.id] = effect
            case fx.CancelChildren():
                self.cancel_below(run.id)
            case fx.Finish(ending=ending):
                self.finish(run, ending)
            case _:
                self.write(run, effect)

    def write(self, run: Run, effect: fx.Effect) -> None:
        match effect:
            case fx.KeepItems(step=step, attempt=attempt, items=items):
                run.items[step, attempt] = items
            case fx.Record(step=step, ref=ref):
                assert run.scope is not None
                self.results[run.scope, step] = ref
                self.owner[run.scope, step] = run.id
            case fx.AddResume(gate=gate, text=text):
                resumes = self.resumes.setdefault(child_id(run.id, gate), [])
                resumes.append(loads(text, what="resume"))
            case fx.ReplaceArgs(name=name):
                run.args = prepared_args(self.result_of(child_id(run.id, name)))
            case fx.Answer(step=step, ref=ref):
                self.answers.append((step, self.load(run, ref)))

    def push(self, run: Run, effect: fx.PushStep) -> None:
        id = child_id(run.id, effect.name)
        assert id not in self.jobs, f"{effect.name} is pushed once"
        assert id not in self.runs
        like = self.made(run, effect.like) if effect.args is None else dict(effect.args)
        if isinstance(effect.module.kind, SubFlow):
            self.push_flow(run, effect.module.kind, effect.name, like)
            return
        self.jobs[id] = Job(run.id, str(effect.name), effect.module, like, effect.delay_us)
        self.todo.append(("job", id))

    def made(self, run: Run, name: ChildName | None) -> dict[str, Any]:
        assert name is not None
        id = child_id(run.id, name)
        return (self.jobs.get(id) or self.runs[id]).args

    def push_flow(self, run: Run, kind: SubFlow, name: ChildName, args: dict[str, Any]) -> None:
        id = child_id(run.id, name)
        flow = read(self.flows[kind.path])
        status = Status(id, Level.FLOW)
        self.begin(Run(id, flow, plan_of(flow), status, args, run.id, str(name), scope=id))

    def push_bodies(self, run: Run, effect: fx.PushBodies) -> None:
        self.largest_push = max(self.largest_push, effect.count)
        for body in range(effect.first, effect.first + effect.count):
            self.push_body(run, effect, body)

    def push_body(self, run: Run, effect: fx.PushBodies, body: int) -> None:
        name = ChildName(effect.module.id, effect.attempt, body)
        id = child_id(run.id, name)
        assert id not in self.runs, f"{name} is pushed once"
        plan = body_plan(run.flow, body_at(effect.module, body))
        status = Status(id, Level.BODY)
        if effect.resumption is not None and body == effect.first:
            old = self.runs[effect.resumption.run]
            status = restarted(plan, old.status, effect.resumption.place, status)
        args = self.with_iter(run, effect, body)
        scope = id if effect.own_scope else run.scope
        self.begin(Run(id, run.flow, plan, status, args, run.id, str(name), scope=scope))

    def with_iter(self, run: Run, effect: fx.PushBodies, body: int) -> dict[str, Any]:
        items = run.items.get((effect.module.id, effect.attempt))
        return body_args(run.args, effect.module, body, None if items is None else items[body])

    def work(self, id: UUID) -> None:
        job = self.jobs[id]
        if self.runs[job.run].status.phase is Phase.DONE:
            return  # it was canceled
        attempt = int(job.name.split("/")[1])
        code: Code = self.code.get(job.module.id, _echo)
        try:
            job.result, job.outcome = code(**job.args, **_extra(code, attempt)), "success"
        except Fails as failure:
            job.result, job.outcome = {"error": failure.error}, "failure"
        good = job.outcome == "success"
        self.tell(job.run, ChildDone(job.name, good, recovered=recovers(job.result)))

    def finish(self, run: Run, ending: Ending) -> None:
        run.result = None if ending.ref is None else self.load(run, ending.ref)
        if run.parent is None:
            return
        self.tell(run.parent, child_done(run.name, ending, run.status.level))

    def cancel_below(self, id: UUID) -> None:
        for run in list(self.runs.values()):
            if run.parent == id and run.status.phase is not Phase.DONE:
                run.parent = None
                self.tell(run.id, Canceled())


def _echo(**args: Any) -> Any:
    return args


def _extra(code: Code, attempt: int) -> dict[str, int]:
    """A step that wants to know is told the number of its try."""
    return {"attempt": attempt} if "attempt" in inspect.signature(code).parameters else {}
