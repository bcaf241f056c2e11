"""Constraints beside a type: Pydantic's `Field`, `annotated_types`, `msgspec.Meta`, `conint`..."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from types import MappingProxyType

from windmill_lite.core.signature.prose import plain_text
from windmill_lite.core.signature.python.constants import Constant, NotConstant
from windmill_lite.core.signature.types import (
    Json,
    List,
    Map,
    Nullable,
    Object,
    Refined,
    Tuple,
    Typ,
)
from windmill_lite.core.signature.unions import refined

_NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        "ge": "minimum",
        "gt": "exclusiveMinimum",
        "le": "maximum",
        "lt": "exclusiveMaximum",
        "multiple_of": "multipleOf",
    }
)
_LENGTHS: Mapping[str, str] = MappingProxyType(
    {
        "min_length": "minLength",
        "max_length": "maxLength",
        "min_items": "minLength",
        "max_items": "maxLength",
    }
)
_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "pattern": "pattern",
        "regex": "pattern",
        "title": "title",
        "description": "description",
        "doc": "description",
        "discriminator": "discriminator",
    }
)
# Calls whose arguments are positions: Ge(1), Len(1, 5), Doc("...").
_POSITIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Ge": ("ge",),
        "Gt": ("gt",),
        "Le": ("le",),
        "Lt": ("lt",),
        "MultipleOf": ("multiple_of",),
        "MinLen": ("min_length",),
        "MaxLen": ("max_length",),
        "Len": ("min_length", "max_length"),
        "Doc": ("doc",),
    }
)


def constraints(
    call: ast.Call, function: str, evaluate: Callable[[ast.expr], Constant]
) -> dict[str, Json]:
    """The JSON Schema keywords behind a call such as `Field(ge=0)`; unknown ones are skipped."""
    given = dict(zip(_POSITIONS.get(function, ()), call.args, strict=False))
    given.update({keyword.arg: keyword.value for keyword in call.keywords if keyword.arg})
    result: dict[str, Json] = {}
    for name, node in given.items():
        value = evaluate(node)
        if isinstance(value, NotConstant | bool):
            continue
        if name in _NUMBERS and isinstance(value, int | float):
            result[_NUMBERS[name]] = value
        elif name in _LENGTHS and isinstance(value, int) and value >= 0:
            result[_LENGTHS[name]] = value
        elif name in _TEXTS and isinstance(value, str):
            keyword = _TEXTS[name]
            result[keyword] = plain_text(value) if keyword == "description" else value
    return result


def constrained(typ: Typ, keywords: dict[str, Json]) -> Typ:
    """`typ` with `keywords`, where a length counts what the type has: letters, items or names."""
    base = typ.of if isinstance(typ, Nullable) else typ
    base = base.of if isinstance(base, Refined) else base
    counted = {List: "Items", Tuple: "Items", Map: "Properties", Object: "Properties"}.get(
        type(base)
    )
    if counted:
        keywords = {name.replace("Length", counted): value for name, value in keywords.items()}
    return refined(typ, keywords)
