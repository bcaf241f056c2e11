"""What a schema in Windmill's dialect says, whatever its author wrote there; pure and total."""

from __future__ import annotations

from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]

# Windmill's Python parser writes these types of Python as if they were resource types.
_NO_RESOURCES = frozenset({"tuple", "set", "frozenset", "object", "complex", "bytearray", "type"})


def listed(schema: Schema, key: str) -> list[Any]:
    value = schema.get(key)
    return value if isinstance(value, list) else []


def mapped(schema: Schema, key: str) -> dict[str, Any]:
    value = schema.get(key)
    return value if isinstance(value, dict) else {}


def number(schema: Schema, key: str) -> float | None:
    value = schema.get(key)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def takes_null(schema: Schema) -> bool:
    if schema.get("nullable") is True:
        return True
    kinds = schema.get("type")
    if kinds in (None, "", "any", "null") or (isinstance(kinds, list) and "null" in kinds):
        return "enum" not in schema and "anyOf" not in schema
    return None in listed(schema, "enum")


def vague_items(schema: Schema) -> bool:
    """Whether `items` is what Windmill writes when it knows no better: a bare `list` is `string[]`,
    a list of booleans, dates or lists is `object[]`.
    """
    original, items = schema.get("originalType"), schema.get("items")
    return (original == "string[]" and items == {"type": "string"}) or (
        original == "object[]" and items == {"type": "object"}
    )


def is_resource_type(name: object) -> bool:
    """Whether a name can be a resource type's. `resource-MyLiteral` is a Python class or alias that
    Windmill's parser did not look into, and may be anything.
    """
    return isinstance(name, str) and name == name.lower() and name not in _NO_RESOURCES


def told_apart(variant: Schema, name: str) -> list[Any]:
    """The values of the field `name` that mean this variant."""
    schema = mapped(mapped(variant, "properties"), name)
    return [schema["const"]] if "const" in schema else listed(schema, "enum")


def among(value: Any, allowed: list[Any]) -> bool:
    # True == 1 in Python, but not in JSON; 1.0 and 1 are the same number in both.
    truth = isinstance(value, bool)
    return any(value == one and isinstance(one, bool) is truth for one in allowed)


def is_multiple(value: float, step: float) -> bool:
    if isinstance(value, int) and isinstance(step, int):
        return value % step == 0
    try:
        times = value / step
    except OverflowError:
        return True
    return abs(times - round(times)) < 1e-9 * max(1.0, abs(times)) if abs(times) < 1e300 else True
