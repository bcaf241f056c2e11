"""Arguments that fit a schema, and the good will with which it is read."""

from __future__ import annotations

import pytest

from tests.core._arguments import INTEGER, PETS, POINT, STRING, STRINGS, told
from windmill_lite.core.arguments import Problem, check


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (STRING, ""),
        (STRING, "é"),
        (INTEGER, 3),
        (INTEGER, 3.0),
        (INTEGER, -(10**30)),
        ({"type": "number"}, 3),
        ({"type": "number"}, 3.5),
        ({"type": "boolean"}, False),
        ({"type": "object"}, {}),
        ({"type": "object", "properties": {}}, {"any": [1]}),
        ({"type": "array"}, [1, "a", None]),
        (STRINGS, ["a"]),
        (STRINGS, []),
        ({"type": ""}, 3),
        ({"type": ""}, None),
        ({}, {"any": 1}),
        ({"type": "any"}, None),
        ({"type": "file"}, 3),
        ({"type": "string", "nullable": True}, None),
        ({"type": ["string", "null"]}, None),
        ({"type": ["string", "integer"]}, 3),
        ({"type": "string", "enum": ["a", None]}, None),
        ({"type": "string", "enum": ["a", "b"]}, "b"),
        ({"type": "string", "enum": []}, "anything"),
        ({"type": "integer", "enum": [1, 2]}, 2.0),
        ({"const": 3}, 3),
        ({"type": "array", "items": {"type": "string", "enum": ["a"]}}, ["a", "a"]),
        ({"type": "array", "items": {"type": "number"}}, [1, 2.5]),
        ({"type": "array", "items": {}}, [1, None, "a"]),
        (
            {"type": "array", "items": {"type": "resource", "resourceType": "s3_object"}},
            [{"s3": "a"}, "$res:u/a/b"],
        ),
        ({"type": "array", "items": {"type": "resource", "resourceType": "MyLiteral"}}, ["text"]),
        ({"type": "array", "prefixItems": [INTEGER, STRING], "items": {}}, [1, "a", None]),
        ({"type": "object", "format": "resource-postgresql"}, {"host": "db"}),
        ({"type": "object", "format": "resource-s3_object"}, "s3://bucket/key"),
        ({"type": "object", "format": "dynselect-foo"}, "text"),
        ({"type": "object", "format": "dynmultiselect-foo"}, ["text"]),
        ({"type": "object", "additionalProperties": INTEGER}, {"a": 1}),
        (POINT, {"x": 1}),
        (POINT, {"x": 1, "name": None, "unknown": 3}),
        (PETS, {"kind": "cat", "lives": 9}),
        (PETS, {"kind": "dog"}),
        (PETS, {"label": "dog", "kind": "dog"}),
        ({"type": "", "anyOf": [INTEGER, STRING]}, "a"),
        ({"type": "string", "contentEncoding": "base64"}, "YWI="),
        ({"type": "string", "contentEncoding": "base64"}, "data:text/plain;base64,YWI="),
        ({"type": "string", "format": "email"}, "a@b.c"),
        ({"type": "string", "format": "email"}, ""),
        ({"type": "string", "format": "uri"}, "https://a.b/c?d"),
        ({"type": "string", "format": "uuid"}, "0191c7a0-0000-7000-8000-000000000000"),
        ({"type": "string", "format": "ipv4"}, "10.0.0.1"),
        ({"type": "string", "format": "ipv6"}, "::1"),
        ({"type": "string", "format": "hostname"}, "a-b.example.com"),
        ({"type": "string", "format": "date"}, "2026-01-31"),
        ({"type": "string", "format": "date"}, "2026-01-31T00:00:00.000Z"),
        ({"type": "string", "format": "date-time"}, "2026-01-31T10:00:00Z"),
        ({"type": "string", "format": "date-time"}, "2026-01-31T10:00"),
        ({"type": "string", "format": "date-time"}, "2026-01-31"),
        ({"type": "string", "format": "sql"}, "select"),
        ({"type": "string", "format": "made-up"}, "anything"),
        ({"type": "string", "pattern": "^a+$", "minLength": 1, "maxLength": 3}, "aa"),
        ({"type": "integer", "minimum": 1, "maximum": 3, "multipleOf": 3}, 3),
        ({"type": "number", "multipleOf": 0.1}, 0.3),
        ({"type": "array", "minItems": 1, "maxItems": 2}, [1]),
        (
            {"type": "string", "format": "date-time", "default": "<function call>"},
            "<function call>",
        ),
        ({"type": "integer", "default": "odd"}, "odd"),
    ],
)
def test_a_value_that_fits_passes(schema: object, value: object) -> None:
    assert told(schema, value) == []


@pytest.mark.parametrize("text", ["$res:u/a/db", "$var:f/a/key", "$encrypted:xyz", "$WM_TOKEN"])
@pytest.mark.parametrize("schema", [INTEGER, STRINGS, POINT, PETS, {"type": "boolean"}])
def test_a_reference_stands_for_any_value(schema: object, text: str) -> None:
    assert told(schema, text) == []


def test_a_reference_may_stand_inside_a_value() -> None:
    assert told(POINT, {"x": "$var:u/a/x"}) == []
    assert told(STRINGS, ["$var:u/a/x"]) == []


def test_a_missing_argument_is_named() -> None:
    schema = {"type": "object", "properties": {"a": INTEGER, "b": INTEGER}, "required": ["a", "b"]}
    assert check(schema, {"b": 1}) == [Problem("a", "is required, and is missing")]
    assert check({"required": ["a"]}, {}) == [Problem("a", "is required, and is missing")]


def test_what_is_not_required_may_be_missing_or_null() -> None:
    schema = {"type": "object", "properties": {"a": INTEGER, "b": POINT}, "required": []}
    assert check(schema, {}) == []
    assert check(schema, {"a": None, "b": None}) == []


def test_an_unknown_argument_is_allowed() -> None:
    schema = {"type": "object", "properties": {"a": INTEGER}, "additionalProperties": STRING}
    assert check(schema, {"a": 1, "extra": [1]}) == []


@pytest.mark.parametrize(
    ("original", "items", "value"),
    [
        ("string[]", STRING, [1, {"a": 2}]),
        ("object[]", {"type": "object"}, [True, "2026-01-31", [1]]),
    ],
)
def test_windmills_vague_lists_accept_any_items(
    original: str, items: object, value: object
) -> None:
    assert told({"type": "array", "items": items, "originalType": original}, value) == []


@pytest.mark.parametrize("name", ["Any", "UUID", "MyLiteral", "tuple", "set", "object"])
def test_windmills_resource_types_that_are_python_classes_accept_anything(name: str) -> None:
    assert told({"type": "object", "format": f"resource-{name}"}, "text") == []
