"""One decision while it is made: the status as it becomes, what is wanted done, and what is asked.

A question without an answer ends the turn with `Wanted`; nothing of it counts then, and it is taken
again from the beginning with the answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from windmill_lite.base.codec import Json
from windmill_lite.core.flow.effects import Effect
from windmill_lite.core.flow.events import Approvals, Ask, Broken, Count, Question, Values
from windmill_lite.core.flow.plan import Plan
from windmill_lite.core.flow.refs import Args, ChildName, Ref
from windmill_lite.core.flow.status import Status, Step, StepState
from windmill_lite.model.openflow.shape import FilledByModel, Javascript, Module, Static, Transform


class Wanted(Exception):  # noqa: N818 - it tells what is wanted
    """Questions that must be answered first."""

    def __init__(self, questions: tuple[Question, ...]) -> None:
        super().__init__()
        self.questions = questions


class Turn:
    def __init__(self, plan: Plan, status: Status, values: Values) -> None:
        self.plan = plan
        self.status = status
        self.values = values
        self.effects: list[Effect] = []

    # the status

    @property
    def module(self) -> Module:
        return self.plan.steps[self.status.at]

    @property
    def step(self) -> Step:
        """The current step; one that was not reached before is reached now."""
        status = self.status
        if status.at == len(status.steps):
            self.set(steps=(*status.steps, Step()))
        return self.status.steps[status.at]

    @property
    def name(self) -> ChildName:
        return ChildName(self.module.id, self.step.attempt)

    def set(self, **changes: Any) -> None:
        self.status = replace(self.status, **changes)

    def set_step(self, **changes: Any) -> None:
        at, changed = self.status.at, replace(self.step, **changes)
        steps = self.status.steps
        self.set(steps=(*steps[:at], changed, *steps[at + 1 :]))

    def next_wait(self) -> int:
        self.set(waits=self.status.waits + 1, due=True)
        return self.status.waits

    def emit(self, effect: Effect) -> None:
        self.effects.append(effect)

    # what came before

    @property
    def previous(self) -> Ref:
        """The result of the step before the current one; the arguments before the first."""
        at = self.status.at
        ref = self.status.steps[at - 1].ref if at else Args()
        assert ref is not None, "a step that was passed has a result"
        return ref

    def before(self) -> tuple[Module, Step] | None:
        """The step before, if it ran and succeeded: only such a one holds the next one up."""
        at = self.status.at
        if at == 0:
            return None
        step = self.status.steps[at - 1]
        ran = step.state is StepState.SUCCESS and not step.skipped
        return (self.plan.steps[at - 1], step) if ran else None

    @property
    def gate(self) -> ChildName | None:
        """Whose approvals the current step sees."""
        found = self.before()
        if found is None or found[0].suspend is None:
            return None
        return ChildName(found[0].id, found[1].attempt)

    # questions

    def answers(self, asks: Iterable[Ask]) -> list[Json | Broken]:
        """Fails: `Wanted`, with all of them that have no answer."""
        wanted = tuple(asks)
        missing = tuple(ask for ask in wanted if ask not in self.values)
        if missing:
            raise Wanted(missing)
        return [self.values[ask] for ask in wanted]

    def approvals(self, gate: ChildName) -> Approvals:
        question = Count(gate)
        if question not in self.values:
            raise Wanted((question,))
        found = self.values[question]
        assert isinstance(found, Approvals), "a count is answered by approvals"
        return found

    def value(self, transform: Transform, ask: Ask) -> Json | Broken:
        """Of a transform; `ask` says what an expression of it would see."""
        match transform:
            case Static(value=value):
                return value
            case Javascript(source=source):
                return self.answers((replace(ask, source=source),))[0]
            case FilledByModel():
                return Broken("NotFilledIn", f"{ask.field}: only an agent's model could fill it in")

    def truth(self, expression: Javascript, ask: Ask) -> bool | Broken:
        found = self.answers((replace(ask, source=expression.source, truth=True),))[0]
        return found if isinstance(found, Broken) else bool(found)

    def ask(self, field: str, result: Ref | None = None, all_iters: Ref | None = None) -> Ask:
        """What an expression of the current step sees, without its source."""
        return Ask(
            step=self.module.id,
            field=field,
            source="",
            previous=self.previous if result is None else result,
            result=self.previous if result is None else result,
            all_iters=all_iters,
            gate=self.gate if result is None else None,
            attempt=self.step.attempt,
        )
