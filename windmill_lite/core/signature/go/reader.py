"""A Go type becomes a type: what JSON must look like for `encoding/json` to fill it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from windmill_lite.core.signature.bounds import (
    FIELDS_MAX,
    MODEL_DEPTH_MAX,
    TYPE_DEPTH_MAX,
    TYPES_MAX,
)
from windmill_lite.core.signature.go.scope import Scope, unquoted
from windmill_lite.core.signature.grammar import named, said
from windmill_lite.core.signature.prose import plain_text
from windmill_lite.core.signature.types import (
    Bool,
    Bytes,
    Field,
    Float,
    Int,
    List,
    Map,
    Nullable,
    Object,
    Refined,
    Str,
    Typ,
    Unknown,
)
from windmill_lite.core.signature.unions import choice

if TYPE_CHECKING:
    from tree_sitter import Node

_NATURAL = Refined(Int(), (("minimum", 0),))
_PLAIN: Mapping[str, Typ] = MappingProxyType(
    {
        "string": Str(),
        "bool": Bool(),
        **dict.fromkeys(("int", "int8", "int16", "int32", "int64", "rune"), Int()),
        **dict.fromkeys(("uint", "uint8", "uint16", "uint32", "uint64", "byte"), _NATURAL),
        **dict.fromkeys(("float32", "float64"), Float()),
        "any": Unknown(),
        "error": Unknown(),
        "time.Time": Str("date-time"),
        "time.Duration": Int(),
        "json.Number": Float(),
        "json.RawMessage": Unknown(),
        "uuid.UUID": Str("uuid"),
        "url.URL": Unknown(),
        "net.IP": Str(),
        "big.Int": Int(),
    }
)
_TAG = re.compile(r'json:"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class _Place:
    depth: int = 0
    names: tuple[str, ...] = ()  # of the types that are being read around it


@dataclass(frozen=True, slots=True)
class _Tag:
    """What `json:"name,omitempty"` says of a field."""

    name: str = ""
    optional: bool = False
    text: bool = False  # a number in quotes
    skip: bool = False


class TypeReader:
    """Reads the types of one file; counts what it has read, so that the sum is bounded."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._types_left = TYPES_MAX
        self._fields_left = FIELDS_MAX

    def parameter(self, node: Node | None) -> Typ:
        """The type of one parameter, with a fresh allowance of fields."""
        self._fields_left = FIELDS_MAX
        return Unknown() if node is None else self._read(node, _Place())

    def _read(self, node: Node, place: _Place) -> Typ:
        self._types_left -= 1
        if place.depth > TYPE_DEPTH_MAX or self._types_left < 0:
            return Unknown()
        place = replace(place, depth=place.depth + 1)
        match node.type:
            case "type_identifier":
                return self._named(said(node), place)
            case "qualified_type":
                return _PLAIN.get(said(node), Unknown())
            case "pointer_type" | "parenthesized_type":
                inner = self._read(named(node)[0], place)
                pointer = node.type == "pointer_type" and not isinstance(inner, Nullable)
                return Nullable(inner) if pointer else inner
            case "slice_type" | "array_type":
                return self._list(node, place)
            case "map_type":
                return self._map(node, place)
            case "struct_type":
                return Object(None, tuple(self._fields(node, place).values()))
            case _:
                return Unknown()

    def _named(self, name: str, place: _Place) -> Typ:
        """A type of the file hides the one that is built in."""
        found = self._scope.types.get(name)
        if found is None:
            return _PLAIN.get(name, Unknown())
        if name in place.names or len(place.names) >= MODEL_DEPTH_MAX:
            return Object() if found.type == "struct_type" else Unknown()
        typ = self._read(found, replace(place, names=(*place.names, name)))
        constants = self._scope.constants.get(name)
        if not constants or not isinstance(typ, Str | Int):
            return typ
        labels = () if isinstance(typ, Str) else tuple((str(v), k) for k, v in constants.items())
        return choice(list(constants.values()), labels)

    def _list(self, node: Node, place: _Place) -> Typ:
        element = node.child_by_field_name("element")
        if element is None:
            return Unknown()
        if node.type == "slice_type" and said(element) in {"byte", "uint8"}:
            return Bytes()
        return List(self._read(element, place))

    def _map(self, node: Node, place: _Place) -> Typ:
        value = node.child_by_field_name("value")
        of = Unknown() if value is None else self._read(value, place)
        return Object() if of == Unknown() else Map(of)

    # ---- structs ---------------------------------------------------------------------------------

    def _fields(self, struct: Node, place: _Place) -> dict[str, Field]:
        """The fields by their names in JSON; those of embedded structs are among them."""
        found: dict[str, Field] = {}
        body = named(struct)
        lines = [] if not body else body[0].named_children
        for at, node in enumerate(lines):
            if node.type != "field_declaration" or self._fields_left <= 0:
                continue
            tag = _tag(node.child_by_field_name("tag"))
            if tag.skip:
                continue
            names = node.children_by_field_name("name")
            if not names and not tag.name:
                for name, field in self._embedded(node, place).items():
                    found.setdefault(name, field)
            text = _words(lines, at)
            for field in self._named_fields(node, tag, text, place):
                found[field.name] = field
        return found

    def _named_fields(self, node: Node, tag: _Tag, text: str, place: _Place) -> Iterator[Field]:
        typ_node = node.child_by_field_name("type")
        names = [said(name) for name in node.children_by_field_name("name")]
        names = names or ([said(typ_node)] if tag.name else [])
        for name in names:
            if not name[:1].isupper():
                continue  # Go keeps it to itself
            self._fields_left -= 1
            typ = Unknown() if typ_node is None else self._read(typ_node, place)
            optional = tag.optional or isinstance(typ, Nullable)
            typ = typ.of if isinstance(typ, Nullable) else typ
            typ = Str() if tag.text else typ
            yield Field(tag.name or name, typ, required=not optional, description=text)

    def _embedded(self, node: Node, place: _Place) -> dict[str, Field]:
        name = said(node.child_by_field_name("type"))
        found = self._scope.types.get(name)
        if found is None or found.type != "struct_type" or name in place.names:
            return {}
        if len(place.names) >= MODEL_DEPTH_MAX:
            return {}
        return self._fields(found, replace(place, names=(*place.names, name)))


