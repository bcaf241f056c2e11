"""What a parameter can be, in words every language shares.

A parser turns its language's types into these; `schema.py` turns these into JSON Schema. No type
here knows a language, and none knows a form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything: no annotation, `Any`, or a type that JSON cannot carry."""


@dataclass(frozen=True, slots=True)
class Str:
    format: str | None = None  # date, date-time, email, sql, uuid...


@dataclass(frozen=True, slots=True)
class Int:
    pass


@dataclass(frozen=True, slots=True)
class Float:
    pass


@dataclass(frozen=True, slots=True)
class Bool:
    pass


@dataclass(frozen=True, slots=True)
class Bytes:
    """Travels as base64 text."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some constants: a literal type or an enumeration."""

    values: tuple[Json, ...]
    labels: tuple[tuple[str, str], ...] = ()  # value as text -> what a person reads
    description: str = ""


@dataclass(frozen=True, slots=True)
class List:
    """`of` is None for a bare `list`: its items are shown as text, but may be anything."""

    of: Typ | None
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Tuple:
    """A list of fixed length, each place with its own type."""

    places: tuple[Typ, ...]


@dataclass(frozen=True, slots=True)
class Map:
    """An object with any names and one type of values."""

    of: Typ


@dataclass(frozen=True, slots=True)
class Resource:
    name: str  # as the schema spells it: `postgresql`, `s3_object`


@dataclass(frozen=True, slots=True)
class DynSelect:
    """The options come from a function of the script, recomputed from the other arguments."""

    name: str
    multiple: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One named part of an object; `name` is the key in JSON."""

    name: str
    typ: Typ
    required: bool = True
    default: Json = None
    has_default: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class Object:
    """`name` is None for a plain dict; then `fields` is what its default shows, or nothing."""

    name: str | None = None
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class OneOf:
    """Objects of which exactly one is meant; a constant `discriminator` field tells which."""

    variants: tuple[Object, ...]
    discriminator: str | None = None


@dataclass(frozen=True, slots=True)
class Either:
    """Types that are not all objects: `int | str`."""

    options: tuple[Typ, ...]


@dataclass(frozen=True, slots=True)
class Nullable:
    """`of`, or null. On a parameter or field it also means: may be left out."""

    of: Typ


@dataclass(frozen=True, slots=True)
class Refined:
    """`of` with further JSON Schema keywords: minimum, pattern, description, title..."""

    of: Typ
    keywords: tuple[tuple[str, Json], ...]


Typ: TypeAlias = (
    Unknown
    | Str
    | Int
    | Float
    | Bool
    | Bytes
    | Choice
    | List
    | Tuple
    | Map
    | Resource
    | DynSelect
    | Object
    | OneOf
    | Either
    | Nullable
    | Refined
)
