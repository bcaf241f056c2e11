"""What may be stored, the same on both databases, and how SQLite keeps it.

Refused here, so that no database has to: text with U+0000 (Postgres cannot hold it) or with lone
surrogates (neither can), integers beyond 64 bits, NaN and infinities (SQLite would store null).
JSON text is not concerned: the codec escapes both.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from windmill_lite.base.errors import Bug, Invalid
from windmill_lite.store.db.port import Dialect, Params, Row

_INT_MAX = 2**63 - 1
_INT_MIN = -(2**63)


def stored_all(names: Sequence[str], params: Params, dialect: Dialect) -> list[Any]:
    """The values of these parameters, each as `stored` would have it. Fails: as `stored`; KeyError
    for one that is not there.
    """
    return stored_row(names, [params[name] for name in names], dialect)


def stored_row(names: Sequence[str], values: Sequence[Any], dialect: Dialect) -> list[Any]:
    """The same for values that have the order of the names, as many."""
    plain = _STORED[dialect]
    try:
        return [
            value
            # What needs no other look: a call for each value would cost more than all the rest.
            if value is None
            or ((kind := type(value)) is str and value.isascii() and "\0" not in value)
            or (kind is int and _INT_MIN <= value <= _INT_MAX)
            else plain[kind](value, "")
            if kind in plain
            else stored(value, dialect, "")
            for value in values
        ]
    except (Invalid, Bug):  # names are looked at only where one has to be told
        return [stored(value, dialect, name) for name, value in zip(names, values, strict=True)]


def stored(value: object, dialect: Dialect, name: str) -> Any:
    """The value as the driver of `dialect` takes it: a UUID is 16 bytes on SQLite.

    Fails: `Invalid`, naming the parameter `name`; `Bug` for a type the port does not know.
    """
    if value is None:
        return None
    store = _STORED[dialect].get(type(value))
    if store is not None:
        return store(value, name)
    for kind, store in _STORED[dialect].items():
        if isinstance(value, kind):
            return store(value, name)
    raise Bug(f"parameter {name} is a {type(value).__name__}, which the port does not store")


def _int(value: int, name: str) -> int:
    if not _INT_MIN <= value <= _INT_MAX:
        raise Invalid(f"{name}: {value} does not fit into 64 bits", field=name)
    return int(value)


def _float(value: float, name: str) -> float:
    if not math.isfinite(value):
        raise Invalid(f"{name}: {value} is not a finite number", field=name)
    return value


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
    return value if type(value) is str else str.__str__(value)  # an enum would be adapted


_SAME: Mapping[type, Callable[[Any, str], Any]] = {
    str: _text,
    int: _int,
    bool: lambda value, _: int(value),
    float: _float,
}
_STORED: Mapping[Dialect, Mapping[type, Callable[[Any, str], Any]]] = {
    "sqlite": {**_SAME, UUID: lambda value, _: value.bytes},
    "postgres": {**_SAME, UUID: lambda value, _: value},
}


def row_by_name(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    """A row factory of `sqlite3`: 16 bytes are a UUID again."""
    return {
        column[0]: UUID(bytes=value) if type(value) is bytes else value
        for column, value in zip(cursor.description, values, strict=True)
    }
