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
_ITEMS_MAX = 50  # of one list
_FIELDS_MAX = 50  # of one object; a form of more is no help


def type_of(value: Json, *, texts: List | None = None, depth: int = 0) -> Typ:
    """The type a value shows. A list has the type that its items share; one of texts, and one that
    shows nothing, is taken for `texts` where a language has its own idea of those.
    """
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
            of = _shared([type_of(one, texts=texts, depth=depth + 1) for one in value[:_ITEMS_MAX]])
            return texts if texts is not None and of in (Str(), Unknown()) else List(of)
        case dict() if depth < _DEPTH_MAX:
            items = list(value.items())[:_FIELDS_MAX]
            types = [type_of(item, texts=texts, depth=depth + 1) for _, item in items]
            keys = [key for key, _ in items]
            fields = (Field(*pair, required=False) for pair in zip(keys, types, strict=True))
            return Object(None, tuple(fields))
        case dict():
            return Object()
        case _:
            return Unknown()


def _shared(types: list[Typ]) -> Typ:
    """The type that all have; of whole and other numbers, a number."""
    if types and all(typ == types[0] for typ in types):
        return types[0]
    numbers = bool(types) and all(isinstance(typ, Int | Float) for typ in types)
    return Float() if numbers else Unknown()
