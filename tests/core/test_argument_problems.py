"""Arguments that do not fit a schema, and how that is said."""

from __future__ import annotations

import pytest

from tests.core._arguments import INTEGER, PETS, POINT, STRING, STRINGS, told
from windmill_lite.core.arguments import check


@pytest.mark.parametrize(
    ("schema", "value", "problem"),
    [
        (INTEGER, "abc", "x: expected an integer, got the string 'abc'"),
        (INTEGER, "3", "x: expected an integer, got the string '3'"),
        (INTEGER, True, "x: expected an integer, got true"),
        (INTEGER, 3.5, "x: expected an integer, got the number 3.5"),
        (INTEGER, None, "x: expected an integer, got null"),
        (INTEGER, [1], "x: expected an integer, got a list"),
        ({"type": "number"}, False, "x: expected a number, got false"),
        ({"type": "boolean"}, 1, "x: expected true or false, got the number 1"),
        (STRING, 3, "x: expected a string, got the number 3"),
        (STRING, {}, "x: expected a string, got an object"),
        (STRING, 10**500, "x: expected a string, got the number with very many digits"),
        ({"type": "string", "default": None}, None, "x: expected a string, got null"),
        ({"type": "null"}, 3, "x: expected null, got the number 3"),
        ({"type": "object"}, [], "x: expected an object, got a list"),
        ({"type": "array"}, "a", "x: expected a list, got the string 'a'"),
        (STRINGS, ["a", 1], "x[1]: expected a string, got the number 1"),
        (STRINGS, [None], "x[0]: expected a string, got null"),
        (
            {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
            ["c"],
            "x[0]: expected 'a' or 'b', got the string 'c'",
        ),
        (
            {"type": "array", "items": {"type": "resource", "resourceType": "s3_object"}},
            ["a"],
            "x[0]: expected an object, got the string 'a'",
        ),
        (
            {"type": "array", "prefixItems": [INTEGER, STRING]},
            [1, 2],
            "x[1]: expected a string, got the number 2",
        ),
        (
            {"type": "array", "items": POINT},
            [{"x": 1}, {"x": 2}, {"x": 3, "name": 4}],
            "x[2].name: expected a string, got the number 4",
        ),
        (POINT, {}, "x.x: is required, and is missing"),
        (POINT, {"x": None}, "x.x: expected a number, got null"),
        (
            {"type": "object", "format": "resource-postgresql"},
            "db",
            "x: expected a resource of type postgresql, as an object, got the string 'db'",
        ),
        (
            {"type": "object", "additionalProperties": INTEGER},
            {"a": "b"},
            "x.a: expected an integer, got the string 'b'",
        ),
        ({"type": "string", "enum": ["a"]}, "b", "x: expected 'a', got the string 'b'"),
        ({"type": "integer", "enum": [1, 0]}, 2, "x: expected 1 or 0, got the number 2"),
        ({"enum": [1]}, True, "x: expected 1, got true"),
        (
            {"enum": list("abcdefghijklm")},
            "z",
            (
                "x: expected one of 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j' "
                "or 3 more, got the string 'z'"
            ),
        ),
        ({"const": True}, 1, "x: expected true, got the number 1"),
        ({"type": ["string", "null"]}, 3, "x: expected a string or null, got the number 3"),
        (
            {"type": "", "anyOf": [INTEGER, STRING]},
            [],
            "x: expected an integer or a string, got a list",
        ),
        (PETS, {"kind": "cat"}, "x.lives: is required, and is missing"),
        (PETS, {"kind": "cow"}, "x.kind: expected 'cat' or 'dog', got the string 'cow'"),
        (PETS, {}, "x: fits none of 'cat' or 'dog'"),
        (PETS, "cat", "x: expected an object, got the string 'cat'"),
        ({"type": "string", "contentEncoding": "base64"}, "no!", "x: expected base64 text"),
        (
            {"type": "string", "format": "email"},
            "nobody",
            "x: expected an email address, got the string 'nobody'",
        ),
        (
            {"type": "string", "format": "uri"},
            "no uri",
            "x: expected a URI such as https://example.com, got the string 'no uri'",
        ),
        ({"type": "string", "format": "uuid"}, "1", "x: expected a UUID, got the string '1'"),
        (
            {"type": "string", "format": "ipv4"},
            "1.2.3",
            "x: expected an IPv4 address, got the string '1.2.3'",
        ),
        (
            {"type": "string", "format": "date"},
            "31.1.2026",
            "x: expected a date such as 2026-01-31, got the string '31.1.2026'",
        ),
        (
            {"type": "string", "format": "date-time"},
            "soon",
            "x: expected a time such as 2026-01-31T13:45:00Z, got the string 'soon'",
        ),
        (
            {"type": "string", "pattern": "^a+$"},
            "b",
            "x: the string 'b' does not match the pattern ^a+$",
        ),
        ({"type": "string", "minLength": 2}, "a", "x: is shorter than 2 characters"),
        ({"type": "string", "maxLength": 2}, "abc", "x: is longer than 2 characters"),
        ({"type": "integer", "minimum": 1}, 0, "x: 0 is less than 1"),
        ({"type": "integer", "exclusiveMinimum": 1}, 1, "x: 1 is not more than 1"),
        ({"type": "number", "maximum": 1}, 1.5, "x: 1.5 is more than 1"),
        ({"type": "number", "exclusiveMaximum": 1}, 1, "x: 1 is not less than 1"),
        ({"type": "number", "multipleOf": 2}, 3, "x: 3 is not a multiple of 2"),
        ({"type": "array", "minItems": 2}, [1], "x: has 1 items, fewer than 2"),
        ({"type": "array", "maxItems": 0}, [1], "x: has 1 items, more than 0"),
        (
            {"type": "string", "password": True, "minLength": 2, "pattern": "^z"},
            "secret",
            "x: a string does not match the pattern ^z",
        ),
    ],
)
def test_a_value_that_does_not_fit_is_told_where_and_why(
    schema: object, value: object, problem: str
) -> None:
    assert told(schema, value) == [problem]


def test_at_most_twenty_problems_are_told() -> None:
    assert len(told(STRINGS, list(range(100)))) == 20
    many = {"type": "object", "properties": {}, "required": [f"a{n}" for n in range(100)]}
    assert len(check(many, {})) == 20


def test_several_problems_are_told_together() -> None:
    schema = {"type": "object", "properties": {"a": INTEGER, "b": STRING}, "required": ["c"]}
    assert [problem.path for problem in check(schema, {"a": "", "b": 1})] == ["c", "a", "b"]
