"""A parameter without a type has the type of its default."""

from __future__ import annotations

from windmill_lite.core.signature.types import (
    Bool,
    Field,
    Float,
    Int,
    Json,
    List,
    Object,
    Str,
    Typ,
    Unknown,
)

_DEPTH_MAX = 5
_FIELDS_MAX = 50  # of one object; a form of more is no help


def type_of(value: Json, *, texts: List, depth: int = 0) -> Typ:
    """The type a value shows; `texts` is what a list of texts, or an empty one, is taken for."""
    match value:
        case bool():
            return Bool()
        case int():
            return Int()
        case float():
            return Float()
        case str():
            return Str()
        case list():
            first = type_of(value[0], texts=texts, depth=depth + 1) if value else Unknown()
            return texts if first in (Str(), Unknown()) else List(first)
        case dict() if depth < _DEPTH_MAX:
            items = list(value.items())[:_FIELDS_MAX]
            inner = {key: type_of(item, texts=texts, depth=depth + 1) for key, item in items}
            return Object(
                None, tuple(Field(key, typ, required=False) for key, typ in inner.items())
            )
        case dict():
            return Object()
        case _:
            return Unknown()
