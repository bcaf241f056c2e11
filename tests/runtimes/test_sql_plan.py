"""From a SQL script to statements: what is bound, what is sent, and where it came from."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests._toolchains import built, toolchains
from windmill_lite.base.errors import Invalid
from windmill_lite.core.signature.sql.main import DUCKDB, MYSQL, POSTGRESQL, SQLITE
from windmill_lite.runtimes.sql.languages import databases, implied_args
from windmill_lite.runtimes.sql.plan import DOLLARS, NAMED, NUMBERED, REPEATED, planned
from windmill_lite.runtimes.wrappers import sql_pgtypes as types


def plan(code: str, **args: Any) -> dict[str, Any]:
    return planned(code, POSTGRESQL, NUMBERED, args)


def texts(found: dict[str, Any]) -> list[str]:
    return [statement["text"].strip() for statement in found["statements"]]


def test_each_statement_numbers_its_own_places() -> None:
    code = "-- $1 a (int)\n-- $2 b\nselect $2; select $2, $1, $2; select '$1' -- $1"
    found = plan(code, a=1, b="x")
    assert texts(found)[0].endswith("select $1")
    assert texts(found)[1:] == ["select $1, $2, $1", "select '$1' -- $1"]
    bound = [[one["name"] for one in each["params"]] for each in found["statements"]]
    assert bound == [["b"], ["b", "a"], []]
    assert found["statements"][1]["params"][1] == {"name": "a", "type": "int", "value": 1}


def test_semicolons_in_texts_and_comments_end_nothing() -> None:
    code = "select ';', $$ ; $$, e'\\';' /* ; */; -- ;\n;\n-- only words\n"
    assert len(plan(code)["statements"]) == 1


def test_a_default_stands_in_for_what_was_not_given() -> None:
    code = "-- $1 n (int) = 7\n-- $2 m\nselect $1, $2"
    assert [one["value"] for one in plan(code)["statements"][0]["params"]] == [7, None]


def test_question_marks_are_bound_in_turn_and_names_each_time() -> None:
    code = "-- ? a (int)\n-- ? b\nselect ?, ?"
    found = planned(code, MYSQL, REPEATED, {"a": 1, "b": 2})
    assert [one["value"] for one in found["statements"][0]["params"]] == [1, 2]
    code = "-- :a (int)\nselect :a, :a, ':a', x::a"
    found = planned(code, MYSQL, REPEATED, {"a": 1})
    assert texts(found)[0].endswith("select ?, ?, ':a', x::a")
    assert [one["value"] for one in found["statements"][0]["params"]] == [1, 1]


def test_a_colon_is_no_mark_where_dollars_are() -> None:
    found = planned("-- $a (int)\nselect $a, {'x':a}, x::a", DUCKDB, DOLLARS, {"a": 1})
    assert [one["name"] for one in found["statements"][0]["params"]] == ["a"]
    found = planned("-- $a (int)\nselect {'x':a}", DUCKDB, DOLLARS, {"a": 1})
    assert found["statements"][0]["params"] == []


def test_names_stay_as_they_are_where_the_database_knows_them() -> None:
    found = planned("-- :a (int)\nselect :a, $a, :b", SQLITE, NAMED, {"a": 1})
    assert texts(found)[0].endswith("select :a, $a, :b")
    assert [one["name"] for one in found["statements"][0]["params"]] == ["a"]


def test_numbered_places_are_names_to_sqlite() -> None:
    code = "-- $2 b (int) = 5\n-- $1 a\n-- :c\nselect $2, :c, $1, $2, '$1'; select $3, $c, x$1"
    first, second = planned(code, SQLITE, NAMED, {"a": 1, "c": 3, "$3": 4})["statements"]
    assert first["text"].endswith("select :b, :c, :a, :b, '$1'")
    assert [(one["name"], one["value"]) for one in first["params"]] == [
        ("b", 5),
        ("c", 3),
        ("a", 1),
    ]
    assert second["text"] == " select :$3, $c, x$1"
    assert [(one["name"], one["value"]) for one in second["params"]] == [("$3", 4), ("c", 3)]


@pytest.mark.parametrize("word", ["a;b", "a b", "", "a.b.c.d", "1a", "a'", None, 3])
def test_a_free_choice_is_a_plain_name(word: object) -> None:
    code = "-- %%t%%\nselect * from %%t%%"
    assert texts(plan(code, t="shop.users"))[0].endswith("from shop.users")
    with pytest.raises(Invalid, match="t: expected a plain name"):
        plan(code, t=word)


def test_an_unknown_collection_is_refused() -> None:
    with pytest.raises(Invalid, match="is none of last_statement_all_rows"):
        plan("-- result_collection=everything\nselect 1")


def test_what_is_sent_can_be_found_in_the_script() -> None:
    code = "-- $2 b\n-- %%t%% users/orders\nselect $2 from %%t%% where é = $2"
    (statement,) = plan(code, b=1, t="orders")["statements"]
    for sent, place in statement["from"]:
        assert code[place:].startswith(statement["text"][sent : sent + 4][:1])


def test_a_named_resource_is_looked_up_unless_another_is_given() -> None:
    code = "-- database f/shop/db\nselect 1"
    assert implied_args("postgresql", code, "{}") == {"database": "$res:f/shop/db"}
    assert implied_args("postgresql", code, '{"database":{"host":"h"}}') == {}
    assert implied_args("postgresql", "select 1", "{}") == {}
    assert implied_args("python3", code, "{}") == {}


@pytest.mark.parametrize(
    ("spelled", "number"),
    [
        ("int", 23),
        ("INTEGER", 23),
        ("bigint[]", 1016),
        ("numeric(10, 2)", 1700),
        ("numeric(10,2)[]", 1231),
        ("timestamp(3) with time zone", 1184),
        ("character varying(20)", 1043),
        ("double precision", 701),
        ("mood", 0),
        ("", 0),
    ],
)
def test_a_declared_type_is_known_by_its_spelling(spelled: str, number: int) -> None:
    assert types.number_of(spelled) == number


_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(st.lists(st.none() | _TEXT))
def test_an_array_is_read_as_it_was_written(values: list[str | None]) -> None:
    text = types.written(values, 1009, name="x")
    assert text is not None
    assert json.loads(types.array_reader(types.READERS[25])(text)) == values


@given(st.lists(st.lists(st.integers() | st.none(), min_size=1, max_size=3), min_size=1))
def test_so_is_one_of_arrays(values: list[list[int | None]]) -> None:
    text = types.written(values, 1007, name="x")
    assert text is not None
    bare = text.replace('"', "")
    assert json.loads(types.array_reader(types.READERS[23])(bare)) == values


@pytest.mark.parametrize(
    ("number", "text", "json_text"),
    [
        (20, "-9007199254740993", "-9007199254740993"),
        (1700, "123.4500", "123.4500"),
        (1700, "NaN", '"NaN"'),
        (701, "-Infinity", '"-Infinity"'),
        (701, "1e+300", "1e+300"),
        (1184, "2024-02-29 10:00:00.123456+05:30", '"2024-02-29T10:00:00.123456+05:30"'),
        (1184, "2024-02-29 10:00:00-08", '"2024-02-29T10:00:00-08:00"'),
        (1114, "0044-03-15 12:00:00 BC", '"0044-03-15 12:00:00 BC"'),
        (17, "\\x00ff", '"AP8="'),
        (17, "a\\\\b\\000\\377", '"YVxiAP8="'),
    ],
)
def test_a_value_keeps_all_it_says(number: int, text: str, json_text: str) -> None:
    assert types.READERS[number](text) == json_text


def test_a_language_says_where_its_driver_comes_from() -> None:
    found = {each.language: each.probe() for each in databases(toolchains(), built())}
    assert set(found) == {"postgresql", "mysql", "sqlite", "duckdb"}
    assert all(probe.available and probe.version for probe in found.values())
    assert [name for name, probe in found.items() if probe.why] == ["duckdb"]
