"""A SQL script takes a connection, and the parameters that its comments declare."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.signature._expected import (
    ANY,
    BOOLEAN,
    BYTES,
    DATE_TIME,
    DICT,
    INTEGER,
    NUMBER,
    NUMBERS,
    STRING,
    STRINGS,
    choice,
    resource,
)
from tests.core.signature._values import assert_kept
from windmill_lite.core.signature import SourceError, infer

LANGUAGES = ("postgresql", "mysql", "duckdb", "sqlite")
MARKS = {"postgresql": "$1 a", "mysql": ":a", "duckdb": "$a", "sqlite": ":a"}


def properties(language: str, code: str) -> dict[str, Any]:
    """The properties without what every property has, and without the connection."""
    schema = infer(language, code).schema
    assert_kept(schema)
    found = schema["properties"]
    for one in found.values():
        if one["default"] is None:
            del one["default"]
        if not one["description"]:
            del one["description"]
    found.pop("database", None)
    return dict(found)


def required(language: str, code: str) -> list[str]:
    return list(infer(language, code).schema["required"])


@pytest.mark.parametrize("language", ["postgresql", "mysql"])
def test_the_connection_comes_first_and_is_required(language: str) -> None:
    schema = infer(language, "-- %%t%% a/b\nselect 1").schema
    assert schema["order"] == ["database", "t"]
    assert schema["required"] == ["database", "t"]
    expected = {**resource(language), "description": "", "default": None}
    assert schema["properties"]["database"] == expected


@pytest.mark.parametrize("language", ["postgresql", "mysql"])
def test_a_script_can_name_its_connection(language: str) -> None:
    schema = infer(language, "-- database f/data/main\nselect 1").schema
    assert schema["required"] == []
    assert schema["properties"]["database"]["default"] == "$res:f/data/main"


@pytest.mark.parametrize("language", ["duckdb", "sqlite"])
def test_a_database_in_the_job_needs_no_connection(language: str) -> None:
    assert infer(language, "select 1").schema["properties"] == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        ("text", STRING),
        ("varchar", STRING),
        ("VARCHAR(20)", STRING),
        ("character varying(20)", STRING),
        ("uuid", STRING),
        ("interval", STRING),
        ("my_enum", STRING),
        ("int", INTEGER),
        ("INT", INTEGER),
        ("integer", INTEGER),
        ("smallint", INTEGER),
        ("bigint", INTEGER),
        ("int8", INTEGER),
        ("bigint unsigned", INTEGER),
        ("real", NUMBER),
        ("float", NUMBER),
        ("double", NUMBER),
        ("double precision", NUMBER),
        ("numeric", NUMBER),
        ("numeric(10, 2)", NUMBER),
        ("decimal", NUMBER),
        ("bool", BOOLEAN),
        ("boolean", BOOLEAN),
        ("date", DATE_TIME),
        ("time", DATE_TIME),
        ("timestamp", DATE_TIME),
        ("timestamp(3) with time zone", DATE_TIME),
        ("datetime", DATE_TIME),
        ("s3object", resource("S3Object")),
        ("int[]", NUMBERS),
        ("numeric(10,2)[3]", NUMBERS),
        ("text[]", STRINGS),
        ("text array", STRINGS),
        ("boolean[]", {"type": "array", "items": BOOLEAN}),
        ("int[][]", {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}),
    ],
)
def test_a_type_of_the_database_becomes_a_type(
    language: str, spelled: str, expected: dict[str, Any]
) -> None:
    found = properties(language, f"-- {MARKS[language]} ({spelled})\nselect 1")
    assert found == {"a": expected}


@pytest.mark.parametrize(
    ("language", "spelled", "expected"),
    [
        ("postgresql", "json", DICT),
        ("postgresql", "jsonb", DICT),
        ("postgresql", "jsonb[]", {"type": "array", "items": {"type": "object"}}),
        ("mysql", "json", STRING),
        ("duckdb", "json", STRING),
        ("postgresql", "bytea", BYTES),
        ("duckdb", "blob", BYTES),
        ("sqlite", "blob", BYTES),
        ("mysql", "blob", STRING),
        ("postgresql", "bit", STRING),
        ("mysql", "bit", BOOLEAN),
        ("duckdb", "hugeint", INTEGER),
        ("mysql", "mediumint", INTEGER),
        ("mysql", "long varchar", STRING),
    ],
)
def test_databases_differ_in_some_types(
    language: str, spelled: str, expected: dict[str, Any]
) -> None:
    found = properties(language, f"-- {MARKS[language]} ({spelled})\nselect 1")["a"]
    if found["type"] == "array":
        found.pop("originalType", None)
    assert found == expected


@pytest.mark.parametrize(
    ("spelled", "default", "expected"),
    [
        ("int", "3", 3),
        ("int", "-3", -3),
        ("float8", "1.5", 1.5),
        ("numeric(10, 2)", "2", 2.0),
        ("bool", "true", True),
        ("bool", "FALSE", False),
        ("text", "a b c", "a b c"),
        ("text", "'it''s'", "it's"),
        ("text", '"x"', '"x"'),
        ("text", "", ""),
        ("text", "null", None),
        ("bigint", "NULL", None),
        ("date", "2020-01-31", "2020-01-31"),
        ("jsonb", '{"a": [1]}', {"a": [1]}),
        ("int[]", "[1, 2]", [1, 2]),
        ("text[]", "'[\"a\"]'", ["a"]),
    ],
)
def test_a_default_is_of_the_type(spelled: str, default: str, expected: object) -> None:
    schema = infer("postgresql", f"-- $1 a ({spelled}) = {default}\nselect $1").schema
    assert schema["required"] == ["database"]
    found = schema["properties"]["a"]["default"]
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "line",
    ["-- $1 a (int) = 3", "-- $1 a(int)=3", "  -- $1 a (int) = 3", "--$1 a (int) = 3", "-- $1 a=3"],
)
def test_a_declaration_may_be_spaced_as_one_likes(line: str) -> None:
    assert infer("postgresql", f"{line}\nselect $1").signature.args[1].has_default


@pytest.mark.parametrize(
    ("language", "code", "names"),
    [
        ("postgresql", "-- $1 is the id\n-- what $2 is\nselect 1", []),
        ("postgresql", "select 1 -- $1 a (int)", []),
        ("postgresql", "-- $1 a (int\n-- $2 b int)\nselect 1", []),
        ("postgresql", "select '$1', \"$2\", $$ $3 $$, $t$ $4 $t$, E'\\'$5', /* $6 */ 1 -- $7", []),
        ("postgresql", "select x$1, $1x, $0, 'it''s $2'", []),
        ("mysql", "-- :a is the id\nselect ':b', 'it\\'s :c'", []),
        ("mysql", "-- ? a\n-- ? b (int)\nselect ?, ?", ["a", "b"]),
        ("mysql", "-- :a\n-- :b (int)\nselect :a, :b, :c", ["a", "b"]),
        ("duckdb", "-- $a\n-- $b (int)\n-- $1 c (int)\nselect $a", ["a", "b"]),
        ("sqlite", "-- :a\n-- $b (int)\nselect :a, $b", ["a", "b"]),
        ("sqlite", "-- $2 b\n-- $1 a (int)\nselect $1, $2, '$3', $4", ["a", "b", "$4"]),
        ("postgresql", "-- $2 b\n-- $1 a\nselect 1", ["a", "b"]),
        ("postgresql", "-- $1 a\nselect $2, $1, $3", ["a", "$2", "$3"]),
        ("postgresql", "select '$1", []),
        ("postgresql", "select $1 /* $2", ["$1"]),
    ],
)
def test_what_is_quoted_or_only_a_comment_declares_nothing(
    language: str, code: str, names: list[str]
) -> None:
    assert list(properties(language, code)) == names


@pytest.mark.parametrize(
    ("cast", "expected"),
    [
        ("$1::int", INTEGER),
        ("$1::varchar(20)", STRING),
        ("$1::double precision", NUMBER),
        ("$1::timestamp with time zone", DATE_TIME),
        ("$1 :: int[]", NUMBERS),
        ("$1::INT, $1::text", INTEGER),
        ("$1", STRING),
    ],
)
def test_a_cast_says_the_type_of_what_has_none(cast: str, expected: dict[str, Any]) -> None:
    assert properties("postgresql", f"select {cast}") == {"$1": expected}
    assert properties("postgresql", f"-- $1 a\nselect {cast}") == {"a": expected}
    assert properties("postgresql", f"-- $1 a (json)\nselect {cast}") == {"a": DICT}


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_the_statement_can_be_chosen(language: str) -> None:
    code = "-- %%t%% a/b\n-- %%u%% a/b = b\n-- %%v%%\n-- %%w%% = x\nselect %%t%%, %%other%%"
    assert properties(language, code) == {
        "t": choice("a", "b"),
        "u": {**choice("a", "b"), "default": "b"},
        "v": STRING,
        "w": {**STRING, "default": "x"},
    }
    assert [name for name in required(language, code) if name != "database"] == ["t", "v"]


def test_words_after_a_declaration_say_what_it_is() -> None:
    code = "-- $1 a (int) = 3 -- how  many\n-- $2 b -- which\nselect 1"
    assert properties("postgresql", code) == {
        "a": {**INTEGER, "default": 3, "description": "how many"},
        "b": {**STRING, "description": "which"},
    }


@pytest.mark.parametrize(
    ("language", "code", "line", "column", "reason"),
    [
        ("postgresql", "select 1\n-- $1 a (int) = abc", 2, 17, "abc is not an integer"),
        ("postgresql", "-- $1 a (int) = 1_000", 1, 17, "not an integer"),
        ("postgresql", "-- $1 a (float8) = inf", 1, 20, "inf is not a number"),
        ("postgresql", "-- $1 a (bool) = yes", 1, 18, "yes is not true or false"),
        ("postgresql", "-- $1 a (jsonb) = [1]", 1, 19, "not an object, written as JSON"),
        ("postgresql", "-- $1 a (int[]) = {1,2}", 1, 19, "not a list, written as JSON"),
        ("postgresql", "-- $1 a (text) = " + "x" * 10_001, 1, 18, "not a short text"),
        ("postgresql", "-- $1 a\n-- $1 b", 2, 7, "$1 is declared twice"),
        ("postgresql", "-- $1 a\n-- $2 a", 2, 7, "a is the name of another parameter"),
        ("postgresql", "-- $1 database", 1, 7, "database is the name of the connection"),
        ("mysql", "-- :a\n  -- :a (int)", 2, 7, "a is the name of another parameter"),
        ("duckdb", "-- $t (int)\n-- %%t%% a/b", 2, 6, "t is the name of another parameter"),
        ("sqlite", "-- $1 a (int) = abc", 1, 17, "abc is not an integer"),
        ("sqlite", "-- $1 a\n-- $1 b", 2, 7, "$1 is declared twice"),
        ("sqlite", "-- %%t%% a/b = c", 1, 16, "c is none of a, b"),
        ("mysql", "-- é\n\0", 2, 1, "null bytes"),
        ("duckdb", "".join(f"-- $a{n}\n" for n in range(600)), 501, 5, "at most 500"),
    ],
)
def test_a_mistake_is_named_with_line_and_column(
    language: str, code: str, line: int, column: int, reason: str
) -> None:
    with pytest.raises(SourceError) as caught:
        infer(language, code)
    assert reason in caught.value.reason
    assert (caught.value.line, caught.value.column) == (line, column)


def test_any_is_not_among_the_types() -> None:
    """Text is what a database takes for everything."""
    for language in LANGUAGES:
        assert properties(language, f"-- {MARKS[language]} (unheard of)")["a"] != ANY
