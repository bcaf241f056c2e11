"""What may be stored, the same on both databases, and how SQLite keeps it.

Refused here, so that no database has to: text with U+0000 (Postgres cannot hold it) or with lone
surrogates (neither can), integers beyond 64 bits, NaN and infinities (SQLite would store null).
JSON text is not concerned: the codec escapes both.
"""

from __future__ import annotations

import math
import sqlite3
from typing import Any
from uuid import UUID

from windmill_lite.base.errors import Bug, Invalid
from windmill_lite.store.db.port import Dialect, Row

_INT_MAX = 2**63 - 1
_INT_MIN = -(2**63)


def stored(value: object, dialect: Dialect, name: str) -> Any:
    """The value as the driver of `dialect` takes it: a UUID is 16 bytes on SQLite.

    Fails: `Invalid`, naming the parameter `name`; `Bug` for a type the port does not know.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return _text(value, name)
    if isinstance(value, int):
        if not _INT_MIN <= value <= _INT_MAX:
            raise Invalid(f"{name}: {value} does not fit into 64 bits", field=name)
        return int(value)
    if isinstance(value, UUID):
        return value.bytes if dialect == "sqlite" else value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Invalid(f"{name}: {value} is not a finite number", field=name)
        return value
    raise Bug(f"parameter {name} is a {type(value).__name__}, which the port does not store")


def _text(value: str, name: str) -> str:
    if "\0" in value:
        raise Invalid(f"{name} contains the character U+0000", field=name)
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise Invalid(
                f"{name} contains a lone surrogate at character {error.start}", field=name
            ) from None
    return value


def row_by_name(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    """A row factory of `sqlite3`: 16 bytes are a UUID again."""
    return {
        column[0]: UUID(bytes=value) if type(value) is bytes else value
        for column, value in zip(cursor.description, values, strict=True)
    }
