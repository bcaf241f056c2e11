"""A step that runs code or another flow becomes a job."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from windmill_lite.base.codec import Json, dumps
from windmill_lite.core.flow import errors
from windmill_lite.core.flow.effects import PushStep
from windmill_lite.core.flow.errors import shown
from windmill_lite.core.flow.events import Ask, Broken
from windmill_lite.core.flow.numbers import number
from windmill_lite.core.flow.refs import ChildName, Literal
from windmill_lite.core.flow.turn import Turn
from windmill_lite.model.limits import JOB_TIMEOUT_S_MAX, KEY_CHARS_MAX
from windmill_lite.model.openflow.shape import (
    AiAgent,
    Inputs,
    Javascript,
    Kind,
    Module,
    RawScript,
    Script,
    SubFlow,
)
from windmill_lite.model.openflow.transforms import tag_parts

# An expression that is nothing but one call with a path, as people write it.
_LONE_CALL = re.compile(
    r"\s*(?:return\s+)?(?:await\s+)?(variable|resource)\(\s*(['\"`])([\w./-]+)\2\s*\)\s*;?\s*"
)


def push(turn: Turn, module: Module, ask: Ask, *, preprocessor: bool = False) -> Literal | None:
    """The failure, when its arguments or its time limit cannot be made; else it is pushed.

    `ask` says what its expressions see; its attempt is the try.
    """
    if isinstance(module.kind, AiAgent):
        words = "steps of kind aiagent do not run here yet"
        return errors.failed("NotSupported", words, step=module.id)
    assert isinstance(module.kind, RawScript | Script | SubFlow), "other kinds are no jobs"
    runs_code = not isinstance(module.kind, SubFlow)
    args = _args(turn, module.kind.inputs, ask, runs_code=runs_code)
    if isinstance(args, Broken):
        return errors.broken(args, step=module.id)
    limit = replace(ask, field="timeout")
    timeout_s = number(turn, module.timeout, limit, least=0, most=JOB_TIMEOUT_S_MAX)
    if isinstance(timeout_s, Broken):
        return errors.broken(timeout_s, step=module.id)
    tag = _tag(turn, module.kind, ask)
    if isinstance(tag, Broken):
        return errors.broken(tag, step=module.id)
    name = ChildName(module.id, ask.attempt)
    wanted = PushStep(module, name, args, timeout_s=timeout_s, tag=tag, preprocessor=preprocessor)
    turn.emit(wanted)
    return None


def reference(source: str) -> str | None:
    """`variable('u/a/b')` as the reference that whoever runs the code fills in: what it stands for,
    perhaps a secret, is then never stored with the arguments.
    """
    found = _LONE_CALL.fullmatch(source)
    if found is None:
        return None
    return f"{'$var:' if found[1] == 'variable' else '$res:'}{found[3]}"


def _args(turn: Turn, inputs: Inputs, ask: Ask, *, runs_code: bool) -> Mapping[str, Json] | Broken:
    """All expressions are asked for at once."""
    args: dict[str, Json] = {}
    asks: dict[str, Ask] = {}
    for name, transform in inputs.items():
        if not isinstance(transform, Javascript):
            continue
        if runs_code and (kept := reference(transform.source)) is not None:
            args[name] = kept
        else:
            field = f"input_transforms.{name}"
            asks[name] = replace(ask, field=field, source=transform.source, seals=runs_code)
    turn.answers(asks.values())
    for name, transform in inputs.items():
        if name in args:
            continue
        seen = asks.get(name, replace(ask, field=f"input_transforms.{name}"))
        value = turn.value(transform, seen)
        if isinstance(value, Broken):
            return value
        args[name] = value
    return args


def is_evaluated(kind: Kind) -> bool:
    """Whether its tag has expressions in it: `gpu-$flow_expr[results.size]`."""
    return len(_parts(kind)) > 1


def _tag(turn: Turn, kind: Kind, ask: Ask) -> str | Broken | None:
    """None when there is nothing to evaluate; `$args[...]` is filled in later, by who pushes."""
    parts = _parts(kind)
    asks = [replace(ask, field="tag", source=source) for source in parts[1::2]]
    values = turn.answers(asks)
    told = parts[:1]
    for value, rest in zip(values, parts[2::2], strict=True):
        text = value if isinstance(value, Broken) else _text(value)
        if isinstance(text, Broken):
            return text
        told += [text, rest]
    return "".join(told) if asks else None


def _parts(kind: Kind) -> list[str]:
    tag = kind.tag if isinstance(kind, RawScript | Script) else None
    return tag_parts(tag or "")


def _text(value: Json) -> str | Broken:
    text = value if isinstance(value, str) else dumps(value)
    if isinstance(value, str | int | float) and 0 < len(text) <= KEY_CHARS_MAX:
        return text
    return Broken("InvalidTag", f"tag: must be a text or a number, not {shown(value)}")
