"""What may hold up a step: the people whom the one before asked, then its sleep.

Only a step that ran and succeeded holds the next one up: one that was skipped asked nobody.
"""

from __future__ import annotations

from windmill_lite.base.codec import Json
from windmill_lite.core.flow import errors
from windmill_lite.core.flow.effects import AddResume, Park, Wake
from windmill_lite.core.flow.ending import flow_failed
from windmill_lite.core.flow.errors import shown
from windmill_lite.core.flow.events import Ask, Broken
from windmill_lite.core.flow.numbers import number
from windmill_lite.core.flow.refs import ChildName, Literal
from windmill_lite.core.flow.status import Entry, Phase, StepState
from windmill_lite.core.flow.turn import Turn
from windmill_lite.model.limits import SLEEP_S_MAX
from windmill_lite.model.openflow.shape import Module, Suspend

Groups = tuple[str, ...]


def pass_gate(turn: Turn, *, late: bool = False) -> bool:
    """Whether the current step may go on. `late`: its time is over."""
    found, gate = turn.before(), turn.gate
    if found is None or gate is None or found[0].suspend is None:
        return _passed(turn)
    module, suspend = found[0], found[0].suspend
    counted = turn.approvals(gate)
    if counted.disapproved_by is not None:
        words = f"Disapproved by {counted.disapproved_by}"
        told = errors.failed("SuspendedDisapproved", words, step=module.id)
        return _refused(turn, suspend, told, gate=gate)
    missing = suspend.events - counted.count
    if missing <= 0:
        return _passed(turn)
    if late:
        words = "Timed out waiting to be resumed"
        told = errors.failed("SuspendedTimedOut", words, step=module.id)
        return _refused(turn, suspend, told, gate=gate)
    if turn.status.phase is not Phase.GATED:
        return _park(turn, module, suspend, missing)
    turn.set_step(missing=missing)
    return False


def pass_sleep(turn: Turn) -> bool:
    """Whether the current step may start now."""
    found = turn.before()
    turn.set(entry=Entry.START)
    if found is None or found[0].sleep is None:
        return True
    module = found[0]
    ask = Ask(module.id, "sleep", "", previous=turn.previous, result=turn.previous)
    pause_s = number(turn, module.sleep, ask, least=0, most=SLEEP_S_MAX)
    if isinstance(pause_s, Broken):
        flow_failed(turn, errors.broken(pause_s, step=module.id))
        return False
    if not pause_s:
        return True
    turn.set(phase=Phase.PAUSED)
    turn.emit(Wake(pause_s, turn.next_wait()))
    return False


def _passed(turn: Turn) -> bool:
    turn.set(entry=Entry.SLEEP, due=False)
    if turn.step.state is StepState.EVENTS:
        turn.set_step(state=StepState.WAITING, missing=0)
    return True


def _park(turn: Turn, module: Module, suspend: Suspend, missing: int) -> bool:
    groups = _groups(turn, module, suspend)
    if isinstance(groups, Broken):
        flow_failed(turn, errors.broken(groups, step=module.id))
        return False
    turn.set(phase=Phase.GATED)
    turn.set_step(state=StepState.EVENTS, missing=missing)
    gate = turn.gate
    assert gate is not None, "there is a step to wait for"
    turn.emit(
        Park(
            gate,
            missing,
            timeout_s=suspend.timeout_s,
            wait=turn.next_wait(),
            groups=groups,
            login=suspend.login,
            others=suspend.others,
        )
    )
    return False


def _groups(turn: Turn, module: Module, suspend: Suspend) -> Groups | Broken:
    if suspend.groups is None:
        return ()
    field = "suspend.user_groups_required"
    ask = Ask(module.id, field, "", previous=turn.previous, result=turn.previous)
    found: Json = turn.value(suspend.groups, ask)
    if isinstance(found, Broken):
        return found
    if isinstance(found, list) and all(isinstance(group, str) for group in found):
        return tuple(found)
    words = f"{field}: must be an array of names of groups, not {shown(found)}"
    return Broken("InvalidGroups", words)


def _refused(turn: Turn, suspend: Suspend, told: Literal, *, gate: ChildName) -> bool:
    """The flow ends, or goes on and finds the refusal as the last of its resumes. This belongs to
    the gate: the step behind it is not tried again and not passed over.
    """
    if suspend.go_on:
        turn.emit(AddResume(gate, told.text))
        return _passed(turn)
    turn.set_step(state=StepState.FAILURE, missing=0, ref=told)
    flow_failed(turn, told)
    return False
