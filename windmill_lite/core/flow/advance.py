"""The machine: one event, one decision. The arrows are the whole of it; what each does is in the
rooms beside: `entering`, `gates`, `bodies`, `retrying`, `ending`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from windmill_lite.core.flow import errors
from windmill_lite.core.flow.bodies import body_done, push_more
from windmill_lite.core.flow.effects import CancelChildren, Effect, Record, ReplaceArgs
from windmill_lite.core.flow.ending import failed, finish, flow_failed, handler_done, succeeded
from windmill_lite.core.flow.entering import enter
from windmill_lite.core.flow.events import (
    Ask,
    Broken,
    Canceled,
    ChildDone,
    Event,
    Question,
    Resumed,
    Started,
    Values,
    Woken,
)
from windmill_lite.core.flow.gates import pass_gate
from windmill_lite.core.flow.plan import Plan
from windmill_lite.core.flow.pushing import push
from windmill_lite.core.flow.refs import Args, Child, ChildName, Literal, parsed
from windmill_lite.core.flow.retrying import next_pause_us, next_try
from windmill_lite.core.flow.status import Ending, Phase, Status, Step, StepState
from windmill_lite.core.flow.turn import Turn, Wanted
from windmill_lite.model.openflow.shape import Module

_ANY = (Phase.RUNNING, Phase.PAUSED, Phase.GATED, Phase.HANDLING, Phase.DONE)
#: Where an event may lead. An event that is not heard leads nowhere, and so does any in DONE.
ARROWS: Mapping[tuple[Phase, type[Event]], tuple[Phase, ...]] = {
    (Phase.NEW, Started): (Phase.PREPARING, *_ANY),
    (Phase.PREPARING, ChildDone): (Phase.PREPARING, *_ANY),
    (Phase.RUNNING, ChildDone): _ANY,
    (Phase.RUNNING, Woken): (Phase.RUNNING,),
    (Phase.PAUSED, Woken): _ANY,
    (Phase.GATED, Resumed): _ANY,
    (Phase.GATED, Woken): (Phase.RUNNING, Phase.PAUSED, Phase.GATED, Phase.HANDLING, Phase.DONE),
    (Phase.HANDLING, ChildDone): (Phase.HANDLING, Phase.DONE),
    **{(phase, Canceled): (Phase.DONE,) for phase in Phase if phase is not Phase.DONE},
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Either questions; or the next status and what is wanted done.

    Questions come with what the decision holds already: `Record`, `ReplaceArgs` and `AddResume` of
    `meanwhile` are not done, but an expression that is asked sees them as if they were.
    """

    status: Status
    effects: tuple[Effect, ...] = ()
    needs: tuple[Question, ...] = ()
    meanwhile: tuple[Effect, ...] = ()


def advance(plan: Plan, status: Status, event: Event, values: Values) -> Decision:
    """What follows from an event.

    `values` answer the questions of earlier tries; while one is missing, the decision has `needs`
    and changes nothing. An event that is not heard (too late, twice, not for this phase) changes
    nothing either.
    """
    turn = Turn(plan, status, values)
    try:
        _dispatch(turn, event)
    except Wanted as wanted:
        return Decision(status, needs=wanted.questions, meanwhile=tuple(turn.effects))
    return Decision(turn.status, tuple(turn.effects))


def needs(plan: Plan, status: Status, event: Event, values: Values) -> tuple[Question, ...]:
    """What must be answered before the event can be decided."""
    return advance(plan, status, event, values).needs


def _dispatch(turn: Turn, event: Event) -> None:
    phase = turn.status.phase
    if (phase, type(event)) not in ARROWS:
        return
    match event:
        case Started():
            _start(turn)
        case ChildDone():
            _child_done(turn, event)
        case Woken(wait=wait):
            if turn.status.due and wait == turn.status.waits:
                turn.set(due=False)
                _wake(turn)
        case Resumed():
            if pass_gate(turn):
                enter(turn)
        case Canceled():
            turn.emit(CancelChildren())
            finish(turn, Ending(success=False, ref=None, canceled=True))


def _start(turn: Turn) -> None:
    turn.set(phase=Phase.RUNNING)
    if turn.status.restarted is not None:
        _go_on(turn)
        return
    if turn.plan.skip_if is not None:
        skip = turn.truth(turn.plan.skip_if, Ask("", "skip_expr", "", previous=Args()))
        if isinstance(skip, Broken):
            flow_failed(turn, errors.failed(skip.name, skip.message))
            return
        if skip:
            ref = Literal('"stopped early"')
            finish(turn, Ending(success=True, ref=ref, skipped=True, stopped=True))
            return
    if turn.plan.preprocessor is not None:
        _prepare(turn, turn.plan.preprocessor)
    else:
        enter(turn)


def _go_on(turn: Turn) -> None:
    """A run that starts in the middle says what the steps before it left."""
    for module, step in zip(turn.plan.steps, turn.status.steps[: turn.status.at], strict=False):
        assert step.ref is not None, "a step before the first has a result"
        turn.emit(Record(module.id, step.ref))
    enter(turn)


def _prepare(turn: Turn, module: Module) -> None:
    turn.set(phase=Phase.PREPARING, preprocessor=Step(StepState.IN_PROGRESS))
    ask = Ask(module.id, "", "", previous=Args(), result=Args())
    told = push(turn, module, ask, preprocessor=True)
    if told is not None:
        turn.set(preprocessor=Step(StepState.FAILURE, ref=told))
        flow_failed(turn, told)


def _child_done(turn: Turn, event: ChildDone) -> None:
    """A child of the current try of what is current, or nobody's any more."""
    name, status = parsed(event.name), turn.status
    match status.phase:
        case Phase.PREPARING if _is(turn.plan.preprocessor, status.preprocessor, name):
            _prepared(turn, event, name)
        case Phase.HANDLING if _is(turn.plan.failure, status.failure, name):
            handler_done(turn, event)
        case Phase.RUNNING if _is(turn.module, turn.step, name):
            if _step_done(turn, event, name):
                enter(turn)


def _is(module: Module | None, step: Step | None, name: ChildName) -> bool:
    if module is None or step is None:
        return False
    return (module.id, step.attempt) == (name.step, name.attempt)


def _step_done(turn: Turn, event: ChildDone, name: ChildName) -> bool:
    if name.body is not None:
        return body_done(turn, event, name.body)
    if event.success:
        return succeeded(turn, Child(event.name))
    return failed(turn, Child(event.name), final=event.final)


def _prepared(turn: Turn, event: ChildDone, name: ChildName) -> None:
    module, step, ref = turn.plan.preprocessor, turn.status.preprocessor, Child(event.name)
    assert module is not None, "a flow that prepares has a preprocessor"
    assert step is not None, "it has begun"
    if event.success:
        turn.set(phase=Phase.RUNNING, preprocessor=replace(step, state=StepState.SUCCESS, ref=ref))
        turn.emit(ReplaceArgs(name))
        enter(turn)
        return
    pause = None if event.final else next_pause_us(turn, module, step, ref)
    if pause is not None:
        turn.set(preprocessor=replace(step, attempt=step.attempt + 1))
        turn.emit(replace(next_try(module, step, pause), preprocessor=True))
        return
    turn.set(preprocessor=replace(step, state=StepState.FAILURE, ref=ref))
    flow_failed(turn, ref)


def _wake(turn: Turn) -> None:
    match turn.status.phase:
        case Phase.PAUSED:
            enter(turn)
        case Phase.RUNNING:
            push_more(turn)
        case Phase.GATED:
            if pass_gate(turn, late=True):
                enter(turn)
