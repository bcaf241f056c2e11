"""How a value and a set of constants are said in a message about an argument."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

_SHOWN_CHARS = 40
_SHOWN_VALUES = 10
_ARTICLES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def article(kind: object) -> str:
    """A JSON type in words."""
    return _ARTICLES.get(kind, "another type") if isinstance(kind, str) else "another type"


def shown(value: Any, schema: dict[str, Any]) -> str:
    """A value in words; a password is never repeated."""
    secret = bool(schema.get("password")) or schema.get("format") == "password"
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str() if secret:
            return "a string"
        case str():
            return f"the string {_short(repr(value))}"
        case int() | float():
            return f"the number {_number(value)}"
        case list():
            return "a list"
        case _:
            return "an object"


def joined(values: Sequence[Any]) -> str:
    """Constants as a choice: 'a', 'b' or 'c'."""
    texts = [_constant(value) for value in values[:_SHOWN_VALUES]]
    if len(values) > _SHOWN_VALUES:
        return f"one of {', '.join(texts)} or {len(values) - _SHOWN_VALUES} more"
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} or {texts[-1]}"


def _constant(value: Any) -> str:
    match value:
        case str():
            return _short(repr(value))
        case None | bool() | float():
            return json.dumps(value)
        case int():
            return _number(value)
        case _:
            return "a list" if isinstance(value, list) else "an object"


def _number(value: float) -> str:
    # An integer of thousands of digits would raise here (and help nobody).
    large = isinstance(value, int) and value.bit_length() > 128
    return "with very many digits" if large else str(value)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}..."
