"""Named queries of a `.sql` file, written once for both databases.

    -- name: due_tokens
    -- Which tokens are past their time, the oldest first.
    select hash from token
    where expires_at < :now
      and email = :email            --? email
      and kind in :kinds            --? kinds
    order by expires_at
    limit :limit

* A header `-- name: due_tokens` begins a query, which goes on until the next header. A query that
  must differ has two headers, `-- name: claim [sqlite]` and `-- name: claim [postgres]`; the text
  of the second opens with a comment `-- Differs because ...`. One that only Postgres needs, to save
  round trips, is `-- name: enter [postgres only]` and opens with `-- Only for Postgres, ...`.
* `:name` is a parameter, everywhere but in strings and comments; `::` is a cast.
* A line that ends in `--? a b` is kept only when all these parameters are given and not None.
* `in :names` with a tuple becomes a list in parentheses; the list is padded with its last value to
  the next power of two, so that few different statements reach the database. An empty tuple is
  `(null)`, which matches nothing: neither `in` it nor `not in` it.

A parameter that the query wants and does not get, or gets and does not know, is a `Bug`: a filter
that is silently left out would show too much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from windmill_lite.base.errors import Bug
from windmill_lite.store.db.port import Dialect, Ordered, Params, Query
from windmill_lite.store.db.sqltext import Token, lines
from windmill_lite.store.db.values import stored, stored_all, stored_row

VARIANTS_MAX = 100  # of one query that are kept; a stranger's filters choose among a million
LIST_MAX = 16_384  # values of one `in` list: both databases stop at 32,766 parameters or later

_HEADER = re.compile(r"--\s*name:\s*(\w+)(?:\s+\[(sqlite|postgres|postgres only)\])?\s*$")
_LIST = re.compile(r"\bin\s+:(\w+)", re.IGNORECASE)
_MARKER = "--?"
_DIALECTS: tuple[Dialect, ...] = ("sqlite", "postgres")


@dataclass(frozen=True, slots=True)
class Param:
    """The place of a parameter in a line."""

    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a query; left out unless all of `needs` are given."""

    pieces: tuple[str | Param, ...]
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Text:
    """A query in one dialect."""

    lines: tuple[Line, ...]
    params: frozenset[str]
    optional: tuple[str, ...]  # the parameters that decide about lines, in a fixed order
    lists: tuple[str, ...]  # those that may be tuples


@dataclass(frozen=True, slots=True)
class Variant:
    """A statement as the driver gets it: one choice of lines, one length of each list.

    `names` has the parameter of each argument; `picks`, where there are lists, which value of it.
    """

    sql: str
    names: tuple[str, ...]
    picks: tuple[int | None, ...] | None


@dataclass(slots=True)
class NamedQuery:
    """A query of a file. What others may know of it is `port.Query`."""

    name: str
    file: str
    doc: str
    texts: Mapping[Dialect, Text]  # the two differ only when the file has twins
    params: frozenset[str]  # of either dialect
    _variants: dict[object, Variant] = field(default_factory=dict)

    def speaks(self, dialect: Dialect) -> bool:
        return dialect in self.texts

    def render(self, dialect: Dialect, params: Params | Ordered) -> tuple[str, list[Any]]:
        """The statement with its arguments, in the order of their numbers.

        Fails: `Bug` for a missing or unknown parameter, `Invalid` for a value no database can hold.
        """
        variant = self._variants.get(dialect)
        if isinstance(params, tuple):
            variant = variant or self._variant(dialect, dict.fromkeys(self.params))
            if len(params) != len(variant.names):
                raise self._bug(f"takes {len(variant.names)} values, and got {len(params)}")
            return variant.sql, stored_row(variant.names, params, dialect)
        if variant is None or len(params) != len(variant.names):  # else unknown means missing too
            variant = self._variant(dialect, params)
        try:
            if variant.picks is not None:
                return variant.sql, _picked(variant, params, dialect)
            return variant.sql, stored_all(variant.names, params, dialect)
        except KeyError:
            missing = set(variant.names) - params.keys()
            raise self._bug(f"misses the parameter {_names(missing)}") from None

    def _variant(self, dialect: Dialect, params: Params) -> Variant:
        """Kept under the dialect alone where there is only one."""
        if not params.keys() <= self.params:
            raise self._bug(f"does not know the parameter {_names(params.keys() - self.params)}")
        text = self.texts.get(dialect)
        if text is None:
            raise self._bug(f"is not for {dialect}")
        lengths = {n: _padded(len(v)) for n in text.lists if type(v := params.get(n)) is tuple}
        kept = tuple([params.get(name) is not None for name in text.optional])
        key = (dialect, kept, *lengths.items()) if text.lists or text.optional else dialect
        variant = self._variants.get(key)
        if variant is None:
            if max(lengths.values(), default=0) > LIST_MAX:
                raise self._bug(f"takes at most {LIST_MAX} values in a list")
            given = {name for name in params if params[name] is not None}
            chosen = [line for line in text.lines if line.needs <= given]
            if len(self._variants) >= VARIANTS_MAX:
                self._variants = {}  # and not cleared: another thread may be looking
            variant = self._variants[key] = _statement(dialect, chosen, lengths)
        return variant

    def _bug(self, what: str) -> Bug:
        return Bug(f"query {self.name} of {self.file} {what}")


