"""Whether a step that failed is tried again, and how."""

from __future__ import annotations

from windmill_lite.core.flow.effects import PushStep, Wake
from windmill_lite.core.flow.events import Ask, Broken
from windmill_lite.core.flow.refs import Child, ChildName, Ref, child_id
from windmill_lite.core.flow.status import Entry, Phase, Step
from windmill_lite.core.flow.turn import Turn
from windmill_lite.core.jobs.retry import pause_us
from windmill_lite.model.openflow.shape import Module


def tried_again(turn: Turn, ref: Ref) -> bool:
    """The current step: a job again with the same arguments, anything else from its beginning.

    What was evaluated in vain is evaluated again; `skip_if` is not.
    """
    module, step = turn.module, turn.step
    pause = next_pause_us(turn, module, step, ref)
    if pause is None:
        return False
    turn.set_step(
        attempt=step.attempt + 1, branch=None, count=None, width=None, pushed=0, done=0, failed=0
    )
    turn.set_step(handled=False, kept=())
    if ref == Child(str(ChildName(module.id, step.attempt))):
        turn.set(phase=Phase.RUNNING)
        turn.emit(next_try(module, step, pause))
    else:
        turn.set(phase=Phase.PAUSED, entry=Entry.START)
        turn.emit(Wake(pause / 1_000_000, turn.next_wait()))
    return True


def next_try(module: Module, step: Step, pause_us: int) -> PushStep:
    before, name = ChildName(module.id, step.attempt), ChildName(module.id, step.attempt + 1)
    return PushStep(module, name, None, like=before, delay_us=pause_us)


def next_pause_us(turn: Turn, module: Module, step: Step, failure: Ref) -> int | None:
    """How long until the next try; None: there is none. A condition that is broken is not met."""
    if module.retry is None:
        return None
    seed = child_id(turn.status.run, module.id)
    pause = pause_us(module.retry.policy, step.attempt + 1, seed)
    condition = module.retry.condition
    if pause is None or condition is None:
        return pause
    ask = Ask(
        module.id,
        "retry.retry_if",
        "",
        previous=failure,
        result=failure,
        attempt=step.attempt,
    )
    met = turn.truth(condition, ask)
    return None if isinstance(met, Broken) or not met else pause
