"""What shells and databases take beyond what Windmill's schemas have words for."""

from __future__ import annotations

from typing import Any

import pytest

from windmill_lite.core.arguments import check, taken
from windmill_lite.core.signature import infer

SQL = (
    "-- $1 name (text)\n-- $2 n (int)\n-- $3 ids (int[])\n-- $4 doc (jsonb)\n-- %%t%% a/b\n"
    "select $1, $2, $3, $4 from %%t%%"
)
DATABASE = {"host": "h", "user": "u", "dbname": "d"}
FITTING = {"database": DATABASE, "name": "x", "n": 1, "ids": [1], "doc": {}, "t": "a"}


def problems(language: str, code: str, args: dict[str, Any]) -> list[str]:
    return [str(one) for one in check(taken(language, infer(language, code).schema), args)]


@pytest.mark.parametrize("value", ["text", 3, 1.5, True, None, {"a": 1}, ["a", 1]])
def test_a_word_of_a_shell_is_made_of_any_value(value: object) -> None:
    assert problems("bash", 'a="$1"', {"a": value}) == []


def test_a_word_of_a_shell_that_is_missing_is_named() -> None:
    assert problems("bash", 'a="$1"', {}) == ["a: is required, and is missing"]


@pytest.mark.parametrize(
    "given",
    [
        {"name": None},
        {"n": None},
        {"ids": None},
        {"ids": [1, None]},
        {"doc": None},
        {"doc": [1, {"a": 2}]},
        {"doc": "text"},
    ],
)
def test_a_database_takes_null_for_any_type_and_any_json_for_json(given: dict[str, Any]) -> None:
    assert problems("postgresql", SQL, FITTING | given) == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"n": "x"}, "n: expected an integer, got the string 'x'"),
        ({"name": 3}, "name: expected a string, got the number 3"),
        ({"ids": ["x"]}, "ids[0]: expected a number, got the string 'x'"),
        ({"t": None}, "t: expected a string, got null"),
        ({"database": None}, "database: expected a resource of type postgresql, as an object"),
    ],
)
def test_what_a_database_would_not_take_is_still_named(given: dict[str, Any], problem: str) -> None:
    found = problems("postgresql", SQL, FITTING | given)
    assert [one[: len(problem)] for one in found] == [problem]


def test_other_languages_are_checked_by_their_schemas() -> None:
    schema = infer("python3", "def main(a: str): pass").schema
    assert taken("python3", schema) is schema