class Queries:
    """The queries of one file as attributes, read when the first is wanted."""

    def __init__(self, package: str, filename: str) -> None:
        self._package = package
        self._filename = filename
        self._read: dict[str, NamedQuery] | None = None

    def all(self) -> Mapping[str, NamedQuery]:
        """Every query by name, in the order of the file."""
        if self._read is None:
            source = resources.files(self._package).joinpath(self._filename)
            self._read = parse(source.read_text("utf-8"), self._filename)
        return self._read

    def __getattr__(self, name: str) -> Query:
        if name.startswith("_"):
            raise AttributeError(name)
        query = self.all().get(name)
        if query is None:
            raise Bug(f"{self._filename} has no query {name}")
        setattr(self, name, query)  # the next access does not come here
        return query


def load(package: str, filename: str) -> Queries:
    """The queries of `filename` beside the modules of `package`; reads nothing yet."""
    return Queries(package, filename)


def parse(source: str, file: str) -> dict[str, NamedQuery]:
    """The queries of a file's text.

    Fails: `Bug` for a query that is there twice, a twin alone, a twin that does not say why.
    """
    texts: dict[str, dict[Dialect, Text]] = {}
    docs: dict[str, str] = {}
    for name, where, body in _sections(source, file):
        found = texts.setdefault(name, {})
        doc, text = _doc(body), _text(body)
        for each in _dialects(where):
            if each in found:
                raise Bug(f"{file} has the query {name} twice for {each}")
            found[each] = text
        if name in docs and not doc.startswith("Differs because "):
            raise Bug(f"{file}: the second text of {name} does not begin with 'Differs because'")
        docs.setdefault(name, doc)
    for name, found in texts.items():
        if len(found) != len(_DIALECTS) and not docs[name].startswith("Only for "):
            raise Bug(f"{file} has the query {name} for one database only, and does not say why")
    return {name: _query(name, file, docs[name], found) for name, found in texts.items()}


def _query(name: str, file: str, doc: str, texts: Mapping[Dialect, Text]) -> NamedQuery:
    params = frozenset[str]().union(*(text.params for text in texts.values()))
    return NamedQuery(name, file, doc, texts, params)


def _dialects(where: str | None) -> tuple[Dialect, ...]:
    """Which databases the text under a header is for."""
    if where is None:
        return _DIALECTS
    return ("sqlite",) if where == "sqlite" else ("postgres",)


def _sections(source: str, file: str) -> Iterator[tuple[str, str | None, list[str]]]:
    """Name, database and lines of each query; before the first header only comments may stand."""
    head: tuple[str, str | None] | None = None
    body: list[str] = []
    for line in source.splitlines():
        header = _HEADER.match(line)
        if header is None:
            body.append(line)
            if head is None and line.strip() and not line.startswith("--"):
                raise Bug(f"{file} has SQL before its first '-- name:'")
            continue
        if head is not None:
            yield *head, body
        head, body = (header[1], header[2]), []
    if head is not None:
        yield *head, body


def _doc(body: list[str]) -> str:
    """The comment lines directly under the header, as one text."""
    doc: list[str] = []
    for line in body:
        if not line.startswith("--"):
            break
        doc.append(line.removeprefix("--").strip())
    return " ".join(doc)


def _text(body: list[str]) -> Text:
    found = [line for tokens in lines("\n".join(body)) if (line := _line(tokens)) is not None]
    needs = frozenset[str]().union(*(line.needs for line in found))
    used = {piece.name for line in found for piece in line.pieces if isinstance(piece, Param)}
    lists = sorted(set(_LIST.findall("\n".join(body))))
    return Text(tuple(found), needs | used, tuple(sorted(needs)), tuple(lists))


def _line(tokens: list[Token]) -> Line | None:
    """A line without its comments; None when nothing is left."""
    pieces: list[str | Param] = []
    needs: set[str] = set()
    for token in tokens:
        if token.kind == "comment":
            if token.text.startswith(_MARKER):
                needs.update(token.text.removeprefix(_MARKER).split())
        elif token.kind == "param":
            pieces.append(Param(token.text[1:]))
        else:
            pieces.append(token.text)
    says = any(isinstance(piece, Param) or piece.strip() for piece in pieces)
    return Line(tuple(pieces), frozenset(needs)) if says else None


def _statement(dialect: Dialect, chosen: list[Line], lengths: Mapping[str, int]) -> Variant:
    numbers: dict[tuple[str, int | None], int] = {}  # by first use
    mark = "?" if dialect == "sqlite" else "$"

    def place(name: str, pick: int | None = None) -> str:
        return f"{mark}{numbers.setdefault((name, pick), len(numbers) + 1)}"

    def written(piece: str | Param) -> str:
        if isinstance(piece, str):
            return piece
        if piece.name not in lengths:
            return place(piece.name)
        many = [place(piece.name, pick) for pick in range(lengths[piece.name])]
        return "(" + (", ".join(many) or "null") + ")"

    sql = "\n".join("".join(map(written, line.pieces)).rstrip() for line in chosen)
    sql = sql.strip().removesuffix(";").rstrip()
    names, picks = tuple(name for name, _ in numbers), tuple(pick for _, pick in numbers)
    return Variant(sql, names, picks if any(pick is not None for pick in picks) else None)


def _picked(variant: Variant, params: Params, dialect: Dialect) -> list[Any]:
    """Where there are lists: a padded one ends in its last value several times."""
    found = []
    for name, pick in zip(variant.names, variant.picks or (), strict=True):
        value: Any = params[name]
        if pick is not None:
            value = value[min(pick, len(value) - 1)]
        found.append(stored(value, dialect, name))
    return found


def _padded(length: int) -> int:
    """The next power of two; nothing stays nothing."""
    return 1 << (length - 1).bit_length() if length else 0


def _names(names: set[str]) -> str:
    return ", ".join(sorted(names))
