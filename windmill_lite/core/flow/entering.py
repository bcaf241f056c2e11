"""From the current step on, until something is outstanding or the flow has ended.

Steps that only keep the books (identity, a chosen branch that is empty, a loop over nothing, what
is skipped or mocked) end here, without a job.
"""

from __future__ import annotations

from windmill_lite.core.flow import errors
from windmill_lite.core.flow.bodies import start_bodies
from windmill_lite.core.flow.ending import failed, past_the_last, skipped, succeeded
from windmill_lite.core.flow.events import Broken
from windmill_lite.core.flow.gates import pass_gate, pass_sleep
from windmill_lite.core.flow.pushing import push
from windmill_lite.core.flow.refs import Mocked
from windmill_lite.core.flow.status import Entry, Phase, StepState
from windmill_lite.core.flow.turn import Turn
from windmill_lite.model.openflow.shape import (
    AiAgent,
    Identity,
    RawScript,
    Script,
    SubFlow,
)


def enter(turn: Turn) -> None:
    while _enter_one(turn):
        pass


def _enter_one(turn: Turn) -> bool:
    if turn.status.at == len(turn.plan.steps):
        return past_the_last(turn)
    if turn.status.entry is Entry.GATE and not pass_gate(turn):
        return False
    if turn.status.entry is Entry.SLEEP and not pass_sleep(turn):
        return False
    return _start(turn)


def _start(turn: Turn) -> bool:
    module, step = turn.module, turn.step
    turn.set(phase=Phase.RUNNING)
    if module.mock is not None:
        return succeeded(turn, Mocked(module.id))
    if module.skip_if is not None and step.state is StepState.WAITING:
        skip = turn.truth(module.skip_if, turn.ask("skip_if"))
        if isinstance(skip, Broken):
            return failed(turn, errors.broken(skip, step=module.id))
        if skip:
            return skipped(turn)
    turn.set_step(state=StepState.IN_PROGRESS)
    match module.kind:
        case Identity():
            return succeeded(turn, turn.previous)
        case RawScript() | Script() | SubFlow() | AiAgent():
            told = push(turn, module, turn.ask(""))
            final = isinstance(module.kind, AiAgent)
            return told is not None and failed(turn, told, final=final)
    return start_bodies(turn)
