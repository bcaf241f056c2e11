"""From a SQL script and its arguments to the statements that a cell sends.

A value is never written into a statement: it is bound, and the statement keeps a mark in its place.
Only a choice (`%%table%%`) becomes a part of the text, because no database binds the name of a
table; so it must be one of the words that the script allows, or a plain name.

A plan is JSON, the request of wrappers/run_sql.py besides what every request has:

  statements  a list of {"text", "from", "params"}: what is sent, the places of it that come from
          the script as [place in the text, place in the script], and what is bound, in order, as
          {"name", "type", "value"}; the type is as the script spells it, "" when it does not
  database    the connection, as the resource has it; not there for a database in memory
  collection  which results are wanted, see COLLECTIONS
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Invalid
from windmill_lite.core.signature.sql.declared import Declared
from windmill_lite.core.signature.sql.main import Dialect, Script, read_script

#: Windmill's words for what becomes of the rows of several statements.
COLLECTIONS: Final = tuple(
    f"{which}_{rows}{scalar}"
    for which in ("last_statement", "all_statements")
    for rows in ("all_rows", "first_row")
    for scalar in ("", "_scalar")
)
_COLLECTION: Final = re.compile(r"--[ \t]*result_collection[ \t]*=[ \t]*(?P<name>\S+)")
_CHOICE: Final = re.compile(r"%%(\w+)%%")
_PLAIN: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){0,2}\Z")
_PLACE: Final = re.compile(r"(?<![\w$])\$([1-9][0-9]{0,4})(?!\w)")
_NAMED: Final = re.compile(
    r"(?<![\w:$])(?:[:$](?=[^\W\d])|\$(?=[1-9][0-9]{0,4}(?!\w)))(\w+)"  # a name, or a number
)
_DOLLARS: Final = re.compile(r"(?<![\w$])\$([^\W\d]\w*)")
_MARKED: Final = re.compile(r"(?<![\w:])(?::([^\W\d]\w*)|(\?))")


@dataclass(frozen=True, slots=True)
class Marks:
    """How a language marks the places of values in what it sends."""

    pattern: re.Pattern[str]
    written: str  # what is sent in its place: "$" and a number, "?" each time, "" by name


NUMBERED: Final = Marks(_PLACE, "$")
NAMED: Final = Marks(_NAMED, "")
DOLLARS: Final = Marks(_DOLLARS, "")
REPEATED: Final = Marks(_MARKED, "?")


def planned(code: str, dialect: Dialect, marks: Marks, args: Mapping[str, Json]) -> dict[str, Json]:
    """Fails: `Invalid`, with the place, when the script cannot be read, and for a choice that is
    not allowed.
    """
    script = read_script(code, dialect)
    writer = _Writer(script, marks, args)
    plan: dict[str, Json] = {
        "statements": [writer.statement(start, end) for start, end in _statements(script)],
        "collection": _collection(script),
    }
    if script.resource is not None:
        plan["database"] = args.get("database")
    return plan


def implied(code: str, dialect: Dialect, args: Mapping[str, Json]) -> dict[str, Json]:
    """Arguments that were not given and that the worker has to look up: the resource that a comment
    names.
    """
    if dialect.resource is None or args.get("database") is not None:
        return {}
    path = read_script(code, dialect).database
    return {"database": f"$res:{path}"} if path else {}


def _statements(script: Script) -> Iterator[tuple[int, int]]:
    """Where each statement is, without its semicolon; what has no code is none."""
    code, start = script.parts.code, 0
    for end in [*(found.start() for found in re.finditer(";", code)), len(code)]:
        if code[start:end].strip():
            yield start, end
        start = end + 1


def _collection(script: Script) -> str:
    for comment in script.parts.comments:
        found = _COLLECTION.fullmatch(comment.text)
        if found is not None:
            if found["name"] not in COLLECTIONS:
                known = ", ".join(COLLECTIONS)
                raise Invalid(f"result_collection {found['name']!r} is none of {known}")
            return found["name"]
    return COLLECTIONS[0]


@dataclass(slots=True)
class _Text:
    """A statement being written, and where its parts come from."""

    text: str = ""
    places: list[list[int]] = field(default_factory=list)

    def take(self, source: str, start: int, end: int) -> None:
        if end > start:
            self.places.append([len(self.text), start])
            self.text += source[start:end]

    def put(self, word: str) -> None:
        self.text += word


class _Writer:
    def __init__(self, script: Script, marks: Marks, args: Mapping[str, Json]) -> None:
        self._script = script
        self._marks = marks
        self._args = args
        self._by_place = {str(one.place): one for one in script.parameters if one.place}
        self._by_name = {one.arg.name: one for one in script.parameters}
        self._choices = {one.arg.name: self._chosen(one) for one in script.choices}
        self._in_turn = iter(script.parameters)  # for each `?`

    def statement(self, start: int, end: int) -> dict[str, Json]:
        script, made = self._script, _Text()
        bound: list[Declared] = []
        at = start
        for place, past, found in self._marks_in(start, end):
            made.take(script.text, at, place)
            at = past
            if isinstance(found, str):
                made.put(found)
            else:
                made.put(self._mark(found, bound, script.text[place:past]))
        made.take(script.text, at, end)
        return {
            "text": made.text,
            "from": made.places,
            "params": [self._bound(one) for one in bound],
        }

    def _marks_in(self, start: int, end: int) -> Iterator[tuple[int, int, Declared | str]]:
        code = self._script.parts.code
        found: list[tuple[int, int, Declared | str]] = [
            (choice.start(), choice.end(), self._choices[choice[1]])
            for choice in _CHOICE.finditer(code, start, end)
            if choice[1] in self._choices
        ]
        taken = {place for place, _, _ in found}
        for mark in self._marks.pattern.finditer(code, start, end):
            what = self._meant(mark)
            if what is not None and mark.start() not in taken:
                found.append((mark.start(), mark.end(), what))
        yield from sorted(found, key=lambda one: one[0])

    def _meant(self, mark: re.Match[str]) -> Declared | str | None:
        """What a mark stands for; text to put in its place; None to leave it."""
        name = mark[1]
        if name is None:
            return next(self._in_turn, None)
        return (self._by_place if name.isdecimal() else self._by_name).get(name)

    def _mark(self, meant: Declared, bound: list[Declared], there: str) -> str:
        if self._marks is REPEATED:
            bound.append(meant)
            return self._marks.written
        if meant not in bound:
            bound.append(meant)
        if self._marks is NUMBERED:
            return f"${bound.index(meant) + 1}"
        return f":{meant.arg.name}" if meant.place else there

    def _bound(self, one: Declared) -> dict[str, Json]:
        return {"name": one.arg.name, "type": one.spelled.strip(), "value": self._value(one)}

    def _value(self, one: Declared) -> Any:
        value = self._args.get(one.arg.name)
        return one.arg.default if value is None and one.arg.has_default else value

    def _chosen(self, one: Declared) -> str:
        value = self._value(one)
        allowed = (
            value in one.options
            if one.options
            else isinstance(value, str) and _PLAIN.match(value) is not None
        )
        if not allowed:
            told = f"one of {', '.join(one.options)}" if one.options else "a plain name"
            raise Invalid(f"{one.arg.name}: expected {told}", field=one.arg.name)
        return str(value)
