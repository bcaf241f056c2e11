"""Plain paths mean what the engine would make of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.expr._engine import answered
from windmill_lite.expr import paths
from windmill_lite.expr.paths import UNDEFINED, UNSURE, Literal, Path

KEYS = ["a", "b", "length", "0", "1", "01", "-1", "constructor", "__proto__", "toString", "valueOf"]
TRICKY = [*KEYS, "", "é", "a b", "\U0001f600", "map", "toJSON", "then"]
_texts = st.sampled_from(["", "abc", "é", "a\U0001f600b", "\u2028"]) | st.text(max_size=5)
_numbers = st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9).filter(lambda x: x != 0)
_json = st.recursive(
    st.none() | st.booleans() | _numbers | _texts,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(TRICKY), inner, max_size=4)
    ),
    max_leaves=12,
)


def _written(step: tuple[str, Any]) -> str:
    how, key = step
    plain = str(key).isascii() and str(key).isidentifier()
    if how in (".", "?.") and plain:
        return f"{how}{key}"
    if isinstance(key, int):
        return f"[{key}]"
    quote = "'" if how == "'" else '"'
    return f"{'?.' if how == '?.' else ''}[{quote}{key}{quote}]"


_steps = st.lists(
    st.tuples(st.sampled_from([".", "?.", '"', "'"]), st.sampled_from(TRICKY) | st.integers(0, 3)),
    max_size=4,
).map(lambda steps: "".join(map(_written, steps)))


@given(_json, _steps)
@example({"a": {"__proto__": 1}}, ".a.__proto__")
@example(["x"], '["length"]')
@example("a\U0001f600b", ".length")
@example(None, "?.a.b.c")
@settings(max_examples=400, deadline=None)
def test_a_path_without_the_engine_means_the_same(document: Any, steps: str) -> None:
    source = f"previous_result{steps}"
    plain = paths.parse(source)
    assert isinstance(plain, Path), source
    value = paths.follow(document, plain.steps)
    if value is UNSURE:
        return
    told = answered(source, previous_result=document)
    assert "value" in told, f"{source} fails in the engine: {told}"
    assert _same(paths.leaving(value), told["value"])
    truth = answered(source, mode="truth", previous_result=document)
    assert paths.truth(value) is truth["value"]


@given(_json)
@settings(max_examples=200, deadline=None)
def test_a_value_that_is_only_passed_on_is_passed_on_whole(document: Any) -> None:
    assert paths.follow(document, ()) == document
    assert _same(answered("previous_result", previous_result=document)["value"], document)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("true", True),
        (" null ", None),
        ("undefined", None),
        ("-12", -12),
        ("-0", 0),
        ("2.0", 2),
        ("1.50", 1.5),
        ("'a b'", "a b"),
        ('"é"', "é"),
        ('""', ""),
    ],
)
def test_a_literal_without_the_engine_means_the_same(source: str, value: Any) -> None:
    assert paths.parse(source) == Literal(value)
    told = answered(source)["value"]
    assert (told, type(told)) == (value, type(value))


@pytest.mark.parametrize(
    "source",
    [
        *("a + 1", "a.b()", "a[b]", "a.b;", "this.x", "new.target", "await x", "{}", "[1]", "1.a"),
        *("01", "0x1", "1e5", "1_000", ".5", "5.", "'a\\n'", "`a`", "a..b", "a.", "a?.", "a.#b"),
        *(
            "a[-1]",
            "a[1.5]",
            "a['b",
            "a.b c",
            "a /* x */",
            "a // x",
            "é",
            "9999999999999999",
            "a?b:c",
        ),
    ],
)
def test_what_is_not_plain_is_for_the_engine(source: str) -> None:
    assert paths.parse(source) is None


@given(st.text(st.sampled_from("ab.?[]'\"01 _$()+\\\n"), min_size=1, max_size=12))
@settings(max_examples=400, deadline=None)
def test_what_is_taken_for_plain_parses_in_the_engine(source: str) -> None:
    if paths.parse(source) is not None:
        assert answered(source, mode="check") == {"value": [None]}


@pytest.mark.parametrize(
    ("document", "source"),
    [
        (None, "previous_result.a"),
        ({}, "previous_result.a.b"),
        ([], "previous_result.map"),
        ({}, "previous_result.constructor"),
        ("a\U0001f600", "previous_result[1]"),
        (1, "previous_result.toFixed"),
    ],
)
def test_errors_and_what_is_inherited_are_for_the_engine(document: Any, source: str) -> None:
    plain = paths.parse(source)
    assert isinstance(plain, Path)
    assert paths.follow(document, plain.steps) is UNSURE


def test_large_whole_numbers_are_passed_on_as_they_are() -> None:
    plain = paths.parse("previous_result.id")
    assert isinstance(plain, Path)
    assert paths.follow({"id": 2**63 + 1}, plain.steps) == 2**63 + 1


def test_what_is_not_there_leaves_as_null() -> None:
    plain = paths.parse("previous_result.zz")
    assert isinstance(plain, Path)
    assert paths.follow({}, plain.steps) is UNDEFINED
    assert paths.leaving(UNDEFINED) is None


def _same(one: Any, other: Any) -> bool:
    """As the engine compares: it has one kind of number."""
    return bool(_numbered(one) == _numbered(other))


def _numbered(value: Any) -> Any:
    match value:
        case bool() | None | str():
            return value
        case int() | float():
            return ("number", float(value))
        case list():
            return [_numbered(v) for v in value]
    assert isinstance(value, dict), json.dumps(value)
    return {key: _numbered(v) for key, v in value.items()}
