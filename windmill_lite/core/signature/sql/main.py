"""What a SQL script takes: a connection, the parameters of its statements, its choices of words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from windmill_lite.core.signature.bounds import PARAMETERS_MAX, SOURCE_CHARS_MAX
from windmill_lite.core.signature.model import Arg, Signature
from windmill_lite.core.signature.source import error_at, readable
from windmill_lite.core.signature.sql import types
from windmill_lite.core.signature.sql.declared import (
    COLON,
    DATABASE,
    DOLLAR,
    PLACE,
    QUESTION,
    Declarations,
    Declared,
)
from windmill_lite.core.signature.sql.lexer import Comment, Parts, Quoting, parts
from windmill_lite.core.signature.types import Resource, Str, Typ

_USED = re.compile(r"(?<![\w$])\$([1-9][0-9]{0,4})(?!\w)")
_CAST = re.compile(
    r"\s{0,20}::\s{0,20}"
    r"(\w+(?: (?:precision|varying)|(?:\(\d+\))? with(?:out)? time zone)?"
    r"(?:\s?\([\d, ]{1,20}\))?(?:\[\d{0,9}\]){0,6})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one database is spoken to."""

    types: Mapping[str, Typ]
    forms: tuple[re.Pattern[str], ...]  # of declarations; the first that a comment fits counts
    quoting: Quoting
    resource: str | None = None  # the type of the connection; None when there is none


POSTGRESQL = Dialect(types.POSTGRESQL, (PLACE,), Quoting(dollars=True), "postgresql")
MYSQL = Dialect(types.MYSQL, (COLON, QUESTION), Quoting(backslash=True), "mysql")
DUCKDB = Dialect(types.DUCKDB, (DOLLAR,), Quoting(dollars=True))
SQLITE = Dialect(types.SQLITE, (PLACE, COLON, DOLLAR), Quoting())


@dataclass(frozen=True, slots=True)
class Script:
    """A script that was read. `resource` is the type of its connection, `database` the path of the
    resource that a comment names.
    """

    text: str
    parts: Parts
    resource: str | None
    database: str | None
    parameters: tuple[Declared, ...]  # by place, else as they are declared
    choices: tuple[Declared, ...]

    def signature(self) -> Signature:
        return Signature(args=tuple(self._args()))

    def _args(self) -> Iterator[Arg]:
        """All of them, in the order in which a form shows them."""
        if self.resource is not None:
            yield Arg(
                "database",
                Resource(self.resource),
                default=f"$res:{self.database}" if self.database else None,
                has_default=self.database is not None,
            )
        for one in (*self.parameters, *self.choices):
            yield one.arg


def read_sql(code: str, dialect: Dialect) -> Signature:
    """The signature of a script: `database` first, then its parameters, then its choices.

    Fails with SourceError when a declaration cannot be: a name or place that is taken, a default
    that is not of its type.
    """
    return read_script(code, dialect).signature()


def read_script(code: str, dialect: Dialect) -> Script:
    """What `read_sql` reads, with what it takes to run the script. Fails: as `read_sql`."""
    text = readable(code, chars_max=SOURCE_CHARS_MAX)
    found = parts(text, dialect.quoting)
    reading = _Reading(text, dialect)
    for comment in found.comments:
        reading.take(comment)
    if PLACE in dialect.forms:
        reading.used(found.code)
    return reading.script(found)


class _Reading:
    def __init__(self, text: str, dialect: Dialect) -> None:
        self._text = text
        self._dialect = dialect
        self._declarations = Declarations(text, dialect.types)
        self._database: str | None = None
        self._parameters: list[Declared] = []
        self._choices: list[Declared] = []
        self._names: set[str] = {"database"} if dialect.resource else set()
        self._places: set[int] = set()

    def take(self, comment: Comment) -> None:
        """What one comment declares, if anything."""
        database = DATABASE.fullmatch(comment.text)
        if database is not None and self._dialect.resource:
            self._database = database["path"]
            return
        for form in self._dialect.forms:
            parameter = self._declarations.parameter(comment, form)
            if parameter is not None:
                self._add(parameter, self._parameters)
                return
        choice = self._declarations.chosen(comment)
        if choice is not None:
            self._add(choice, self._choices)

    def used(self, code: str) -> None:
        """The places that statements use: those without a declaration are named after themselves,
        and a cast says the type of those without one.
        """
        casts: dict[int, Typ] = {}
        seen: dict[int, int] = {}
        for found in _USED.finditer(code):
            place = int(found[1])
            seen.setdefault(place, found.start())
            cast = _CAST.match(code, found.end())
            if cast is not None and place not in casts:
                casts[place] = types.sql_type(cast[1], self._dialect.types)
        for at, parameter in enumerate(self._parameters):
            if not parameter.typed and not parameter.arg.has_default and parameter.place in casts:
                arg = replace(parameter.arg, typ=casts[parameter.place])
                self._parameters[at] = replace(parameter, arg=arg)
        for place in sorted(seen.keys() - self._places):
            arg = Arg(f"${place}", casts.get(place, Str()))
            self._add(Declared(arg, seen[place], place=place), self._parameters)

    def script(self, found: Parts) -> Script:
        parameters = sorted(self._parameters, key=lambda one: one.place)
        return Script(
            self._text,
            found,
            self._dialect.resource,
            self._database,
            parameters=tuple(parameters),
            choices=tuple(self._choices),
        )

    def _add(self, new: Declared, to: list[Declared]) -> None:
        if new.place and new.place in self._places:
            raise error_at(self._text, new.at, f"${new.place} is declared twice")
        if new.arg.name in self._names:
            taken = "the connection" if new.arg.name == "database" else "another parameter"
            reason = f"{new.arg.name} is the name of {taken}; give this one another"
            raise error_at(self._text, new.at, reason)
        if len(self._parameters) + len(self._choices) >= PARAMETERS_MAX:
            raise error_at(self._text, new.at, f"at most {PARAMETERS_MAX:,} parameters are read")
        self._names.add(new.arg.name)
        if new.place:
            self._places.add(new.place)
        to.append(new)
