"""One type out of several: what `A | B` means for a form and for a check."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from windmill_lite.core.signature.bounds import ENUM_VALUES_MAX
from windmill_lite.core.signature.types import (
    Bool,
    Choice,
    Either,
    Field,
    Float,
    Int,
    Json,
    Nullable,
    Object,
    OneOf,
    Refined,
    Str,
    Typ,
    Unknown,
)

Labels: TypeAlias = tuple[tuple[str, str], ...]

# Windmill's forms know these two as the field that says which variant is meant.
DISCRIMINATORS = ("label", "kind")


def union(options: Iterable[Typ]) -> Typ:
    """The type of a value that is one of `options`; the order of the text is kept.

    Constants merge into one choice, objects into a OneOf with its discriminator, and an option
    that contains another swallows it. `Nullable` only ever appears outermost.
    """
    flat: list[Typ] = []
    nullable = _flatten(options, flat)
    merged = _absorb(_merge_choices(_once(flat)))
    result = _combine(merged)
    return Nullable(result) if nullable else result


def choice(values: Sequence[Json], labels: Labels = (), description: str = "") -> Typ:
    """The type of some constants, each counted once; None among them makes it nullable.

    Both booleans are simply Bool, and more constants than a form can offer are what they have in
    common: a choice that is cut short would refuse what the script takes.
    """
    kept = _distinct(value for value in values if value is not None)
    typ: Typ = Choice(tuple(kept), labels, description)
    if not kept or len(kept) > ENUM_VALUES_MAX:
        typ = _whole(kept)
    elif len(kept) == 2 and all(isinstance(value, bool) for value in kept):
        typ = Bool()
    return Nullable(typ) if None in values else typ


def refined(typ: Typ, keywords: dict[str, Json]) -> Typ:
    """`typ` with more keywords; the later win. What cannot be null stays inside `Nullable`."""
    if not keywords:
        return typ
    if isinstance(typ, Nullable):
        return Nullable(refined(typ.of, keywords))
    if isinstance(typ, Refined):
        return refined(typ.of, {**dict(typ.keywords), **keywords})
    rest = dict(keywords)
    discriminator = rest.pop("discriminator", None)
    if isinstance(typ, OneOf) and isinstance(discriminator, str):
        typ = OneOf(typ.variants, discriminator)
    return Refined(typ, tuple(rest.items())) if rest else typ


def constants(field: Field) -> tuple[Json, ...]:
    """The constants that a field is limited to; nothing when it is not."""
    typ = field.typ.of if isinstance(field.typ, Refined) else field.typ
    return typ.values if isinstance(typ, Choice) else ()


def _flatten(options: Iterable[Typ], into: list[Typ]) -> bool:
    nullable = False
    for option in options:
        match option:
            case Nullable(of):
                nullable = True  # None alone is read as Nullable(Unknown)
                _flatten([] if of == Unknown() else [of], into)
            case Either(parts):
                nullable = _flatten(parts, into) or nullable
            case OneOf(variants):
                _flatten(variants, into)
            case _:
                into.append(option)
    return nullable


def _once(options: list[Typ]) -> list[Typ]:
    """Every type once, but for choices: generated code has thousands, and they are merged."""
    kept: list[Typ] = []
    seen: list[Typ] = []
    for option in options:
        if isinstance(option, Choice):
            kept.append(option)
        elif option not in seen:
            seen.append(option)
            kept.append(option)
    return kept


def _merge_choices(options: list[Typ]) -> list[Typ]:
    choices = [option for option in options if isinstance(option, Choice)]
    if len(choices) < 2:
        return options
    merged: Typ = choices[0]
    if any(one != merged for one in choices):
        values = [value for option in choices for value in option.values]
        merged = choice(values, tuple(label for option in choices for label in option.labels))
    at = next(at for at, option in enumerate(options) if isinstance(option, Choice))
    rest = [option for option in options if not isinstance(option, Choice)]
    return [*rest[:at], merged, *rest[at:]]


def _absorb(options: list[Typ]) -> list[Typ]:
    def swallowed(option: Typ) -> bool:
        match option:
            case Int():
                return Float() in options
            case Str(format=str()):
                return Str() in options
            case Choice(values):
                return _whole(values) in options
            case _:
                return False

    return [option for option in options if not swallowed(option)]


def _combine(options: list[Typ]) -> Typ:
    if not options or any(isinstance(option, Unknown) for option in options):
        return Unknown()
    if len(options) == 1:
        return options[0]
    objects = [option for option in options if isinstance(option, Object) and _is_record(option)]
    if len(objects) == len(options):
        return OneOf(tuple(objects), _discriminator(objects))
    return Either(tuple(options))


def _is_record(option: Object) -> bool:
    """Whether an object says what is in it; a plain dict does not."""
    return option.name is not None or bool(option.fields)


def _discriminator(variants: list[Object]) -> str | None:
    """The field whose constants differ from variant to variant, `label` and `kind` first."""
    first = [field.name for field in variants[0].fields if constants(field)]
    for name in sorted(first, key=lambda name: name not in DISCRIMINATORS):
        seen: list[Json] = []
        for variant in variants:
            values = [v for field in variant.fields if field.name == name for v in constants(field)]
            seen.extend(values)
            if not values or len(_distinct(seen)) < len(seen):
                break
        else:
            return name
    return None


def _distinct(values: Iterable[Json]) -> list[Json]:
    # True == 1 in Python, but not in JSON.
    return list({(type(value), str(value)): value for value in values}.values())


def _whole(values: Sequence[Json]) -> Typ:
    """The type that holds these constants and more; Unknown when they have none in common."""
    kinds = {type(value) for value in values}
    if kinds == {str}:
        return Str()
    return Int() if kinds == {int} else Unknown()
