"""Schemas as strangers write them: no nonsense raises, nothing runs away, some are refused."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core._arguments import STRING, told
from windmill_lite.core.arguments import check, schema_problems
from windmill_lite.model import limits

NONSENSE: list[Any] = [
    None,
    True,
    3,
    -1.5,
    "text",
    [],
    [None, 3, [], {}],
    {},
    {"a": 3},
    {"type": []},
]


@pytest.mark.parametrize(
    "keyword",
    [
        "type",
        "properties",
        "required",
        "items",
        "enum",
        "oneOf",
        "anyOf",
        "prefixItems",
        "minimum",
        "maximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "discriminator",
        "const",
        "contentEncoding",
        "originalType",
        "resourceType",
        "additionalProperties",
        "nullable",
        "default",
        "minItems",
        "title",
        "password",
    ],
)
def test_nonsense_in_a_schema_never_raises(keyword: str) -> None:
    for nonsense in NONSENSE:
        for kind in ("string", "integer", "number", "object", "array", "resource", ""):
            schema = {"type": kind, keyword: nonsense}
            for value in ("a", 3, 2.5, True, None, [1, "a"], {"a": 1, "kind": "x"}):
                check(schema, {"a": value})
                told(schema, value)
        schema_problems({keyword: nonsense})
        schema_problems({"properties": {"a": {keyword: nonsense}}})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)
words = st.sampled_from(["string", "integer", "object", "array", "a", "^a", "resource-x", "email"])
schemas = st.recursive(
    st.dictionaries(
        st.sampled_from(["type", "enum", "format", "pattern", "required", "minimum", "items"]),
        words | st.lists(words, max_size=2) | json_values,
        max_size=4,
    ),
    lambda inner: st.fixed_dictionaries(
        {"type": st.sampled_from(["object", "array", ""])},
        optional={
            "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            "items": inner,
            "oneOf": st.lists(inner, max_size=3),
            "anyOf": st.lists(inner, max_size=3),
        },
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(schemas, st.dictionaries(st.sampled_from("ab"), json_values, max_size=2))
def test_any_schema_and_any_arguments_have_an_answer(schema: Any, args: dict[str, Any]) -> None:
    assert len(check(schema, args)) <= 20
    assert isinstance(schema_problems(schema), list)


def test_a_catastrophic_pattern_costs_little() -> None:
    began = time.process_time()
    told({"type": "string", "pattern": "(a+)+$"}, "a" * 5_000 + "b")
    told({"type": "string", "pattern": "(.*)*(.*)*(.*)*x"}, "a" * 9_000)
    assert time.process_time() - began < 2, "seconds of processor"


def test_a_recursive_choice_costs_little() -> None:
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(15):
        inner = {"type": "object", "properties": {"a": schema}, "required": ["b"]}
        schema = {"type": "object", "oneOf": [inner, inner, inner, inner]}
    value: dict[str, Any] = {}
    for _ in range(20):
        value = {"a": value}
    began = time.process_time()
    told(schema, value)
    assert time.process_time() - began < 5, "seconds of processor"


def test_a_deep_value_passes_beyond_the_depth_that_is_read() -> None:
    value: Any = 3
    schema: Any = STRING
    for _ in range(300):
        value, schema = [value], {"type": "array", "items": schema}
    assert told(schema, value) == []


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ([], "schema: must be an object"),
        (None, "schema: must be an object"),
        ("{}", "schema: must be an object"),
        ({"type": "array"}, "type: must be 'object': arguments have names"),
        ({"type": ["object"]}, "type: must be 'object': arguments have names"),
        ({"properties": []}, "properties: must be an object"),
        ({"properties": {"a": 3}}, "properties.a: must be an object"),
        ({"required": "a"}, "required: must be a list of names"),
        ({"required": [1]}, "required: must be a list of names"),
        ({"order": [{}]}, "order: must be a list of names"),
        (
            {"x": "y" * limits.SCHEMA_BYTES_MAX},
            f"schema: is larger than {limits.SCHEMA_BYTES_MAX:,} bytes",
        ),
    ],
)
def test_a_schema_of_the_wrong_shape_is_not_acceptable(schema: object, problem: str) -> None:
    assert [str(one) for one in schema_problems(schema)] == [problem]


def test_a_schema_nested_too_deeply_is_not_acceptable() -> None:
    schema: dict[str, Any] = {}
    for _ in range(5_000):
        schema = {"items": schema}
    assert "nested deeper" in str(schema_problems(schema)[0])


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object", "properties": {}, "required": []},
        {"type": ""},
        {"properties": {"a": True, "b": {"anything": ["goes"]}}, "required": None},
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "order": ["a"],
            "type": "object",
        },
    ],
)
def test_other_schemas_are_acceptable(schema: object) -> None:
    assert schema_problems(schema) == []
