"""Enumerations: which values they have, and what a person reads beside each.

Follows `enum` of the standard library: `auto()` counts from the highest value before it (a StrEnum
takes the name in small letters, a class mixed with `str` the number as text), flags double, and
names that begin with an underscore are no members.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from windmill_lite.core.signature.bounds import DESCRIPTION_CHARS_MAX
from windmill_lite.core.signature.prose import plain_text
from windmill_lite.core.signature.python.constants import Constant, NotConstant
from windmill_lite.core.signature.python.resolve import Names
from windmill_lite.core.signature.python.scope import LocalClass
from windmill_lite.core.signature.python.vocabulary import ENUM_BASES
from windmill_lite.core.signature.types import Int, Json, Typ
from windmill_lite.core.signature.unions import choice

_NOISE = ("noqa", "type:", "pylint:", "pragma", "ruff:", "fmt:", "mypy:", "pyright:", "nosec")


@dataclass(frozen=True, slots=True)
class Enumeration:
    members: dict[str, Json]  # only those whose value JSON can carry
    labels: dict[str, str]  # by member name
    description: str
    flags: bool  # any sum of the values is a value

    def typ(self) -> Typ:
        """Int for flags, otherwise the choice of values; aliases of a value count once."""
        if self.flags:
            return Int()
        labels = tuple((str(self.members[name]), text) for name, text in self.labels.items())
        return choice(list(self.members.values()), labels, self.description)


def read_enum(
    found: LocalClass, names: Names, lines: list[str], evaluate: Callable[[ast.expr], Constant]
) -> Enumeration | None:
    """The enumeration a class is; None when it is not one, or none of its values is known."""
    order, foreign = names.ancestry(found)
    if not foreign & ENUM_BASES:
        return None
    reading = _Reading(names, lines, evaluate, foreign)
    for node in found.node.body:
        reading.take(node)
    if not reading.members and len(order) == 1:
        return None
    description = plain_text(ast.get_docstring(found.node) or "")
    flags = bool(foreign & {"enum.Flag", "enum.IntFlag"})
    return Enumeration(reading.members, reading.labels, description, flags)


class _Reading:
    def __init__(
        self,
        names: Names,
        lines: list[str],
        evaluate: Callable[[ast.expr], Constant],
        bases: set[str],
    ) -> None:
        self.members: dict[str, Json] = {}
        self.labels: dict[str, str] = {}
        self._names = names
        self._lines = lines
        self._evaluate = evaluate
        self._bases = bases
        self._number = 0  # the highest so far, from which `auto()` goes on
        self._last = ""  # the member whose documentation may follow

    def take(self, node: ast.stmt) -> None:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if not name.startswith("_"):
                self._last = name if self._member(name, value) else ""
                if self._last:
                    self._label(_comment_after(node, self._lines))
            case ast.Expr(value=ast.Constant(value=str() as text)) if self._last:
                self._label(text)
                self._last = ""
            case _:
                self._last = ""

    def _member(self, name: str, value: ast.expr) -> bool:
        if isinstance(value, ast.Call) and self._names.function(value.func) == "auto":
            self.members[name] = self._automatic(name)
            return True
        known = self._evaluate(value)
        if isinstance(known, NotConstant | dict | list):
            return False
        if isinstance(known, int):
            self._number = max(self._number, known)
        textual = bool(self._bases & {"builtins.str", "enum.StrEnum"})
        self.members[name] = str(known) if textual and isinstance(known, int) else known
        return True

    def _automatic(self, name: str) -> Json:
        if "enum.StrEnum" in self._bases:
            return name.lower()
        flags = bool(self._bases & {"enum.Flag", "enum.IntFlag"})
        self._number = 1 << self._number.bit_length() if flags else self._number + 1
        return str(self._number) if "builtins.str" in self._bases else self._number

    def _label(self, text: str) -> None:
        text = plain_text(text)
        if text:
            self.labels.setdefault(self._last, text[:DESCRIPTION_CHARS_MAX])


def _comment_after(node: ast.stmt, lines: list[str]) -> str:
    """The comment on the line where a statement ends, unless it speaks to a tool."""
    line = lines[node.end_lineno - 1] if node.end_lineno else ""
    if "#" not in line:
        return ""
    rest = line.encode("utf-8")[node.end_col_offset or 0 :].decode("utf-8").strip()
    comment = rest.lstrip("#").lstrip(":").strip() if rest.startswith("#") else ""
    return "" if comment.lower().startswith(_NOISE) else comment
