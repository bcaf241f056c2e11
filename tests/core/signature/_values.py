"""Values that fit an inferred schema, for properties that hold in every language."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from windmill_lite.core.arguments import check, schema_problems


def assert_kept(schema: dict[str, Any]) -> None:
    """A schema can be stored, and takes the defaults that it shows."""
    assert json.loads(json.dumps(schema, allow_nan=False)) == schema
    assert schema_problems(schema) == []
    assert schema["order"] == list(schema["properties"])
    defaults = {name: one["default"] for name, one in schema["properties"].items()}
    optional = {name: defaults[name] for name in defaults if name not in schema["required"]}
    assert check({**schema, "required": []}, optional) == []


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema of ours describes."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return st.one_of([values(option) for option in schema[key]])
    if schema.get("type") == "array":
        places = schema.get("prefixItems")
        if places:
            return st.tuples(*map(values, places)).map(list)
        return st.lists(values(schema["items"]), max_size=3)
    return _single(schema)


def _single(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    match schema.get("type"):
        case "string":
            return _texts(schema)
        case "integer":
            return st.integers()
        case "number":
            least, most = schema.get("minimum"), schema.get("maximum")
            return st.floats(least, most, allow_nan=False, allow_infinity=False)
        case "boolean":
            return st.booleans()
        case "object" | "resource":
            return objects(schema)
        case _:
            return st.one_of(st.none(), st.integers(), st.text(max_size=5))


def _texts(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "contentEncoding" in schema:
        return st.sampled_from(["", "YWI=", "aGVsbG8"])
    by_format: dict[str, st.SearchStrategy[Any]] = {
        "date": st.dates().map(lambda one: one.isoformat()),
        "date-time": st.datetimes().map(lambda one: one.isoformat()),
        "uuid": st.uuids().map(str),
        "email": st.just("a@b.example"),
    }
    return by_format.get(schema.get("format", ""), st.text(max_size=8))


def objects(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Objects that a schema of ours describes: arguments, when it is that of a script."""
    properties = schema.get("properties", {})
    required = set(schema.get("required", []))
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict):
        return st.dictionaries(st.text(max_size=4), values(extra), max_size=3)
    return st.fixed_dictionaries(
        {name: values(one) for name, one in properties.items() if name in required},
        optional={name: values(one) for name, one in properties.items() if name not in required},
    )
