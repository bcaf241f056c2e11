"""How a template becomes the key of a job."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windmill_lite.core.jobs.keys import fill
from windmill_lite.model.limits import KEY_CHARS_MAX

ARGS: dict[str, Any] = {
    "user": "bob",
    "n": 3,
    "flag": True,
    "deep": {"id": "x-1", "more": {"list": [1, {"a": None}]}},
    "dotted.name": "plain",
    "odd": "a\0b",
    "nothing": None,
}


@pytest.mark.parametrize(
    ("template", "key"),
    [
        ("fixed", "fixed"),
        ("$workspace", "main"),
        ("$workspace/$args[user]", "main/bob"),
        ("$args[user]-$args[user]", "bob-bob"),
        ("$args[n]/$args[flag]", "3/true"),
        ("$args[deep.id]", "x-1"),
        ("$args[deep.more]", '{"list":[1,{"a":null}]}'),
        ("$args[dotted.name]", "plain"),
        ("$args[missing]/$args[user.name]/$args[nothing]", "//"),
        ("$args[odd]", '"a\\u0000b"'),
        ("$workspaces $args", "$workspaces $args"),
    ],
)
def test_a_template_is_filled(template: str, key: str) -> None:
    assert fill(template, "main", ARGS) == key


def test_what_an_argument_holds_is_not_filled_again() -> None:
    assert fill("$args[a]", "main", {"a": "$workspace"}) == "$workspace"


@given(st.text(), st.text())
def test_long_keys_are_bounded_and_stay_apart(one: str, two: str) -> None:
    long = "x" * KEY_CHARS_MAX
    keys = [fill("$args[a]$args[b]", "main", {"a": long, "b": b}) for b in (one, two)]
    assert all(len(key) <= KEY_CHARS_MAX for key in keys)
    assert (keys[0] == keys[1]) == (one == two)
    assert all("\0" not in key and key.encode() for key in keys)
