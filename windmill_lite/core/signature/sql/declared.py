"""Parameters that comments declare, each on a line of its own:

    -- <mark> name (type) = default -- what it is

The type, the default and the words at the end may be missing. A comment that has anything else is
a comment.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from windmill_lite.core.signature.model import Arg
from windmill_lite.core.signature.prose import plain_text, storable
from windmill_lite.core.signature.source import error_at
from windmill_lite.core.signature.sql.lexer import Comment
from windmill_lite.core.signature.sql.types import sql_type
from windmill_lite.core.signature.types import (
    Bool,
    Choice,
    Float,
    Int,
    Json,
    List,
    Object,
    Str,
    Typ,
)

_TYPE = r"[ \t]*(?:\((?P<type>(?:[^()]|\([^()]*\))*)\))?[ \t]*"
# The forms of the head of a declaration, by what binds the value.
PLACE = re.compile(r"--[ \t]*\$(?P<place>[1-9][0-9]{0,4})[ \t]+(?P<name>\w+)" + _TYPE)
COLON = re.compile(r"--[ \t]*:(?P<name>\w+)" + _TYPE)
DOLLAR = re.compile(r"--[ \t]*\$(?P<name>[^\W\d]\w*)" + _TYPE)
QUESTION = re.compile(r"--[ \t]*\?[ \t]+(?P<name>\w+)" + _TYPE)
CHOSEN = re.compile(r"--[ \t]*%%(?P<name>\w+)%%[ \t]*(?P<options>[^\s=]+)?[ \t]*")
DATABASE = re.compile(r"--[ \t]*database[ \t]+(?P<path>\S+)")

_TRUTH: Mapping[str, bool] = {"true": True, "false": False, "t": True, "f": False}


@dataclass(frozen=True, slots=True)
class Declared:
    """A parameter, and where it is declared, for the errors about it."""

    arg: Arg
    at: int
    typed: bool = True
    place: int = 0  # of a `$1`
    spelled: str = ""  # its type, as the comment has it
    options: tuple[str, ...] = ()  # of a choice


@dataclass(frozen=True, slots=True)
class _Tail:
    """What follows the head: the text of the default, where it stands, and words."""

    default: str | None
    at: int
    said: str


class Declarations:
    """Reads the comments of one script; `table` has the types of its dialect."""

    def __init__(self, text: str, table: Mapping[str, Typ]) -> None:
        self._text = text
        self._table = table

    def parameter(self, comment: Comment, form: re.Pattern[str]) -> Declared | None:
        """The parameter that a comment declares in this form; None when it does not.

        Fails: SourceError when the default is not of the type.
        """
        head = form.match(comment.text)
        tail = None if head is None else _tail(comment, head)
        if head is None or tail is None:
            return None
        typ = sql_type(head["type"], self._table) if head["type"] is not None else Str()
        arg = Arg(head["name"], typ, description=plain_text(tail.said))
        if tail.default is not None:
            value = self.default(typ, tail.default, tail.at)
            arg = replace(arg, default=value, has_default=True)
        place = int(head["place"]) if form is PLACE else 0
        at = comment.at + head.start("name")
        spelled = head["type"] or ""
        return Declared(arg, at, typed=head["type"] is not None, place=place, spelled=spelled)

    def chosen(self, comment: Comment) -> Declared | None:
        """`%%order%% asc/desc = asc`: one of some words, or any word."""
        head = CHOSEN.match(comment.text)
        tail = None if head is None else _tail(comment, head)
        if head is None or tail is None:
            return None
        options = [option for option in (head["options"] or "").split("/") if option]
        values = tuple(dict.fromkeys(options))
        arg = Arg(head["name"], Choice(values) if values else Str())
        if tail.default is not None:
            value = self.default(Str(), tail.default, tail.at)
            if values and value not in values:
                raise error_at(self._text, tail.at, f"{value} is none of {', '.join(values)}")
            arg = replace(arg, default=value, has_default=True)
        return Declared(arg, comment.at + head.start("name"), options=values)

    def default(self, typ: Typ, spelled: str, at: int) -> Json:
        """The value of a default; `null` is no value. Fails with SourceError, naming the type."""
        if spelled.lower() == "null":
            return None
        match typ:
            case Int():
                value = _parsed(spelled, int)
            case Float():
                value = _parsed(spelled, float)
            case Bool():
                value = _TRUTH.get(spelled.lower())
            case List() | Object():
                value = _json(spelled, list if isinstance(typ, List) else dict)
            case _:
                value = _unquoted(spelled)
        if value is None:
            reason = f"the default {spelled[:50]} is not {_NAMES.get(type(typ), 'a short text')}"
            raise error_at(self._text, at, reason)
        return value


_NAMES: Mapping[type[Typ], str] = {
    Int: "an integer",
    Float: "a number",
    Bool: "true or false",
    List: "a list, written as JSON",
    Object: "an object, written as JSON",
}


def _tail(comment: Comment, head: re.Match[str]) -> _Tail | None:
    """What stands after the head; None when it is neither a default nor a comment."""
    rest = comment.text[head.end() :]
    if rest.startswith("--"):
        return _Tail(None, 0, rest[2:])
    if not rest:
        return _Tail(None, 0, "")
    if not rest.startswith("="):
        return None
    default, _, said = rest[1:].partition(" --")
    at = comment.at + head.end() + 1 + len(default) - len(default.lstrip())
    return _Tail(default.strip(), at, said)


def _parsed(spelled: str, parse: type[int | float]) -> Json:
    if len(spelled) > 40 or "_" in spelled:
        return None
    try:
        value = parse(spelled)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _json(spelled: str, kind: type[list[Json] | dict[str, Json]]) -> Json:
    if not storable(spelled):
        return None
    try:
        value: Json = json.loads(_unquoted(spelled) or "", parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, kind) else None


def _refuse(_name: str) -> Json:
    raise ValueError("JSON has no NaN and no Infinity")


def _unquoted(spelled: str) -> str | None:
    """Text with or without quotes; None when it is too long to be a default."""
    if len(spelled) >= 2 and spelled[0] == spelled[-1] == "'":
        spelled = spelled[1:-1].replace("''", "'")
    return spelled if storable(spelled) else None
