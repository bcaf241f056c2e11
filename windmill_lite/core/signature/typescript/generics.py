"""Types with arguments: `Array<T>`, `Record<K, V>`, `Partial<T>`, and what `T["name"]` picks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from windmill_lite.core.signature.grammar import named, said
from windmill_lite.core.signature.types import (
    Choice,
    List,
    Map,
    Nullable,
    Object,
    Resource,
    Tuple,
    Typ,
    Unknown,
)
from windmill_lite.core.signature.typescript.objects import optional_fields, picked, record
from windmill_lite.core.signature.typescript.place import Place, Reader
from windmill_lite.core.signature.typescript.vocabulary import GLOBAL, LISTS, TRANSPARENT
from windmill_lite.core.signature.unions import choice, union

if TYPE_CHECKING:
    from tree_sitter import Node


def built_in(reader: Reader, name: str, given: list[Node], place: Place) -> Typ | None:
    """A type of the language with its arguments; None when the language has none of that name."""
    if name == "Resource":
        return _resource(reader, given, place)
    if name not in _FORMS and name not in GLOBAL and name not in TRANSPARENT:
        return None
    types = [reader.read(node, place) for node in given]
    first = types[0] if types else Unknown()
    second = types[1] if len(types) > 1 else Unknown()
    if name in TRANSPARENT:
        return first
    if name in _FORMS:
        return _made(name, first, second)
    if name == "Record":
        return record(reader, first, second)
    return List(first) if name in LISTS else GLOBAL[name]


_FORMS = frozenset({"Partial", "Required", "Pick", "Omit", "NonNullable", "Exclude", "Extract"})


def _made(name: str, typ: Typ, other: Typ) -> Typ:
    """A type made from another one."""
    match name:
        case "Partial" | "Required":
            return optional_fields(typ, required=name == "Required")
        case "Pick" | "Omit":
            return picked(typ, other, keep=name == "Pick")
        case "NonNullable":
            return typ.of if isinstance(typ, Nullable) else typ
        case _:
            return _among(typ, other, keep=name == "Extract")


def _resource(reader: Reader, given: list[Node], place: Place) -> Typ:
    """`wmill.Resource<"postgresql">` names the type of the resource."""
    told = reader.read(given[0], place) if given else Unknown()
    name = told.values[0] if isinstance(told, Choice) else None
    return Resource(name if isinstance(name, str) else "resource")


def _among(typ: Typ, others: Typ, *, keep: bool) -> Typ:
    """The constants of a choice that are, or are not, among others."""
    if isinstance(typ, Nullable):
        rest = _among(typ.of, others, keep=keep)
        return rest if keep else Nullable(rest)
    if not isinstance(typ, Choice) or not isinstance(others, Choice):
        return typ
    kept = [value for value in typ.values if (value in others.values) is keep]
    return choice(kept) if kept else Unknown()


def looked_up(reader: Reader, node: Node, place: Place) -> Typ:
    """`T["name"]`, `T[number]`, `(typeof LIST)[number]`, `(typeof TABLE)[keyof typeof TABLE]`."""
    parts = named(node)
    if len(parts) != 2:
        return Unknown()
    holder = reader.read(parts[0], place)
    holder = holder.of if isinstance(holder, Nullable) else holder
    if isinstance(holder, List):
        return holder.of or Unknown()
    if isinstance(holder, Map):
        return holder.of
    if isinstance(holder, Tuple):
        return union(holder.places)
    key = reader.read(parts[1], place)
    if not isinstance(holder, Object) or not isinstance(key, Choice):
        return Unknown()
    found = [
        field.typ if field.required else Nullable(field.typ)
        for field in holder.fields
        if field.name in key.values
    ]
    return union(found) if found else Unknown()


def bindings(reader: Reader, declaration: Node, given: list[Node], place: Place) -> dict[str, Typ]:
    """What the parameters of a generic type stand for: the arguments, or their defaults."""
    bound: dict[str, Typ] = {}
    for at, parameter in enumerate(named(declaration.child_by_field_name("type_parameters"))):
        default = parameter.child_by_field_name("value")
        constraint = parameter.child_by_field_name("constraint")
        node = given[at] if at < len(given) else _inner(default) or _inner(constraint)
        bound[said(parameter.child_by_field_name("name"))] = reader.read(node, place)
    return bound


def _inner(node: Node | None) -> Node | None:
    return next(iter(named(node)), None)
