"""The parameters of a function, in the order in which they are written.

One that is taken apart (`{a, b}`) has no name; it is `anon1`, the next `anon2`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from windmill_lite.core.signature.bounds import PARAMETERS_MAX
from windmill_lite.core.signature.grammar import Syntax, named, said
from windmill_lite.core.signature.model import Arg
from windmill_lite.core.signature.prose import Documentation
from windmill_lite.core.signature.told import type_of
from windmill_lite.core.signature.types import (
    Field,
    Json,
    List,
    Nullable,
    Object,
    Str,
    Typ,
    Unknown,
)
from windmill_lite.core.signature.typescript.docs import comment_before
from windmill_lite.core.signature.typescript.generics import bindings
from windmill_lite.core.signature.typescript.place import Place
from windmill_lite.core.signature.typescript.reader import TypeReader
from windmill_lite.core.signature.typescript.values import NotConstant, key_of

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(frozen=True, slots=True)
class _Part:
    """One name of a parameter that is taken apart, and the default it has there."""

    name: str
    default: Node | None


class Parameters:
    """Reads the parameters of one function; `rest` tells afterwards whether it takes any more."""

    def __init__(
        self, syntax: Syntax, function: Node, reader: TypeReader, said_of: Documentation
    ) -> None:
        self.rest = False
        self._syntax = syntax
        self._function = function
        self._reader = reader
        self._said_of = said_of
        self._bound = bindings(reader, function, [], Place())
        self._unnamed = 0

    def read(self) -> Iterator[Arg]:
        """Every parameter that can be given by name.

        Fails: SourceError when two have one name, or there are too many.
        """
        names: set[str] = set()
        single = self._function.child_by_field_name("parameter")  # `x => ...`
        if single is not None:
            yield Arg(said(single), Unknown(), description=self._words(said(single), ""))
        listed = self._function.child_by_field_name("parameters")
        parts = [] if listed is None else listed.named_children
        for at, node in enumerate(parts):
            pattern = node.child_by_field_name("pattern")
            if pattern is None or pattern.type == "this":
                continue
            if pattern.type == "rest_pattern":
                self.rest = True
                continue
            name = self._name(pattern)
            if name in names:
                raise self._syntax.error(pattern, f"two parameters are named {name}")
            if len(names) >= PARAMETERS_MAX:
                reason = f"the entry point has more than {PARAMETERS_MAX:,} parameters"
                raise self._syntax.error(pattern, reason)
            names.add(name)
            yield self._argument(node, name, comment_before(parts, at))

    def _name(self, pattern: Node) -> str:
        if pattern.type == "identifier":
            return said(pattern)
        self._unnamed += 1
        return f"anon{self._unnamed}"

    def _words(self, name: str, comment: str) -> str:
        return self._said_of.parameters.get(name, comment)

    def _argument(self, node: Node, name: str, comment: str) -> Arg:
        annotation = node.child_by_field_name("type")
        value_node = node.child_by_field_name("value")
        value: Json = None
        if value_node is not None:
            known = self._reader.known.evaluate(value_node)
            value = None if isinstance(known, NotConstant) else known
        typ = self._reader.parameter(annotation, self._bound)
        if annotation is None:
            typ = self._shown(value_node, value)
        optional = isinstance(typ, Nullable) or node.type == "optional_parameter"
        typ = typ.of if isinstance(typ, Nullable) else typ
        pattern = node.child_by_field_name("pattern")
        if pattern is not None:
            typ = self._taken_apart(typ, pattern, annotated=annotation is not None)
        return Arg(
            name,
            typ,
            default=value,
            has_default=optional or value_node is not None,
            description=self._words(name, comment),
        )

    def _shown(self, node: Node | None, value: Json) -> Typ:
        """The type of a parameter that has only a default."""
        if node is None:
            return Unknown()
        if node.type == "new_expression":
            made = said(node.child_by_field_name("constructor"))
            return Str("date-time") if made == "Date" else Unknown()
        if node.type in {"as_expression", "satisfies_expression"} and len(named(node)) == 2:
            return self._reader.read(named(node)[1], Place(bound=self._bound))
        enum = self._reader.known.enum_of(node)
        return type_of(value) if enum is None else enum

    # ---- patterns --------------------------------------------------------------------------------

    def _taken_apart(self, typ: Typ, pattern: Node, *, annotated: bool) -> Typ:
        """What `{a = 1, b}` adds to a type: names where it has none, and defaults."""
        if pattern.type == "array_pattern":
            return typ if annotated else List(Unknown())
        if pattern.type != "object_pattern":
            return typ
        parts = list(_parts(pattern))
        if not annotated:
            return Object(None, tuple(self._field(part) for part in parts))
        if not isinstance(typ, Object):
            return typ
        defaults = {part.name: part.default for part in parts if part.default is not None}
        fields = (self._with_default(field, defaults.get(field.name)) for field in typ.fields)
        return replace(typ, fields=tuple(fields))

    def _field(self, part: _Part) -> Field:
        if part.default is None:
            return Field(part.name, Unknown())
        known = self._reader.known.evaluate(part.default)
        typ = self._shown(part.default, None if isinstance(known, NotConstant) else known)
        return self._with_default(Field(part.name, typ), part.default)

    def _with_default(self, field: Field, node: Node | None) -> Field:
        if node is None:
            return field
        known = self._reader.known.evaluate(node)
        value = None if isinstance(known, NotConstant) else known
        return replace(field, required=False, default=value, has_default=value is not None)


def _parts(pattern: Node) -> Iterator[_Part]:
    """The names between the braces of a pattern; the rest (`...others`) has none."""
    for node in named(pattern):
        match node.type:
            case "shorthand_property_identifier_pattern":
                yield _Part(said(node), None)
            case "object_assignment_pattern":
                left = node.child_by_field_name("left")
                yield _Part(said(left), node.child_by_field_name("right"))
            case "pair_pattern":
                key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
                name = None if key is None else key_of(key)
                assigned = value is not None and value.type == "assignment_pattern"
                if name is not None:
                    default = value.child_by_field_name("right") if value and assigned else None
                    yield _Part(name, default)
            case _:
                pass
