"""SQLite: a database in memory that lives as long as its job."""

from __future__ import annotations

import base64
import binascii
import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final

from .sql_values import Answer, SqlError, json_text  # noqa: TID252  a package of its own

_INTEGER_MAX: Final = 2**63 - 1


class SqliteSession:
    """Statements commit one by one, unless the script begins a transaction."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)

    def ask(self, text: str, params: list[dict[str, Any]]) -> Answer:
        try:
            cursor = self._connection.execute(text, {one["name"]: _bound(one) for one in params})
        except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
            raise _told(error) from None
        names = [column[0] for column in cursor.description or ()]
        return Answer(names, self._rows(cursor))

    def _rows(self, cursor: sqlite3.Cursor) -> Iterator[Sequence[str]]:
        try:
            for row in cursor:
                yield [json_text(value) for value in row]
        except sqlite3.Error as error:
            raise _told(error) from None

    def close(self) -> None:
        self._connection.close()


def _told(error: Exception) -> SqlError:
    name = getattr(error, "sqlite_errorname", "")
    return SqlError(f"{error} ({name})" if name else str(error))


def _bound(one: dict[str, Any]) -> Any:
    """Lists and objects as their JSON text, as SQLite's own functions take them."""
    value, declared = one["value"], one["type"].lower()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and declared.startswith(("blob", "binary", "varbinary")):
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error:
            raise SqlError(f"{one['name']}: expected base64") from None
    if isinstance(value, int) and abs(value) > _INTEGER_MAX:
        raise SqlError(f"{one['name']}: {value} is beyond 64 bits")
    return value
