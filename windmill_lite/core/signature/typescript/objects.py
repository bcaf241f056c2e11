"""Types of objects: what is between braces becomes fields, and what several say is put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from windmill_lite.core.signature.grammar import named, said
from windmill_lite.core.signature.types import (
    Choice,
    Field,
    Map,
    Nullable,
    Object,
    Str,
    Typ,
    Unknown,
)
from windmill_lite.core.signature.typescript.docs import comment_before
from windmill_lite.core.signature.typescript.place import Place, Reader
from windmill_lite.core.signature.typescript.values import key_of
from windmill_lite.core.signature.unions import choice

if TYPE_CHECKING:
    from tree_sitter import Node


def read_members(reader: Reader, body: Node, place: Place) -> Typ:
    """The object between two braces. Methods are no data; `[key: string]: T` alone is a map."""
    fields: dict[str, Field] = {}
    others: Typ | None = None
    parts = body.named_children
    for at, node in enumerate(parts):
        if node.type == "property_signature" and reader.fields_left > 0:
            field = _field(reader, node, comment_before(parts, at), place)
            if field is not None:
                fields[field.name] = field
        elif node.type == "index_signature":
            found = _indexed(reader, node, place)
            if isinstance(found, Object):
                fields |= {field.name: field for field in found.fields}
            else:
                others = found
    if others is not None and not fields:
        return Object() if others == Unknown() else Map(others)
    return Object(None, tuple(fields.values()))


def _field(reader: Reader, node: Node, description: str, place: Place) -> Field | None:
    name_node = node.child_by_field_name("name")
    name = None if name_node is None else key_of(name_node)
    if name is None:
        return None
    typ = reader.read(node.child_by_field_name("type"), place)
    optional = any(part.type == "?" for part in node.children)
    return field_of(reader, name, typ, optional=optional, description=description)


def field_of(
    reader: Reader, name: str, typ: Typ, *, optional: bool, description: str = ""
) -> Field:
    """A field; one that may be null may also be left out."""
    reader.fields_left -= 1
    nullable = isinstance(typ, Nullable)
    of = typ.of if isinstance(typ, Nullable) else typ
    return Field(name, of, required=not (optional or nullable), description=description)


def _indexed(reader: Reader, node: Node, place: Place) -> Typ:
    """`[key: string]: T` is T; `[K in "a" | "b"]?: T` is an object with these fields."""
    value = node.child_by_field_name("type")
    clause = next((part for part in named(node) if part.type == "mapped_type_clause"), None)
    if clause is None:
        return reader.read(value, place)
    if clause.child_by_field_name("alias") is not None:
        return Unknown()
    keys = reader.read(clause.child_by_field_name("type"), place)
    name = said(clause.child_by_field_name("name"))
    optional = value is not None and value.type == "opting_type_annotation"
    if not isinstance(keys, Choice):
        bound = {**place.bound, name: keys}
        return reader.read(value, replace(place, bound=bound))
    fields = []
    for key in keys.values:
        if not isinstance(key, str) or reader.fields_left <= 0:
            continue
        bound = {**place.bound, name: Choice((key,))}
        typ = reader.read(value, replace(place, bound=bound))
        fields.append(field_of(reader, key, typ, optional=optional))
    return Object(None, tuple(fields))


def record(reader: Reader, keys: Typ, of: Typ) -> Typ:
    """`Record<"a" | "b", T>` has these fields, `Record<string, T>` any."""
    if isinstance(keys, Choice):
        names = [key for key in keys.values if isinstance(key, str)]
        allowed = names[: max(reader.fields_left, 0)]
        return Object(None, tuple(field_of(reader, name, of, optional=False) for name in allowed))
    return Object() if of == Unknown() else Map(of)


def together(parts: Sequence[Typ]) -> Typ:
    """`A & B`: the fields of all, the later win; `string & {}` is a string."""
    kept = [part for part in parts if part != Object()]
    if not kept:
        return Object() if parts else Unknown()
    if len(kept) == 1:
        return kept[0]
    fields: dict[str, Field] = {}
    for part in kept:
        if not isinstance(part, Object):
            return Unknown()
        fields |= {field.name: field for field in part.fields}
    return Object(None, tuple(fields.values()))


def keys_of(typ: Typ) -> Typ:
    """`keyof T`: the names of its fields, or any text."""
    if isinstance(typ, Object) and typ.fields:
        return choice([field.name for field in typ.fields])
    return Str()


def optional_fields(typ: Typ, *, required: bool) -> Typ:
    """`Partial<T>` and `Required<T>`."""
    if not isinstance(typ, Object):
        return typ
    return Object(None, tuple(replace(field, required=required) for field in typ.fields))


def picked(typ: Typ, keys: Typ, *, keep: bool) -> Typ:
    """`Pick<T, K>`, and `Omit<T, K>` when they are not to be kept."""
    if not isinstance(typ, Object) or not isinstance(keys, Choice):
        return typ
    names = set(map(str, keys.values))
    return Object(None, tuple(field for field in typ.fields if (field.name in names) is keep))
