"""DuckDB: a database in memory that lives as long as its job, and reads files and addresses.

Its package is not a part of this program: it is mounted into the cell, and imported by the first
line that needs it.
"""

from __future__ import annotations

import base64
import binascii
import importlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

from .sql_values import Answer, SqlError, json_text  # noqa: TID252  a package of its own, see run.py

_ROWS: Final = 1_000  # that are fetched together
#: Below what a cell may take, so that DuckDB spills to the disk instead of being ended.
_SETTINGS: Final = {"memory_limit": "1GB", "threads": 4, "temp_directory": ".duckdb"}


class DuckSession:
    """Statements commit one by one, unless the script begins a transaction."""

    def __init__(self) -> None:
        duckdb = importlib.import_module("duckdb")  # no part of this program, nor of its build
        self._errors = (duckdb.Error, OverflowError)
        try:
            self._connection = duckdb.connect(":memory:", config=dict(_SETTINGS))
        except self._errors as error:
            raise _told(error) from None

    def ask(self, text: str, params: list[dict[str, Any]]) -> Answer:
        values = {one["name"]: _bound(one) for one in params}
        try:
            found = self._connection.execute(text, values or None)
        except self._errors as error:
            raise _told(error) from None
        names = [column[0] for column in found.description or ()]
        return Answer(names, self._rows(found, read=bool(names)))

    def _rows(self, found: Any, *, read: bool) -> Iterator[Sequence[str]]:
        try:
            while read and (rows := found.fetchmany(_ROWS)):
                for row in rows:
                    yield [json_text(value) for value in row]
        except self._errors as error:
            raise _told(error) from None

    def close(self) -> None:
        self._connection.close()


def _told(error: Exception) -> SqlError:
    return SqlError(str(error), name=type(error).__name__)


def _bound(one: dict[str, Any]) -> Any:
    value = one["value"]
    if isinstance(value, str) and one["type"].lower().startswith(("blob", "bytea", "binary")):
        try:
            return base64.b64decode(value, validate=True)
        except binascii.Error:
            raise SqlError(f"{one['name']}: expected base64") from None
    return value
