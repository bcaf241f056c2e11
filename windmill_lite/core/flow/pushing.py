"""A step that runs code or another flow becomes a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from windmill_lite.base.codec import Json
from windmill_lite.core.flow import errors
from windmill_lite.core.flow.effects import PushStep
from windmill_lite.core.flow.events import Ask, Broken
from windmill_lite.core.flow.numbers import number
from windmill_lite.core.flow.refs import ChildName, Literal
from windmill_lite.core.flow.turn import Turn
from windmill_lite.model.limits import JOB_TIMEOUT_S_MAX
from windmill_lite.model.openflow.shape import (
    AiAgent,
    Inputs,
    Javascript,
    Module,
    RawScript,
    Script,
    SubFlow,
)


def push(turn: Turn, module: Module, ask: Ask, *, preprocessor: bool = False) -> Literal | None:
    """The failure, when its arguments or its time limit cannot be made; else it is pushed.

    `ask` says what its expressions see; its attempt is the try.
    """
    if isinstance(module.kind, AiAgent):
        words = "steps of kind aiagent do not run here yet"
        return errors.failed("NotSupported", words, step=module.id)
    assert isinstance(module.kind, RawScript | Script | SubFlow), "other kinds are no jobs"
    args = _args(turn, module.kind.inputs, ask)
    if isinstance(args, Broken):
        return errors.broken(args, step=module.id)
    wanted = replace(ask, field="timeout")
    timeout_s = number(turn, module.timeout, wanted, least=0, most=JOB_TIMEOUT_S_MAX)
    if isinstance(timeout_s, Broken):
        return errors.broken(timeout_s, step=module.id)
    name = ChildName(module.id, ask.attempt)
    turn.emit(PushStep(module, name, args, timeout_s=timeout_s, preprocessor=preprocessor))
    return None


def _args(turn: Turn, inputs: Inputs, ask: Ask) -> Mapping[str, Json] | Broken:
    """All expressions are asked for at once."""
    asks = {
        name: replace(ask, field=f"input_transforms.{name}", source=transform.source)
        for name, transform in inputs.items()
        if isinstance(transform, Javascript)
    }
    turn.answers(asks.values())
    args: dict[str, Json] = {}
    for name, transform in inputs.items():
        seen = asks.get(name, replace(ask, field=f"input_transforms.{name}"))
        value = turn.value(transform, seen)
        if isinstance(value, Broken):
            return value
        args[name] = value
    return args
