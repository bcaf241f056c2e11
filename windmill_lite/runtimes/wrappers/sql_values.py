"""What all databases answer with, and values between them and JSON."""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


class SqlError(Exception):
    """What the database says. `at`: the character of the statement it is about, from 0."""

    def __init__(self, message: str, *, name: str = "SqlError", at: int | None = None) -> None:
        super().__init__(message)
        self.name = name
        self.at = at
        self.number = 0  # of the database's own, where it has numbers


@dataclass(frozen=True, slots=True)
class Answer:
    """What one statement answers: names, and rows of values as JSON text; no names, no rows."""

    names: Sequence[str]
    rows: Iterator[Sequence[str]]


def json_text(value: Any) -> str:  # noqa: PLR0911  one for each kind
    """A value that a driver made, as JSON text: bytes as base64, decimals as numbers with all of
    their digits, moments as ISO 8601, NaN and infinities as null; what JSON has no word for is the
    text that it is.
    """
    match value:
        case None | bool() | int():
            return json.dumps(value)
        case float():
            return json.dumps(value) if math.isfinite(value) else "null"
        case str():
            return string(value)
        case bytes() | bytearray() | memoryview():
            return f'"{base64.b64encode(value).decode()}"'
        case Decimal():
            return f"{value:f}" if value.is_finite() else "null"
        case dt.datetime() | dt.date() | dt.time():
            return f'"{value.isoformat()}"'
        case list() | tuple():
            return f"[{','.join(map(json_text, value))}]"
        case dict():
            members = [f"{string(str(name))}:{json_text(one)}" for name, one in value.items()]
            return f"{{{','.join(members)}}}"
        case _:
            return string(str(value))


def string(text: str) -> str:
    """JSON of a text; half a character, which no UTF-8 can carry, becomes U+FFFD."""
    written = json.dumps(text, ensure_ascii=False)
    if not written.isascii():
        written = written.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return written


def is_number(text: str) -> bool:
    """Whether the text of a finite number, as databases write it, is one in JSON."""
    return text[-1:].isdigit() and text.lstrip("-")[:1].isdigit()
