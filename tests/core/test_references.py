"""References: what counts as one, and what becomes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from windmill_lite.base.errors import Invalid, TooLarge
from windmill_lite.core.references import Known, filled, mentioned, wanted
from windmill_lite.model import limits

KNOWN = Known(
    variables={"f/a/v": "$res:f/a/r", "u/ada/t": "hush"},
    resources={
        "f/a/r": '{"host":"h","password":"$var:u/ada/t","more":["$res:f/a/s"]}',
        "f/a/s": "7",
        "f/a/n": "null",
    },
    encrypted={"AAAA": "opened"},
    context={"WM_JOB_ID": "42", "WM_FLOW_PATH": ""},
)


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        ("$var:u/ada/t", "hush"),
        ("$res:f/a/s", 7),
        ("$res:f/a/n", None),
        ("$encrypted:AAAA", "opened"),
        ("$WM_JOB_ID", "42"),
        ("$var:WM_JOB_ID", "42"),
        ("$WM_FLOW_PATH", ""),
        ("$var:WM_FLOW_PATH", ""),
        ({"a": ["$var:u/ada/t", {"b": "$res:f/a/s"}]}, {"a": ["hush", {"b": 7}]}),
        ("$res:f/a/r", {"host": "h", "password": "hush", "more": [7]}),
        ("costs $5", "costs $5"),
        ("$5", "$5"),
        ("$", "$"),
        ("$HOME", "$HOME"),
        (" $var:u/ada/t", " $var:u/ada/t"),
        ({"$var:u/ada/t": 1}, {"$var:u/ada/t": 1}),
        (7, 7),
        (None, None),
    ],
)
def test_a_value_is_filled_in(value: Any, becomes: Any) -> None:
    assert filled(value, KNOWN) == becomes


def test_what_a_variable_holds_is_no_reference() -> None:
    assert filled("$var:f/a/v", KNOWN) == "$res:f/a/r"


def test_what_is_not_known_is_wanted() -> None:
    value = {"a": ["$var:f/x", "$var:u/ada/t", "$var:WM_JOB_ID"], "b": {"c": "$res:f/y"}}
    found = wanted([value, "$encrypted:BBBB", "$res:f/a/s"], KNOWN)
    assert (found.variables, found.resources, found.encrypted) == ({"f/x"}, {"f/y"}, {"BBBB"})
    assert not wanted("$res:f/a/s", KNOWN)


@pytest.mark.parametrize("text", ['{"a":"$var:f/x"}', '["$res:f/y"]', '"$WM_JOB_ID"'])
def test_text_with_a_reference_mentions_one(text: str) -> None:
    assert mentioned(text)
    assert wanted(json.loads(text), Known()) or "WM" in text


@pytest.mark.parametrize(
    ("resources", "circle"),
    [
        ({"f/a/x": '"$res:f/a/x"'}, "f/a/x -> f/a/x"),
        ({"f/a/x": '{"y":"$res:f/a/y"}', "f/a/y": '["$res:f/a/x"]'}, "f/a/x -> f/a/y -> f/a/x"),
    ],
)
def test_a_circle_is_told(resources: dict[str, str], circle: str) -> None:
    with pytest.raises(Invalid, match=f"resource f/a/x refers to itself: {circle}"):
        filled({"db": "$res:f/a/x"}, Known(resources=resources))


def chain(length: int, *, twice: bool = False) -> Known:
    inner = {
        f"f/a/{n}": json.dumps([f"$res:f/a/{n + 1}"] * (2 if twice else 1)) for n in range(length)
    }
    return Known(resources={**inner, f"f/a/{length}": "1"})


def test_a_chain_has_a_length() -> None:
    most = limits.REFERENCE_DEPTH_MAX
    assert filled("$res:f/a/0", chain(most - 1))
    with pytest.raises(Invalid, match="f/a/0 refers to more than 20 others in a row"):
        filled("$res:f/a/0", chain(most))


def test_resources_that_double_each_other_do_not_become_millions() -> None:
    with pytest.raises(Invalid, match="more than 1000 references"):
        filled("$res:f/a/0", chain(15, twice=True))


def test_large_resources_do_not_become_larger_than_arguments_may_be() -> None:
    large = Known(resources={"f/a/x": json.dumps("x" * limits.RESOURCE_BYTES_MAX)})
    with pytest.raises(TooLarge):
        filled(["$res:f/a/x"] * 11, large)


def test_depth_is_bounded() -> None:
    deep: Any = "$var:f/x"
    for _ in range(300):
        deep = [deep]
    with pytest.raises(Invalid, match="deep"):
        wanted(deep, Known())
    with pytest.raises(Invalid, match="deep"):
        filled(deep, Known())
