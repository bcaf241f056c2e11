"""What all databases answer with, and values between them and JSON."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any


class SqlError(Exception):
    """What the database says. `at`: the character of the statement it is about, from 0."""

    def __init__(self, message: str, *, name: str = "SqlError", at: int | None = None) -> None:
        super().__init__(message)
        self.name = name
        self.at = at


@dataclass(frozen=True, slots=True)
class Answer:
    """What one statement answers: names, and rows of values as JSON text; no names, no rows."""

    names: Sequence[str]
    rows: Iterator[Sequence[str]]


def json_text(value: Any) -> str:
    """A value that a driver made, as JSON text: bytes as base64, NaN and infinities as null, what
    JSON has no word for as the text that it is.
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return f'"{base64.b64encode(value).decode()}"'
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    return string(value) if isinstance(value, str) else json.dumps(value)


def string(text: str) -> str:
    """JSON of a text; half a character, which no UTF-8 can carry, becomes U+FFFD."""
    written = json.dumps(text, ensure_ascii=False)
    if not written.isascii():
        written = written.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return written


def is_number(text: str) -> bool:
    """Whether the text of a finite number, as databases write it, is one in JSON."""
    return text[-1:].isdigit() and text.lstrip("-")[:1].isdigit()
