"""A signature as JSON Schema: the subset of 2020-12 that Windmill's forms, files and API speak.

Every property has `type`, `description` and `default`, as Windmill writes them (`type` is "" for
anything, `default` is null when there is none), and `originalType` where Windmill writes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from windmill_lite.core.signature.model import Arg, Signature
from windmill_lite.core.signature.types import (
    Bool,
    Bytes,
    Choice,
    DynSelect,
    Either,
    Field,
    Float,
    Int,
    Json,
    List,
    Map,
    Nullable,
    Object,
    OneOf,
    Refined,
    Resource,
    Str,
    Tuple,
    Typ,
    Unknown,
)
from windmill_lite.core.signature.unions import DISCRIMINATORS, constants

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]
_TITLE_NAMES_MAX = 3  # of the fields of a variant that has no name and nothing that tells it


def to_schema(signature: Signature) -> Schema:
    """The schema of a script's arguments; `order` is the order of the parameters."""
    return {
        "$schema": DIALECT,
        "type": "object",
        "properties": {arg.name: _argument(arg) for arg in signature.args},
        "required": [arg.name for arg in signature.args if not arg.has_default],
        "order": [arg.name for arg in signature.args],
    }


def _argument(arg: Arg) -> Schema:
    schema = _described(arg.typ, arg.description)
    schema["default"] = arg.default
    return schema


def _described(typ: Typ, description: str) -> Schema:
    schema = type_schema(typ)
    schema["description"] = description or schema.get("description", "")
    return schema


def type_schema(typ: Typ) -> Schema:
    """The schema of one type, without what belongs to the parameter that has it."""
    match typ:
        case Unknown():
            return {"type": ""}
        case Str() | Int() | Float() | Bool() | Bytes():
            return _scalar(typ)
        case Choice():
            return _choice(typ)
        case List() | Tuple():
            return _array(typ)
        case Nullable(of):
            return {**type_schema(of), "nullable": True}
        case Refined(of, keywords):
            return {**type_schema(of), **dict(keywords)}
        case Either(options):
            return {"type": "", "anyOf": [type_schema(option) for option in options]}
        case _:
            return _object(typ)


def _scalar(typ: Str | Int | Float | Bool | Bytes) -> Schema:
    match typ:
        case Str(format=None):
            return {"type": "string", "originalType": "string"}
        case Str(format=name):
            return {"type": "string", "format": name}
        case Bytes():
            return {"type": "string", "contentEncoding": "base64", "originalType": "bytes"}
        case Int():
            return {"type": "integer"}
        case Float():
            return {"type": "number"}
        case Bool():
            return {"type": "boolean"}


def _choice(typ: Choice) -> Schema:
    kind = _json_type(typ.values)
    schema: Schema = {"type": kind, "enum": list(typ.values)}
    if kind == "string":
        schema["originalType"] = "enum"
    if typ.labels:
        schema["enumLabels"] = dict(typ.labels)
    if typ.description:
        schema["description"] = typ.description
    return schema


def _json_type(values: Iterable[Json]) -> str:
    """The type all values share; "" when they differ."""
    names = {bool: "boolean", int: "integer", float: "number", str: "string"}
    kinds = {names.get(type(value), "") for value in values}
    if kinds == {"integer", "number"}:
        return "number"
    return kinds.pop() if len(kinds) == 1 else ""


def _array(typ: List | Tuple) -> Schema:
    if isinstance(typ, Tuple):
        places = [type_schema(place) for place in typ.places]
        count = len(places)
        return {
            "type": "array",
            "prefixItems": places,
            "items": {},
            "minItems": count,
            "maxItems": count,
        }
    schema: Schema = {"type": "array", **_items(typ.of)}
    if typ.unique:
        schema["uniqueItems"] = True
    return schema


def _items(of: Typ | None) -> Schema:
    """What stands beside `type: array`. For models the format sits on the array, as in Windmill."""
    if isinstance(of, Object):
        return _object_items(of)
    if isinstance(of, Nullable):
        schema = _items(of.of)
        schema["items"] = {**schema["items"], "nullable": True}
        return schema
    items, original = _item(of)
    return {"items": items, "originalType": f"{original}[]"} if original else {"items": items}


def _item(of: Typ | None) -> tuple[Schema, str | None]:
    """The schema of an item, and Windmill's word for what it was."""
    match of:
        case None:
            # Shown as text, checked as anything: this spelling is Windmill's for a bare list, and
            # a list of declared strings differs from it by having no originalType.
            return {"type": "string"}, "string"
        case Unknown():
            return {}, None
        case Int() | Float():
            return {"type": "number"}, "number"
        case Bytes():
            return {"type": "string", "contentEncoding": "base64"}, "bytes"
        case Resource(name):
            return {"type": "resource", "resourceType": name}, "resource"
        case Choice():
            items = _without_original(_choice(of))
            return items, "enum" if items["type"] == "string" else None
        case _:
            return _without_original(type_schema(of)), None


def _object_items(of: Object) -> Schema:
    items = _object(of)
    name = items.pop("format", None)
    if not of.fields:
        del items["properties"]
    schema: Schema = {"items": items, "originalType": "record[]"}
    return schema if name is None else {**schema, "format": name}


def _without_original(schema: Schema) -> Schema:
    schema.pop("originalType", None)
    return schema


def _object(typ: Map | Resource | DynSelect | Object | OneOf) -> Schema:
    match typ:
        case Map(of):
            values = {} if of == Unknown() else _without_original(type_schema(of))
            return {"type": "object", "properties": {}, "additionalProperties": values or True}
        case Resource(name):
            return {"type": "object", "format": f"resource-{name}"}
        case DynSelect(name, multiple):
            prefix = "dynmultiselect" if multiple else "dynselect"
            return {"type": "object", "format": f"{prefix}-{name}"}
        case OneOf():
            return _one_of(typ)
        case Object(name, fields):
            schema: Schema = {"type": "object"}
            if name is not None:
                schema["format"] = f"resource-{name}"
            return {**schema, **_fields(fields, ordered=name is not None)}


def _fields(fields: tuple[Field, ...], *, ordered: bool) -> Schema:
    properties: Schema = {}
    for field in fields:
        properties[field.name] = _described(field.typ, field.description)
        if field.has_default:
            properties[field.name]["default"] = field.default
    schema: Schema = {"properties": properties}
    required = [field.name for field in fields if field.required]
    if required:
        schema["required"] = required
    if fields and ordered:
        schema["order"] = [field.name for field in fields]
    return schema


def _one_of(typ: OneOf) -> Schema:
    variants = []
    for variant in typ.variants:
        told = [v for f in variant.fields if f.name == typ.discriminator for v in constants(f)]
        names = ", ".join(field.name for field in variant.fields[:_TITLE_NAMES_MAX])
        title = str(told[0]) if told else variant.name or names
        variants.append({"type": "object", **_fields(variant.fields, ordered=True), "title": title})
    schema: Schema = {"type": "object", "oneOf": variants}
    if typ.discriminator and typ.discriminator not in DISCRIMINATORS:
        schema["discriminator"] = {"propertyName": typ.discriminator}
    return schema
