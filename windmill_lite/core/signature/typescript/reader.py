"""A TypeScript type becomes a type.

Never fails: what JSON cannot carry is `Unknown`, and a name that no definition explains is that of
a resource type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from windmill_lite.core.signature.bounds import (
    FIELDS_MAX,
    MODEL_DEPTH_MAX,
    TYPE_DEPTH_MAX,
    TYPES_MAX,
)
from windmill_lite.core.signature.grammar import named, said
from windmill_lite.core.signature.names import snake_case
from windmill_lite.core.signature.types import (
    DynSelect,
    Field,
    List,
    Map,
    Nullable,
    Object,
    Resource,
    Str,
    Tuple,
    Typ,
    Unknown,
)
from windmill_lite.core.signature.typescript.enums import enum_type
from windmill_lite.core.signature.typescript.generics import bindings, built_in, looked_up
from windmill_lite.core.signature.typescript.known import Known
from windmill_lite.core.signature.typescript.objects import keys_of, read_members, together
from windmill_lite.core.signature.typescript.place import Place
from windmill_lite.core.signature.typescript.scope import Scope
from windmill_lite.core.signature.typescript.values import (
    NotConstant,
    text_of,
)
from windmill_lite.core.signature.typescript.vocabulary import GLOBAL, PREDEFINED, WINDMILL
from windmill_lite.core.signature.unions import choice, union

if TYPE_CHECKING:
    from tree_sitter import Node

_ANNOTATIONS = frozenset(
    {"type_annotation", "opting_type_annotation", "omitting_type_annotation"}
    | {"adding_type_annotation", "readonly_type", "parenthesized_type"}
)


class TypeReader:
    """Reads the types of one script; counts what it has read, so that the sum is bounded."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.known = Known(scope)
        self.fields_left = FIELDS_MAX
        self._types_left = TYPES_MAX

    def parameter(self, node: Node | None, bound: Mapping[str, Typ]) -> Typ:
        """The type of one parameter of the entry point, with a fresh allowance of fields."""
        self.fields_left = FIELDS_MAX
        return self.read(node, Place(bound=bound))

    def read(self, node: Node | None, place: Place) -> Typ:
        """The type that a node at `place` stands for."""
        self._types_left -= 1
        if node is None or place.depth > TYPE_DEPTH_MAX or self._types_left < 0 or node.has_error:
            return (
                Unknown()
            )  # an error that was forgiven: a spelling that the grammar does not know
        place = replace(place, depth=place.depth + 1)
        match node.type:
            case "predefined_type":
                return PREDEFINED.get(said(node), Unknown())
            case "literal_type":
                return self._literal(node)
            case "type_identifier" | "nested_type_identifier" | "generic_type":
                return self._named(node, place)
            case "union_type":
                return union([self.read(part, place) for part in _flat(node)])
            case "array_type" | "tuple_type":
                return self._list(node, place)
            case kind if kind in _ANNOTATIONS:
                return self.read(next(iter(named(node)), None), place)
            case _:
                return self._other(node, place)

    def _other(self, node: Node, place: Place) -> Typ:
        match node.type:
            case "object_type" | "interface_body":
                return read_members(self, node, place)
            case "intersection_type":
                return together([self.read(part, place) for part in _flat(node)])
            case "template_literal_type":
                return Str()
            case "index_type_query":
                return keys_of(self.read(next(iter(named(node)), None), place))
            case "lookup_type":
                return looked_up(self, node, place)
            case "type_query":
                return self.known.type_of(next(iter(named(node)), None))
            case _:
                return Unknown()

    def _literal(self, node: Node) -> Typ:
        inner = next(iter(named(node)), None)
        if inner is None:
            return Unknown()
        if inner.type == "string":
            text = text_of(inner)
            return Str() if text is None else choice([text])
        known = self.known.evaluate(inner)
        if known is None:
            return Nullable(Unknown())
        return Unknown() if isinstance(known, NotConstant | list | dict) else choice([known])

    def _list(self, node: Node, place: Place) -> Typ:
        parts = named(node)
        if node.type == "array_type":
            return List(self.read(next(iter(parts), None), place))
        if any(_loose(part) for part in parts):
            return List(union([self._place_of_tuple(part, place) for part in parts]))
        return Tuple(tuple(self._place_of_tuple(part, place) for part in parts))

    def _place_of_tuple(self, part: Node, place: Place) -> Typ:
        if part.type in {"required_parameter", "optional_parameter"}:
            return self.read(part.child_by_field_name("type"), place)
        if part.type == "optional_type":
            return self.read(next(iter(named(part)), None), place)
        if part.type == "rest_type":
            rest = self.read(next(iter(named(part)), None), place)
            return (rest.of or Unknown()) if isinstance(rest, List) else Unknown()
        return self.read(part, place)

    # ---- names -----------------------------------------------------------------------------------

    def _named(self, node: Node, place: Place) -> Typ:
        given: list[Node] = []
        if node.type == "generic_type":
            given = named(node.child_by_field_name("type_arguments"))
            name_node = node.child_by_field_name("name")
            if name_node is None:
                return Unknown()
            node = name_node
        full = said(node)
        name = full.rpartition(".")[2]
        if full in place.bound:
            return place.bound[full]
        for prefix in ("DynSelect_", "DynMultiselect_"):
            if name.startswith(prefix):
                return DynSelect(name.removeprefix(prefix), multiple="Multi" in prefix)
        if name in WINDMILL:
            return WINDMILL[name]
        if full in self.scope.types:
            return self._declared(full, given, place)
        member = self.known.member(full)
        if not isinstance(member, NotConstant | list | dict):
            return choice([member])
        found = built_in(self, name, given, place) if given else GLOBAL.get(full)
        if found is None and given and "." in full:
            return Unknown()  # made elsewhere: `z.infer<typeof Shape>`
        return Resource(snake_case(name)) if found is None else found

    def _declared(self, full: str, given: list[Node], place: Place) -> Typ:
        """A type of the file; one within itself, or too deep, is the name of a resource type."""
        nodes = self.scope.types[full]
        name = snake_case(full.rpartition(".")[2])
        kind = nodes[0].type
        if kind == "enum_declaration":
            return enum_type(self.known.enum(full))
        if (
            full in place.names
            or len(place.names) >= MODEL_DEPTH_MAX
            or kind.endswith("class_declaration")
        ):
            return Resource(name)
        inner = place.inside(full, bindings(self, nodes[0], given, place))
        if kind == "interface_declaration":
            return self._interface(name, nodes, inner)
        typ = self.read(nodes[0].child_by_field_name("value"), inner)
        if typ in (Object(), Map(Unknown())):
            return Resource(name)
        return replace(typ, name=name) if isinstance(typ, Object) and not typ.name else typ

    def _interface(self, name: str, nodes: list[Node], place: Place) -> Typ:
        fields: dict[str, Field] = {}
        others: Typ | None = None
        for node in nodes:
            for clause in named(node):
                if clause.type == "extends_type_clause":
                    parts = [self.read(part, place) for part in named(clause)]
                elif clause.type == "interface_body":
                    parts = [self.read(clause, place)]
                else:
                    continue
                for part in parts:
                    if isinstance(part, Object):
                        fields |= {field.name: field for field in part.fields}
                    elif isinstance(part, Map):
                        others = part
        if not fields:
            return others or Resource(name)
        return Object(name, tuple(fields.values()))


def _flat(node: Node) -> list[Node]:
    """`a | b | c` as a list, without recursion: generated code writes long unions."""
    parts: list[Node] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type == node.type:
            waiting.extend(reversed(named(one)))
        else:
            parts.append(one)
    return parts


def _loose(part: Node) -> bool:
    """Whether a place of a tuple may be missing or repeated."""
    if part.type in {"optional_type", "rest_type", "optional_parameter"}:
        return True
    pattern = part.child_by_field_name("name") or part.child_by_field_name("pattern")
    return pattern is not None and pattern.type == "rest_pattern"
