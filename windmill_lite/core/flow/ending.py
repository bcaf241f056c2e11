"""How a step ends, and with it perhaps the flow. Each function answers whether the next step is to
be entered at once.
"""

from __future__ import annotations

from dataclasses import replace

from windmill_lite.core.flow import errors
from windmill_lite.core.flow.effects import Answer, Finish, Record
from windmill_lite.core.flow.events import Ask, Broken, ChildDone
from windmill_lite.core.flow.pushing import push
from windmill_lite.core.flow.refs import Args, Child, Ref, WithResult
from windmill_lite.core.flow.retrying import next_pause_us, next_try, tried_again
from windmill_lite.core.flow.status import Ending, Entry, Level, Phase, Step, StepState
from windmill_lite.core.flow.turn import Turn
from windmill_lite.model.openflow.shape import BranchAll, ForLoop, Module, Stop, WhileLoop


def succeeded(turn: Turn, ref: Ref) -> bool:
    """The current step has a result; its condition may end the flow all the same."""
    key, stop = _stop_of(turn.module)
    if stop is None:
        _settle(turn, StepState.SUCCESS, ref)
        return _pass(turn)
    turn.emit(Record(turn.module.id, ref))
    stops = turn.truth(stop.condition, turn.ask(key, result=ref))
    turn.effects.pop()  # the condition has seen the result under the step's own id
    if isinstance(stops, Broken):
        return failed(turn, errors.broken(stops, step=turn.module.id), final=True)
    _settle(turn, StepState.SUCCESS, ref)
    return _stop(turn, stop, ref) if stops else _pass(turn)


def _stop_of(module: Module) -> tuple[str, Stop | None]:
    """A loop's `stop_after_if` is asked after each iteration, a branchall's never."""
    if isinstance(module.kind, ForLoop | WhileLoop | BranchAll):
        return "stop_after_all_iters_if", module.stop_after_all
    return "stop_after_if", module.stop_after


def failed(turn: Turn, ref: Ref, *, final: bool = False, handled: bool = False) -> bool:
    """The current step failed: it is tried again, passed over, or the end of the flow."""
    if not final and tried_again(turn, ref):
        return False
    _settle(turn, StepState.FAILURE, ref)
    turn.set_step(handled=handled)
    if turn.module.continue_on_error:
        return _pass(turn)
    return flow_failed(turn, ref, handled=handled)


def skipped(turn: Turn) -> bool:
    """What came before passes through."""
    turn.set_step(skipped=True)
    _settle(turn, StepState.SUCCESS, turn.previous)
    return _pass(turn)


def stopped_inside(turn: Turn, ref: Ref, *, skip: bool) -> bool:
    """A branch stopped early, which ends what is around it."""
    _settle(turn, StepState.SUCCESS, ref)
    return finish(turn, Ending(success=True, ref=ref, skipped=skip, stopped=True))


def past_the_last(turn: Turn) -> bool:
    """The flow ends with its last result. One that failed and was passed over is a failure of the
    flow, which its failure module is not asked about.
    """
    steps = turn.status.steps
    if not steps:
        return finish(turn, Ending(success=True, ref=Args()))
    last = steps[-2] if turn.plan.waits else steps[-1]
    success = last.state is StepState.SUCCESS
    return finish(turn, Ending(success=success, ref=last.ref, handled=not success))


def flow_failed(turn: Turn, ref: Ref, *, handled: bool = False) -> bool:
    """The failure module runs, unless it has run where the failure was."""
    status, module = turn.status, turn.plan.failure
    if module is None or handled:
        return finish(turn, Ending(success=False, ref=ref, handled=handled))
    turn.set(
        phase=Phase.HANDLING,
        due=False,
        failed_at=status.at if status.phase is not Phase.PREPARING else None,
        error=ref,
        at=len(turn.plan.steps),
        failure=Step(StepState.IN_PROGRESS),
    )
    told = push(turn, module, Ask(module.id, "", "", previous=ref, result=ref))
    if told is None:
        return False
    turn.set(failure=Step(StepState.FAILURE, ref=told))
    return finish(turn, Ending(success=False, ref=told, handled=True))


def handler_done(turn: Turn, event: ChildDone) -> bool:
    """The failure module ended. Only a root flow recovers."""
    status, module = turn.status, turn.plan.failure
    step = status.failure
    assert module is not None, "a flow that is handled has a failure module"
    assert step is not None, "it has begun"
    ref = Child(event.name)
    if not event.success and not event.final:
        pause = next_pause_us(turn, module, step, ref)
        if pause is not None:
            turn.set(failure=replace(step, attempt=step.attempt + 1))
            turn.emit(next_try(module, step, pause))
            return False
    state = StepState.SUCCESS if event.success else StepState.FAILURE
    turn.set(failure=replace(step, state=state, ref=ref))
    good = event.success and event.recovered and status.level is Level.ROOT
    return finish(turn, Ending(success=good, ref=ref, handled=True))


def finish(turn: Turn, ending: Ending) -> bool:
    turn.set(phase=Phase.DONE, ending=ending, due=False)
    turn.emit(Finish(ending))
    return False


def _settle(turn: Turn, state: StepState, ref: Ref) -> None:
    module = turn.module
    turn.set_step(state=state, ref=ref)
    turn.emit(Record(module.id, ref))
    goes_on = state is StepState.SUCCESS or module.continue_on_error
    if goes_on and turn.plan.early_return == module.id:
        turn.emit(Answer(module.id, ref))


def _pass(turn: Turn) -> bool:
    turn.set(phase=Phase.RUNNING, at=turn.status.at + 1, entry=Entry.GATE, due=False)
    return True


def _stop(turn: Turn, stop: Stop, ref: Ref) -> bool:
    """An early stop; with a message it is a failure, which the failure module may handle."""
    if stop.message is None or stop.skip:
        return finish(turn, Ending(success=True, ref=ref, skipped=stop.skip, stopped=True))
    words = stop.message or f"stop after if: {stop.condition.source}"
    told = errors.failed("EarlyStopError", words, step=turn.module.id)
    return flow_failed(turn, WithResult(told.text, ref) if stop.include_result else told)
