"""A status as text and back. What has its default is left out; a version that knows more fields
reads what one that knows fewer wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from windmill_lite.base.codec import Json, dumps, loads
from windmill_lite.core.flow.refs import (
    Args,
    Borrowed,
    Child,
    Kept,
    Literal,
    Many,
    Mocked,
    Ref,
    WithResult,
)
from windmill_lite.core.flow.status import (
    Ending,
    Entry,
    From,
    Level,
    Phase,
    Resumption,
    Status,
    Step,
    StepState,
)

Stored = Status | Step | Ending | From | Resumption | Kept
_REFS: Mapping[str, type[Ref]] = {
    "args": Args,
    "child": Child,
    "many": Many,
    "literal": Literal,
    "mocked": Mocked,
    "result": WithResult,
    "borrowed": Borrowed,
}
_TAGS: Mapping[type[Ref], str] = {kind: tag for tag, kind in _REFS.items()}


def written(status: Status) -> str:
    return dumps(_plain(status))


def read(text: str) -> Status:
    """Fails: never for what `written` wrote."""
    status = _record(Status, loads(text, what="status"))
    assert isinstance(status, Status), "a status is stored as an object"
    return status


def ref_written(ref: Ref) -> str:
    return dumps(_plain(ref))


def ref_read(text: str) -> Ref:
    ref = _ref(loads(text, what="reference"))
    assert isinstance(ref, Ref), "a reference is stored as an array"
    return ref


def _plain(value: Any) -> Json:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if type(value) in _TAGS:
        return [_TAGS[type(value)], *(_plain(getattr(value, f.name)) for f in fields(value))]
    if isinstance(value, Stored):
        told = ((f, getattr(value, f.name)) for f in fields(value))
        return {f.name: _plain(given) for f, given in told if given != f.default}
    return value


def _record(kind: type[Any], raw: Json) -> Any:
    if raw is None:
        return None
    return kind(**{key: _READERS.get(key, _same)(value) for key, value in raw.items()})


def _ref(raw: Json) -> Any:
    if raw is None:
        return None
    kind = _REFS[raw[0]]
    names = [f.name for f in fields(kind)]
    return kind(**{n: _IN_REF.get(n, _same)(v) for n, v in zip(names, raw[1:], strict=True)})


def _same(value: Json) -> Any:
    return value


def _kept(raw: Json) -> Any:
    return tuple(_record(Kept, item) for item in raw)


def _as(kind: type[Any]) -> Callable[[Json], Any]:
    return lambda raw: _record(kind, raw)


#: A field has one meaning wherever it is found.
_READERS: Mapping[str, Callable[[Json], Any]] = {
    "run": UUID,
    "level": Level,
    "phase": Phase,
    "entry": Entry,
    "state": StepState,
    "ref": _ref,
    "error": _ref,
    "steps": lambda raw: tuple(_record(Step, item) for item in raw),
    "preprocessor": _as(Step),
    "failure": _as(Step),
    "resumption": _as(Resumption),
    "restarted": _as(Resumption),
    "ending": _as(Ending),
    "place": _as(From),
    "inner": _as(From),
    "kept": _kept,
}
_IN_REF: Mapping[str, Callable[[Json], Any]] = {
    "run": UUID,
    "ref": _ref,
    "result": _ref,
    "kept": _kept,
}
