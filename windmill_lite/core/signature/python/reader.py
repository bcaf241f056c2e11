"""An annotation becomes a type.

Reads the expression behind a parameter: names through the imports and definitions of the script,
brackets through the forms of `typing`, quoted text as the expression it quotes. Never fails: what
JSON cannot carry is `Unknown`, and what no definition explains is the name of a resource type.
"""

from __future__ import annotations

import ast
from dataclasses import replace

from windmill_lite.core.signature.bounds import (
    CONSTANT_CHARS_MAX,
    FIELDS_MAX,
    TYPE_DEPTH_MAX,
    TYPES_MAX,
)
from windmill_lite.core.signature.names import resource_name
from windmill_lite.core.signature.prose import plain_text
from windmill_lite.core.signature.python.constants import UNKNOWN, Constant, NotConstant, constant
from windmill_lite.core.signature.python.enums import Enumeration, read_enum
from windmill_lite.core.signature.python.models import read_class, read_typed_dict
from windmill_lite.core.signature.python.place import Place
from windmill_lite.core.signature.python.refine import constrained, constraints
from windmill_lite.core.signature.python.resolve import Names
from windmill_lite.core.signature.python.scope import LocalClass, dotted
from windmill_lite.core.signature.python.source import parse_annotation
from windmill_lite.core.signature.python.vocabulary import (
    LISTS,
    MAPS,
    PLAIN,
    SETS,
    TRANSPARENT,
    TUPLES,
)
from windmill_lite.core.signature.types import (
    Choice,
    DynSelect,
    Int,
    Json,
    List,
    Map,
    Nullable,
    Object,
    Resource,
    Tuple,
    Typ,
    Unknown,
)
from windmill_lite.core.signature.unions import choice, union

# Modules whose names describe Python, not data: what is not in the vocabulary is anything.
_ABSTRACT = ("typing.", "collections.", "types.", "builtins.", "abc.", "numbers.", "contextlib.")

_VARIABLES = frozenset({"TypeVar", "TypeVarTuple", "ParamSpec"})