def _tag(node: Node | None) -> _Tag:
    found = _TAG.search(unquoted(said(node)) or "") if node is not None else None
    if found is None:
        return _Tag()
    name, *options = found[1].split(",")
    if name == "-" and not options:
        return _Tag(skip=True)
    optional = "omitempty" in options or "omitzero" in options
    return _Tag(name, optional, text="string" in options)


def _words(lines: list[Node], at: int) -> str:
    """The comment on the line of a field, or the lines of comment right above it."""
    node = lines[at]
    after = lines[at + 1] if at + 1 < len(lines) else None
    row = node.end_point.row
    if after is not None and after.type == "comment" and after.start_point.row == row:
        return comment_text([after])
    return comment_text(comments_above(lines, at))


def comments_above(lines: list[Node], at: int) -> list[Node]:
    """The comments that touch the node at `at` from above."""
    found: list[Node] = []
    row = lines[at].start_point.row
    for before in range(at - 1, -1, -1):
        one = lines[before]
        if one.type != "comment" or one.end_point.row != row - 1:
            break
        if before and _trails(lines[before - 1], one):
            break
        found.append(one)
        row = one.start_point.row
    return found[::-1]


def _trails(node: Node, comment: Node) -> bool:
    """Whether a comment stands on the line of what is before it, and so belongs to that."""
    return node.type != "comment" and node.end_point.row == comment.start_point.row


def comment_text(comments: list[Node]) -> str:
    """What comments say, as one line."""
    return plain_text(" ".join(_bare(said(one)) for one in comments))


def _bare(text: str) -> str:
    return text[2:] if text.startswith("//") else text.strip("/*").strip()
