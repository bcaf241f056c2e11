"""SQL: sends the statements of a plan (see runtimes/sql/plan.py) to a database, in a warm child.

The result is what the plan's `collection` says: the rows of the last statement or of each, all of
them or the first, as objects or as their first column. Every statement is a transaction of its own
unless the script says `begin` and `commit`.

A database answers with values as JSON text, made where they are read, so that a number keeps all of
its digits. What is read is bounded while it is read.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from typing import Any, Final, Protocol

from .sql_duckdb import DuckSession  # noqa: TID252  a package of its own, see run.py
from .sql_mysql import MysqlSession  # noqa: TID252  the same
from .sql_postgres import PostgresSession  # noqa: TID252  the same
from .sql_sqlite import SqliteSession  # noqa: TID252  the same
from .sql_values import Answer, SqlError  # noqa: TID252  the same

#: Of the first word of a statement: blanks and comments.
_BEFORE: Final = re.compile(r"(?:\s+|(?:--|#)[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)*")
_STACK_CHARS: Final = 200


class TooLargeError(Exception):
    """The rows are larger than a result may be."""


class Session(Protocol):
    """A connection."""

    def ask(self, text: str, params: list[dict[str, Any]]) -> Answer:
        """Fails: `SqlError`, here or while the rows are read."""
        ...

    def close(self) -> None: ...


def answer(order: dict[str, Any]) -> tuple[bool, str]:
    """Whether the script succeeded, and the JSON text of its result or of its error."""
    try:
        session = _open(order)
        try:
            return True, _collected(session, order)
        finally:
            session.close()
    except SqlError as error:
        told = {"name": error.name, "message": str(error)}
    except TooLargeError:
        limit = order["result_bytes_max"]
        told = {"name": "ResultTooLarge", "message": f"the rows are larger than {limit} bytes"}
    except _FailedError as failed:
        told = failed.told
    return False, json.dumps(told)


class _FailedError(Exception):
    """A statement failed; `told` is the error, with its place in the script."""

    def __init__(self, told: dict[str, str]) -> None:
        super().__init__(told["message"])
        self.told = told


def _open(order: dict[str, Any]) -> Session:
    if "packages" in order:
        sys.path.append(f"{os.environ['PWD']}/{order['packages']}")
    match order["language"]:
        case "sqlite":
            return SqliteSession()
        case "duckdb":
            return DuckSession()
        case "mysql":
            return MysqlSession(order["database"])
        case _:
            return PostgresSession(order["database"])


def _collected(session: Session, order: dict[str, Any]) -> str:
    collection = order["collection"]
    room = _Room(order["result_bytes_max"])
    results = []
    statements = order["statements"]
    for number, statement in enumerate(statements, 1):
        wanted = collection.startswith("all_statements") or number == len(statements)
        try:
            found = session.ask(statement["text"], statement["params"])
            told = _rows(found, collection, room) if wanted else _none(found)
        except SqlError as error:
            raise _FailedError(_failure(error, order, number)) from None
        if wanted:
            results.append(told)
    if collection.startswith("all_statements"):
        return f"[{','.join(results)}]"
    return results[0] if results else "[]"


class _Room:
    """How much of the result's limit is left."""

    def __init__(self, size: int) -> None:
        self._left = size

    def take(self, text: str) -> str:
        self._left -= len(text) + 1
        if self._left < 0:
            raise TooLargeError
        return text


def _rows(found: Answer, collection: str, room: _Room) -> str:
    # Of columns with the same name the last one counts, as in any object.
    places = {name: place for place, name in enumerate(found.names)}
    heads = [(f"{json.dumps(name, ensure_ascii=False)}:", at) for name, at in places.items()]
    scalar = collection.endswith("_scalar")

    def told(row: Sequence[str]) -> str:
        if scalar:
            return row[0]
        return f"{{{','.join([head + row[at] for head, at in heads])}}}"

    if "first_row" in collection:
        first = next(found.rows, None)
        _none(found)
        return "null" if first is None else room.take(told(first))
    return f"[{','.join([room.take(told(row)) for row in found.rows])}]"


def _none(found: Answer) -> str:
    """Reads to the end, since a statement may fail at its last row."""
    for _ in found.rows:
        pass
    return ""


def _failure(error: SqlError, order: dict[str, Any], number: int) -> dict[str, str]:
    """With the number of the statement, and its line of the script."""
    statement, code = order["statements"][number - 1], order["code"]
    at = _place(statement, error.at)
    line = code.count("\n", 0, at) + 1
    start = code.rfind("\n", 0, at) + 1
    text = code[start:].partition("\n")[0]
    place = f"{order['path']}, line {line}"
    stack = [place, f"    {text[:_STACK_CHARS]}"]
    if error.at is not None and at - start < _STACK_CHARS:
        stack.append(f"    {' ' * (at - start)}^")
    many = len(order["statements"]) > 1
    which = f"statement {number}, line {line}" if many else f"line {line}"
    return {"name": error.name, "message": f"{which}: {error}", "stack": "\n".join(stack)}


def _place(statement: dict[str, Any], at: int | None) -> int:
    """Of a character that was sent, the one of the script; without one, the first that is code."""
    text, places = statement["text"], statement["from"]
    if at is None:
        found = _BEFORE.match(text)
        at = found.end() if found is not None else 0
    source = places[0] if places else [0, 0]
    for place in places:
        if place[0] > at:
            break
        source = place
    return int(source[1] + at - source[0])