class TypeReader:
    """Reads the annotations of one script; counts what it has read, so that the sum is bounded."""

    def __init__(self, names: Names, text: str) -> None:
        self.names = names
        self.fields_left = FIELDS_MAX
        self._types_left = TYPES_MAX
        self._lines = text.removeprefix("\ufeff").split("\n")
        self._enums: dict[str, Enumeration | None] = {}

    def parameter(self, node: ast.expr | None) -> Typ:
        """The type of one parameter of the entry point, with a fresh allowance of fields."""
        self.fields_left = FIELDS_MAX
        return Unknown() if node is None else self.read(node, Place())

    def read(self, node: ast.expr, place: Place) -> Typ:
        """The type that an annotation at `place` stands for."""
        self._types_left -= 1
        if place.depth > TYPE_DEPTH_MAX or self._types_left < 0:
            return Unknown()
        place = replace(place, depth=place.depth + 1)
        match node:
            case ast.Name() | ast.Attribute():
                return self._named(node, place)
            case ast.Subscript(value=value, slice=inner):
                return self._subscript(value, inner, place)
            case ast.BinOp(op=ast.BitOr()):
                return union(self.read(option, place) for option in _options(node))
            case ast.Constant(value=None):
                return Nullable(Unknown())
            case ast.Constant(value=str() as text) if len(text) <= CONSTANT_CHARS_MAX:
                quoted = parse_annotation(text)
                return Unknown() if quoted is None else self.read(quoted, place)
            case ast.Call():
                return self._called(node, place)
            case _:
                return Unknown()

    def evaluate(self, node: ast.expr, within: str = "") -> Constant:
        """The constant an expression stands for, read inside the class `within`."""
        return constant(node, lambda name: self._lookup(name, within))

    def constraints(self, node: ast.expr, within: str) -> dict[str, Json]:
        """The keywords behind `Field(...)` and its kin; text alone is a description."""
        if isinstance(node, ast.Call):
            function = self.names.function(node.func)
            return constraints(node, function, lambda value: self.evaluate(value, within))
        known = self.evaluate(node, within)
        return {"description": plain_text(known)} if isinstance(known, str) else {}

    # ---- names -----------------------------------------------------------------------------------

    def _named(self, node: ast.Name | ast.Attribute, place: Place) -> Typ:
        name = node.id if isinstance(node, ast.Name) else node.attr
        if isinstance(node, ast.Name):
            for prefix in ("DynSelect_", "DynMultiselect_"):
                if name.startswith(prefix):
                    return DynSelect(name.removeprefix(prefix), multiple="Multi" in prefix)
        local = self.names.local(node, place.within)
        if isinstance(local, LocalClass):
            return self.of_class(local, place)
        if isinstance(local, ast.expr):
            return self._alias(name, local, place)
        return self._foreign(node, name)

    def _foreign(self, node: ast.Name | ast.Attribute, name: str) -> Typ:
        path = self.names.path(node)
        known = None if path is None else _standing_alone(path)
        if known is not None:
            return known
        if isinstance(node, ast.Name):
            abstract = path is not None and path.startswith(_ABSTRACT)
            return Unknown() if abstract else Resource(resource_name(name))
        root = dotted(node.value)
        return Resource(resource_name(name)) if root in {"wmill", "RT"} else Unknown()

    def of_class(self, found: LocalClass, place: Place) -> Typ:
        """The type of a class of the script; one that is no data is the name of a resource type."""
        name = found.node.name
        if name == "S3Object":
            return Resource(resource_name(name))
        enumeration = self._enumeration(found)
        if enumeration is not None:
            return enumeration.typ() if enumeration.members else Unknown()
        return read_class(self, found, place) or Resource(name)

    def _alias(self, name: str, node: ast.expr, place: Place) -> Typ:
        """`postgresql = dict` names a resource type; `Ids = list[int]` is only another spelling."""
        if name == "S3Object":
            return Resource(resource_name(name))
        place = replace(place, within="")
        typ = self._called(node, place) if isinstance(node, ast.Call) else self.read(node, place)
        if isinstance(node, ast.Call) and self.names.function(node.func) in _VARIABLES:
            return Unknown()
        if typ in (Object(), Map(Unknown())):
            return Resource(name)
        spelled = isinstance(
            node, ast.Name | ast.Attribute | ast.Subscript | ast.BinOp | ast.Constant
        )
        return Resource(name) if typ == Unknown() and not spelled else typ

    def _called(self, node: ast.expr, place: Place) -> Typ:
        """`conint(ge=1)`, `NewType("Id", int)`: types made by a call."""
        if not isinstance(node, ast.Call):
            return Unknown()
        path = self.names.path(node.func) or ""
        if path == "typing.NewType" and len(node.args) == 2:
            return self.read(node.args[1], place)
        if path == "typing.TypedDict":
            return read_typed_dict(self, node, place)
        base = _standing_alone(path)
        if base is None or not path.startswith("pydantic.con"):
            return Unknown()
        if isinstance(base, List) and node.args:
            base = List(self.read(node.args[0], place), base.unique)
        return constrained(base, self.constraints(node, place.within))

    # ---- brackets --------------------------------------------------------------------------------

    def _subscript(self, value: ast.expr, inner: ast.expr, place: Place) -> Typ:
        local = self.names.local(value, place.within)
        if isinstance(local, LocalClass):
            return self.of_class(local, place)
        path = self.names.path(value) or ""
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        if path == "typing.Literal":
            return choice(self._literals(parts, place))
        if path == "typing.Annotated":
            return self._annotated(parts, place)
        if path in TRANSPARENT:
            return self.read(inner, place)
        if path in {"typing.Union", "typing.Optional"}:
            options = [self.read(part, place) for part in parts]
            return union([*options, Nullable(Unknown())] if "Optional" in path else options)
        return self._container(path, parts, place)

    def _container(self, path: str, parts: list[ast.expr], place: Place) -> Typ:
        if path in TUPLES:
            return self._tuple(parts, place)
        if path in LISTS or path in SETS:
            return List(self.read(parts[0], place), unique=path in SETS)
        if path in MAPS:
            counter = path.endswith(".Counter")
            return Map(Int() if counter else self.read(parts[-1], place))
        return PLAIN.get(path, Unknown())

    def _tuple(self, parts: list[ast.expr], place: Place) -> Typ:
        if not parts:
            return Tuple(())
        last = parts[-1]
        if isinstance(last, ast.Constant) and last.value is Ellipsis:
            return List(self.read(parts[0], place))
        return Tuple(tuple(self.read(part, place) for part in parts))

    def _annotated(self, parts: list[ast.expr], place: Place) -> Typ:
        typ = self.read(parts[0], place)
        for part in parts[1:]:
            typ = constrained(typ, self.constraints(part, place.within))
        return typ

    def _literals(self, parts: list[ast.expr], place: Place) -> list[Json]:
        values: list[Json] = []
        for part in parts:
            known = self.evaluate(part, place.within)
            if not isinstance(known, NotConstant | list | dict):
                values.append(known)
                continue
            nested = self.read(part, place)  # Literal[Colors, "other"], where Colors is a Literal
            if isinstance(nested, Nullable):
                values.append(None)
                nested = nested.of
            if isinstance(nested, Choice):
                values.extend(nested.values)
        return values

    # ---- values ----------------------------------------------------------------------------------

    def _lookup(self, node: ast.expr, within: str) -> Constant | ast.expr:
        if isinstance(node, ast.Attribute):
            holder = self.names.local(node.value, within)
            if isinstance(holder, LocalClass):
                enumeration = self._enumeration(holder)
                if enumeration is not None:
                    return enumeration.members.get(node.attr, UNKNOWN)
            if node.attr in {"value", "_value_"}:
                return node.value
        found = self.names.local(node, within)
        return found if isinstance(found, ast.expr) else UNKNOWN

    def _enumeration(self, found: LocalClass) -> Enumeration | None:
        if found.path not in self._enums:
            self._enums[found.path] = None  # a member that names its own class finds nothing
            self._enums[found.path] = read_enum(
                found, self.names, self._lines, lambda node: self.evaluate(node, found.path)
            )
        return self._enums[found.path]


def _standing_alone(path: str) -> Typ | None:
    if path in PLAIN:
        return PLAIN[path]
    if path in LISTS:
        return List(None)
    if path in SETS or path in TUPLES:
        return List(Unknown(), unique=path in SETS)
    return Object() if path in MAPS else None


def _options(node: ast.expr) -> list[ast.expr]:
    """`a | b | c` as a list, without recursion: generated code writes long unions."""
    options: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        options.append(node.right)
        node = node.left
    options.append(node)
    return options[::-1]
