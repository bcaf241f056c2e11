"""What is known of the values of a file: constants, members of enumerations, `typeof` of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from windmill_lite.core.signature import told
from windmill_lite.core.signature.grammar import said
from windmill_lite.core.signature.types import Field, Json, List, Object, Typ, Unknown
from windmill_lite.core.signature.typescript.enums import enum_type, members
from windmill_lite.core.signature.typescript.scope import Scope
from windmill_lite.core.signature.typescript.values import (
    UNKNOWN,
    Constant,
    NotConstant,
    constant,
    key_of,
)
from windmill_lite.core.signature.unions import choice

if TYPE_CHECKING:
    from tree_sitter import Node


_LOOKUPS_MAX = 1_000  # of names in one file; what is beyond is not known
_CHAIN_MAX = 20  # dots after each other: `a.b.c`


class Known:
    """The values of one file; counts what it looks up, so that the sum is bounded."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._left = _LOOKUPS_MAX
        self._chained = 0
        self._enums: dict[str, dict[str, Json]] = {}

    def evaluate(self, node: Node) -> Constant:
        """The constant an expression stands for."""
        return constant(node, self._lookup)

    def enum(self, name: str) -> dict[str, Json]:
        """The members of an enumeration; none when there is no such enumeration."""
        if name not in self._enums:
            self._enums[name] = {}  # a member that names its own enumeration from outside
            node = self._scope.enum(name)
            if node is not None:
                self._enums[name] = members(node, self._evaluate_member)
        return self._enums[name]

    def member(self, full: str) -> Constant:
        """`Color.Red`, as a type or a value."""
        holder, _, name = full.rpartition(".")
        return self.enum(holder).get(name, UNKNOWN)

    def enum_of(self, node: Node) -> Typ | None:
        """The enumeration whose member an expression names; None when it does not."""
        holder = node.child_by_field_name("object")
        if holder is None or self._scope.enum(said(holder)) is None:
            return None
        return enum_type(self.enum(said(holder)))

    def type_of(self, node: Node | None) -> Typ:
        """`typeof LIST`: each value of a list or table of constants is taken for a type of its own,
        as after `as const`.
        """
        value = UNKNOWN if node is None else self.evaluate(node)
        if isinstance(value, NotConstant):
            return Unknown()
        if isinstance(value, list) and value and all(isinstance(one, str | int) for one in value):
            return List(choice(value))
        if isinstance(value, dict):
            return Object(None, tuple(Field(key, _own_type(one)) for key, one in value.items()))
        return told.type_of(value)

    def _lookup(self, node: Node) -> Constant | Node:
        self._left -= 1
        if self._left < 0:
            return UNKNOWN
        if node.type in {"identifier", "shorthand_property_identifier"}:
            return self._scope.values.get(said(node), UNKNOWN)
        holder, key = node.child_by_field_name("object"), node.child_by_field_name("property")
        if node.type == "subscript_expression":
            key = node.child_by_field_name("index")
        name = None if key is None else key_of(key)
        if holder is None or name is None or self._chained >= _CHAIN_MAX:
            return UNKNOWN
        if self._scope.enum(said(holder)) is not None:
            return self.enum(said(holder)).get(name, UNKNOWN)
        self._chained += 1
        value = self.evaluate(holder)
        self._chained -= 1
        return value.get(name, UNKNOWN) if isinstance(value, dict) else UNKNOWN

    def _evaluate_member(self, node: Node, before: dict[str, Json]) -> Constant:
        """A member may name those before it."""

        def lookup(name: Node) -> Constant | Node:
            return before[said(name)] if said(name) in before else self._lookup(name)

        return constant(node, lookup)


def _own_type(value: Json) -> Typ:
    return choice([value]) if isinstance(value, str | int) else told.type_of(value)
