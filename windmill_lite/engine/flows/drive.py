"""Everything that follows from one event, decided in memory: the run it happens to, the bodies that
begin, the runs around that hear of an end.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from uuid import UUID

from windmill_lite.base.codec import Json, loads
from windmill_lite.base.errors import Bug
from windmill_lite.core.flow import errors, stored
from windmill_lite.core.flow.advance import Decision, advance
from windmill_lite.core.flow.effects import (
    AddResume,
    Effect,
    Finish,
    KeepItems,
    PushBodies,
    PushStep,
    Record,
    ReplaceArgs,
)
from windmill_lite.core.flow.events import (
    Approvals,
    Ask,
    Broken,
    ChildDone,
    Count,
    Event,
    Question,
    Started,
)
from windmill_lite.core.flow.inside import child_done, prepared_args
from windmill_lite.core.flow.plan import body_at
from windmill_lite.core.flow.refs import ChildName, child_id
from windmill_lite.core.flow.restart import restarted
from windmill_lite.core.flow.status import Ending, Level, Status
from windmill_lite.core.jobs.masking import masked
from windmill_lite.engine.flows.names import StepNames
from windmill_lite.engine.flows.scene import Act, Pushed, Scene
from windmill_lite.engine.flows.steps import pushed
from windmill_lite.expr.evaluators import Ask as Wanted
from windmill_lite.expr.evaluators import Evaluators
from windmill_lite.expr.names import Failed
from windmill_lite.model import limits
from windmill_lite.model.flow_run import FlowRun, Recorded, Round
from windmill_lite.model.openflow.shape import ForLoop, WhileLoop

_QUESTIONS_MAX = 100_000  # rounds of one decision; a machine that asks for more is broken


class Drive:
    def __init__(self, scene: Scene, evaluators: Evaluators) -> None:
        self.scene = scene
        self._evaluators = evaluators
        self._events: deque[tuple[UUID, Event]] = deque()

    async def go(self, run: UUID, *events: Event) -> None:
        """Afterwards the scene holds what is to be stored.

        Bodies that this decision begins are started in it as long as it is small; later ones are
        left unstarted, as rows that somebody starts.
        """
        self._events += [(run, event) for event in events]
        happened = 0
        while self._events:
            id, what = self._events.popleft()
            if isinstance(what, Started) and happened > limits.DRIVE_EVENTS:
                continue
            happened += 1
            await self._happen(await self.scene.act(id), what)

    async def _happen(self, act: Act, event: Event) -> None:
        decision = await self._decided(act, event)
        act.status = decision.status
        for effect in decision.effects:
            act.effects.append(effect)
            await self._note(act, effect)

    async def _decided(self, act: Act, event: Event) -> Decision:
        values: dict[Question, Json] = {}
        for _ in range(_QUESTIONS_MAX):
            decision = advance(act.plan, act.status, event, values)
            if not decision.needs:
                return decision
            for question in decision.needs:
                values[question] = await self._answer(act, question, decision)
        raise Bug(f"flow {act.run.id} asks without end at {act.status.at}")

    async def _answer(self, act: Act, question: Question, decision: Decision) -> Json:
        if isinstance(question, Count):
            voices = await self.scene.voices(act.run.id, child_id(act.run.id, question.gate))
            return Approvals(voices.approved, voices.disapproved_by)
        return await self._value(act, question, decision)

    async def _value(self, act: Act, ask: Ask, decision: Decision) -> Json | Broken:
        names = StepNames(self.scene, act, ask, decision.meanwhile)
        wanted = Wanted(ask.source, ask.truth)
        value = await self._evaluators.evaluate(act.asked.job.workspace, wanted, names)
        if isinstance(value, Failed):
            told = value.told(field=ask.field, source=ask.source)
            return Broken(masked(value.name, names.secrets), masked(told, names.secrets))
        if names.secrets and ask.seals:
            return await self.scene.shelf.sealed(act.asked.job, value)
        return value

    async def _note(self, act: Act, effect: Effect) -> None:
        """What later questions of the same decision must see."""
        scene, run = self.scene, act.run
        match effect:
            case PushStep():
                self._pushed(act, effect, await pushed(scene, act, effect))
            case PushBodies():
                for number in range(effect.first, effect.first + effect.count):
                    await self._begin(act, effect, number)
            case KeepItems(step=step, attempt=attempt, items=items):
                scene.items[run.id, step, attempt] = items
            case Record(step=step, ref=ref):
                scene.records[run.scope, step] = Recorded(run.id, stored.ref_written(ref))
            case AddResume(gate=gate, text=text):
                scene.added.setdefault(child_id(run.id, gate), []).append(text)
            case ReplaceArgs(name=name):
                result = await scene.result(child_id(run.id, name))
                act.args = prepared_args(loads(result, what="result"))
            case Finish():
                await self._finished(act, effect)

    def _pushed(self, act: Act, push: PushStep, made: Pushed) -> None:
        """What is completed as it is pushed is heard at once; a failure is not tried again."""
        self.scene.pushed[made.job.id] = made
        if made.result is not None:
            good = made.answer_of is not None
            self.scene.results[made.job.id] = made.result
            heard = ChildDone(str(push.name), good, final=not good)
            self._events.append((act.run.id, heard))

    async def _begin(self, act: Act, effect: PushBodies, number: int) -> None:
        module, name = effect.module, ChildName(effect.module.id, effect.attempt, number)
        id = child_id(act.run.id, name)
        rounds = act.run.rounds
        if isinstance(module.kind, ForLoop | WhileLoop):
            rounds = (*rounds, Round(act.run.id, module.id, effect.attempt, number))
        run = FlowRun(
            id=id,
            version=0,
            status="",
            owner=act.run.owner,
            place=body_at(module, number),
            scope=id if effect.own_scope else act.run.scope,
            parent=act.run.id,
            name=str(name),
            rounds=rounds,
            site=act.run.site,
        )
        body = await self.scene.begin(run, Status(id, Level.BODY), act)
        if effect.resumption is not None and number == effect.first:
            old = await self.scene.act(effect.resumption.run)
            body.status = restarted(body.plan, old.status, effect.resumption.place, body.status)
        self._events.append((id, Started()))

    async def _finished(self, act: Act, effect: Finish) -> None:
        """The result is put together once; one that is too large is the failure of the flow."""
        ending = effect.ending
        text = "null" if ending.ref is None else await self.scene.text(act, ending.ref)
        if len(text.encode()) > limits.RESULT_BYTES_MAX:
            words = f"the result has more than {limits.RESULT_BYTES_MAX} bytes"
            told = errors.failed("ResultTooLarge", words)
            ending = replace(ending, success=False, ref=told)
            text = told.text
            act.status = replace(act.status, ending=ending)
            act.effects[-1] = Finish(ending)
        self.scene.results[act.run.id] = text
        key = act.asked.job.cache_key
        if key is not None and act.run.id == act.run.owner and _is_plain(ending):
            self.scene.answers[key] = act.run.id
        if act.run.parent is not None:
            heard = child_done(act.run.name, ending, act.status.level)
            self._events.append((act.run.parent, heard))


def _is_plain(ending: Ending) -> bool:
    return ending.success and not ending.skipped
