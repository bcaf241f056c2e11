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

_KINDS: tuple[type[Any], ...] = (Status, Step, Ending, From, Resumption, Kept)
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
#: Names and defaults, looked up once: a status is read and written at every step.
_FIELDS: Mapping[type[Any], tuple[tuple[str, Any], ...]] = {
    kind: tuple((field.name, field.default) for field in fields(kind)) for kind in (*_TAGS, *_KINDS)
}


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
    told = _FIELDS.get(type(value))
    if told is None:
        if isinstance(value, tuple):
            return [_plain(item) for item in value]
        return str(value) if isinstance(value, UUID) else value
    tag = _TAGS.get(type(value))
    if tag is not None:
        return [tag, *(_plain(getattr(value, name)) for name, _ in told)]
    found: dict[str, Json] = {}
    for name, default in told:
        given = getattr(value, name)
        if given is not default and given != default:
            found[name] = _plain(given)
    return found


def _record(kind: type[Any], raw: Json) -> Any:
    if raw is None:
        return None
    return kind(**{key: _READERS.get(key, _same)(value) for key, value in raw.items()})


def _ref(raw: Json) -> Any:
    if raw is None:
        return None
    kind = _REFS[raw[0]]
    told = zip(_FIELDS[kind], raw[1:], strict=True)
    return kind(**{name: _IN_REF.get(name, _same)(value) for (name, _), value in told})


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
