"""Lists, sets, tuples and dicts tell what is in them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.signature._expected import (
    ANYTHINGS,
    BOOLEAN,
    DATE,
    INTEGER,
    NUMBERS,
    STRING,
    STRINGS,
    mapping,
    resources,
)
from tests.core.signature._scripts import prop


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("list[str]", STRINGS),
        ("List[str]", STRINGS),
        ("t.List[str]", STRINGS),
        ("typing.Sequence[str]", STRINGS),
        ("Iterable[str]", STRINGS),
        ("list[int]", NUMBERS),
        ("list[float]", NUMBERS),
        ("list", {**STRINGS, "originalType": "string[]"}),
        ("List", {**STRINGS, "originalType": "string[]"}),
        ("list[bool]", {"type": "array", "items": BOOLEAN}),
        ("list[date]", {"type": "array", "items": DATE}),
        ("list[list[int]]", {"type": "array", "items": NUMBERS}),
        ("list[Any]", ANYTHINGS),
        ("list[dict]", {"type": "array", "items": {"type": "object"}, "originalType": "record[]"}),
        ("list[S3Object]", resources("s3_object")),
        ("List[wmill.S3Object]", resources("s3_object")),
        ("list[postgresql]", resources("postgresql")),
        ("list[Optional[int]]", {**NUMBERS, "items": {"type": "number", "nullable": True}}),
        (
            "list[bytes]",
            {
                "type": "array",
                "items": {"type": "string", "contentEncoding": "base64"},
                "originalType": "bytes[]",
            },
        ),
        (
            'list[Literal["a", "b"]]',
            {
                "type": "array",
                "items": {"type": "string", "enum": ["a", "b"]},
                "originalType": "enum[]",
            },
        ),
        ("set[str]", {**STRINGS, "uniqueItems": True}),
        ("frozenset", {**ANYTHINGS, "uniqueItems": True}),
        ("tuple", ANYTHINGS),
        ("tuple[int, ...]", NUMBERS),
        (
            "tuple[int, str]",
            {
                "type": "array",
                "prefixItems": [INTEGER, STRING],
                "items": {},
                "minItems": 2,
                "maxItems": 2,
            },
        ),
        ("dict[str, int]", mapping(INTEGER)),
        ("Dict[str, str]", mapping({"type": "string"})),
        ("Mapping[str, list[int]]", mapping({"type": "array", "items": {"type": "number"}})),
        ("dict[str, Any]", mapping(values=True)),
    ],
)
def test_a_container_tells_what_is_in_it(annotation: str, expected: dict[str, Any]) -> None:
    found = prop(annotation)
    if "additionalProperties" in found:
        values = found["additionalProperties"]
        if isinstance(values, dict):
            values.pop("originalType", None)
    inner = found.get("items", {})
    if inner.get("type") == "array" and "originalType" in expected.get("items", {}):
        inner["originalType"] = expected["items"]["originalType"]
    assert found == expected
