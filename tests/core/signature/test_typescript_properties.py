"""What holds for every signature in TypeScript: valid JSON, and arguments that fit."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.signature._typescript import schema_of, script
from tests.core.signature._values import objects
from windmill_lite.core.arguments import check, schema_problems

quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

BEFORE = """
enum Color { Red = "red", Blue = "blue" }
enum Level { Low, High }
interface Point { x: number; y?: number; tags: string[] }
type Cat = { kind: "cat"; lives: number }
type Dog = { kind: "dog"; at?: Point | null; color: Color }
type Pair<T> = { first: T; second: T }
"""
leaves = st.sampled_from(
    [
        "string",
        "number",
        "bigint",
        "boolean",
        "object",
        "any",
        "Date",
        "Color",
        "Level",
        "Point",
        "Cat | Dog",
        "Postgresql",
        "S3Object",
        "wmill.Email",
        "wmill.Base64",
        '"a" | "b"',
        "1 | 2",
        "DynSelect_x",
        "[string, number]",
        "{ x: number; y?: string }",
        "keyof Point",
        "null",
    ]
)
spelled: st.SearchStrategy[str] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(lambda one: f"({one})[]"),
        inner.map(lambda one: f"Record<string, {one}>"),
        inner.map(lambda one: f"Pair<{one}>"),
        inner.map(lambda one: f"Partial<{one}>"),
        inner.map(lambda one: f"{{ a: {one}; b?: {one} }}"),
        inner.map(lambda one: f"{one} | null"),
        st.tuples(inner, inner).map(" | ".join),
    ),
    max_leaves=5,
)
names = st.from_regex(r"[a-z_$][a-zA-Z0-9_$]{0,6}", fullmatch=True).map(lambda name: f"p{name}")


@quick
@given(st.lists(st.tuples(names, spelled), max_size=6, unique_by=lambda pair: pair[0]), st.data())
def test_arguments_made_from_an_inferred_schema_pass_its_check(
    parameters: list[tuple[str, str]], data: st.DataObject
) -> None:
    schema = schema_of(script(", ".join(f"{name}: {typ}" for name, typ in parameters), BEFORE))
    assert schema["order"] == [name for name, _ in parameters]
    assert schema_problems(schema) == []
    assert json.loads(json.dumps(schema)) == schema
    assert check(schema, data.draw(objects(schema))) == []
    assert check(schema, {name: f"$res:f/a/{name}" for name, _ in parameters}) == []


simple = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
)
literals = st.recursive(
    simple,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=5),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)


@quick
@given(literals)
def test_every_value_written_as_json_comes_back_as_the_default(value: object) -> None:
    """JSON is JavaScript."""
    schema = schema_of(f"export function main(x = {json.dumps(value)}) {{}}")
    assert schema["properties"]["x"]["default"] == value
    assert schema["required"] == []
    assert check(schema, {"x": value}) == []
