"""Named queries: what a file may say, and which statement comes of it."""

from __future__ import annotations

import re
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windmill_lite.base.errors import Bug, Invalid
from windmill_lite.store.db import sqlfile
from windmill_lite.store.db.port import Dialect, Value
from windmill_lite.store.db.sqlfile import LIST_MAX, parse
from windmill_lite.store.db.sqltext import lines, statements, tokens

A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)


def render(body: str, **params: Value) -> tuple[tuple[str, list[Any]], tuple[str, list[Any]]]:
    """One query for SQLite and for Postgres."""
    query = parse(f"-- name: q\n{body}", "test.sql")["q"]
    return query.render("sqlite", params), query.render("postgres", params)


def test_parameters_are_numbered_by_first_use() -> None:
    sqlite, postgres = render("select :b, :a, :b where x = :a", a=1, b="two")
    assert sqlite == ("select ?1, ?2, ?1 where x = ?2", ["two", 1])
    assert postgres == ("select $1, $2, $1 where x = $2", ["two", 1])


def test_casts_strings_and_comments_hold_no_parameters() -> None:
    body = """
    select ':no', "a:no", x::text, 'it''s :no' -- :no
    /* :no
       :no */
    where y = :yes
    """
    sqlite, postgres = render(body, yes=1)
    assert sqlite[1] == [1]
    assert postgres[1] == [1]
    assert "where y = $1" in postgres[0]
    assert ":no" not in sqlite[0].replace("':no'", "").replace('"a:no"', "").replace("s :no'", "")
    assert "--" not in sqlite[0]


def test_a_uuid_is_bytes_on_sqlite_only() -> None:
    sqlite, postgres = render("select :id", id=A)
    assert (sqlite[1], postgres[1]) == ([A.bytes], [A])


def test_a_tuple_becomes_a_list_padded_to_a_power_of_two() -> None:
    sqlite, postgres = render("select 1 where id in :ids and n = :n", ids=(A, B, C), n=5)
    assert sqlite[0] == "select 1 where id in (?1, ?2, ?3, ?4) and n = ?5"
    assert sqlite[1] == [A.bytes, B.bytes, C.bytes, C.bytes, 5]
    assert postgres == ("select 1 where id in ($1, $2, $3, $4) and n = $5", [A, B, C, C, 5])


def test_an_empty_tuple_matches_nothing() -> None:
    sqlite, postgres = render("select 1 where id in :ids", ids=())
    assert sqlite == ("select 1 where id in (null)", [])
    assert postgres == ("select 1 where id in (null)", [])


@given(length=st.integers(0, 300))
def test_few_statements_serve_all_lengths(length: int) -> None:
    _, (sql, values) = render("select 1 where x in :xs", xs=tuple(range(length)))
    assert len(values) == (1 << (length - 1).bit_length() if length else 0)
    assert set(values) == set(range(length))
    assert sql.count("$") == len(values)


def test_a_list_has_a_limit() -> None:
    with pytest.raises(Bug, match=f"at most {LIST_MAX}"):
        render("select 1 where id in :ids", ids=tuple(range(LIST_MAX + 1)))


def test_an_optional_line_stays_when_all_it_needs_is_given() -> None:
    body = """
    select 1
    where true
      and a = :a                   --? a
      and b between :low and :high --? low high
      and archived = 0             --? living
    """

    def kept(**params: Value) -> str:
        (sqlite, values), (postgres, numbered) = render(body, **params)
        assert "--" not in sqlite
        assert sorted(map(str, values)) == sorted(map(str, numbered))
        assert postgres.count("and") == sqlite.count("and")
        return re.sub(r"\?\d", "?", " ".join(sqlite.split()))

    bare = "select 1 where true"
    assert kept() == bare
    assert kept(a=None, low=1, high=None) == bare
    assert kept(a=0) == f"{bare} and a = ?"
    assert kept(low=1, high=2) == f"{bare} and b between ? and ?"
    assert kept(living=1) == f"{bare} and archived = 0"
    assert kept(a="", low=1, high=2) == f"{bare} and a = ? and b between ? and ?"


def test_twins_have_a_text_each() -> None:
    source = """
-- name: claim [sqlite]
-- Takes one.
update x set y = :y
-- name: claim [postgres]
-- Differs because rows are locked.
update x set y = :y, z = :z
"""
    query = parse(source, "test.sql")["claim"]
    assert query.doc == "Takes one."
    assert query.render("sqlite", {"y": 1, "z": 2}) == ("update x set y = ?1", [1])
    assert query.render("postgres", {"y": 1, "z": 2})[1] == [1, 2]


def test_prose_before_the_first_query_and_comments_under_a_header_are_documents() -> None:
    source = "-- About this file.\n\n-- name: q\n-- What it\n-- does.\nselect 1 -- one\n;\n"
    query = parse(source, "test.sql")["q"]
    assert query.doc == "What it does."
    assert query.render("sqlite", {}) == ("select 1", [])


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("select 1\n-- name: q\nselect 2", "SQL before its first"),
        ("-- name: q\nselect 1\n-- name: q\nselect 2", "twice for sqlite"),
        ("-- name: q [sqlite]\nselect 1\n-- name: q [sqlite]\nselect 2", "twice for sqlite"),
        ("-- name: q [sqlite]\nselect 1", "for one database only"),
        ("-- name: q [sqlite]\nselect 1\n-- name: q [postgres]\nselect 2", "Differs because"),
    ],
)
def test_a_file_that_is_not_right_says_what_is_wrong(source: str, complaint: str) -> None:
    with pytest.raises(Bug, match=complaint):
        parse(source, "test.sql")


def test_a_query_that_only_one_database_needs_says_so_and_is_none_of_the_other() -> None:
    source = "-- name: q [postgres only]\n-- Only for Postgres, which is far.\nselect 1"
    query = parse(source, "test.sql")["q"]
    assert (query.speaks("postgres"), query.speaks("sqlite")) == (True, False)
    assert query.render("postgres", {})[0].endswith("select 1")
    with pytest.raises(Bug, match=r"query q of .* is not for sqlite"):
        query.render("sqlite", {})


@pytest.mark.parametrize("dialect", get_args(Dialect))
def test_a_parameter_that_is_missing_or_unknown_is_named(dialect: Dialect) -> None:
    query = parse("-- name: q\nselect :a\n and :b --? b", "test.sql")["q"]
    with pytest.raises(Bug, match=r"query q of test\.sql misses the parameter a"):
        query.render(dialect, {"b": 1})
    with pytest.raises(Bug, match=r"query q of test\.sql does not know the parameter c, d"):
        query.render(dialect, {"a": 1, "c": 1, "d": None})


@pytest.mark.parametrize("dialect", get_args(Dialect))
def test_a_row_has_the_order_of_the_first_mentions(dialect: Dialect) -> None:
    query = parse("-- name: q\nselect :b, :a, :b, :c\n and :d --? d", "test.sql")["q"]
    named = query.render(dialect, {"a": 1, "b": "x", "c": None})
    assert query.render(dialect, ("x", 1, None)) == named
    with pytest.raises(Bug, match=r"query q of test\.sql takes 3 values, and got 2"):
        query.render(dialect, ("x", 1))
    with pytest.raises(Invalid, match=r"^a contains the character U\+0000"):
        query.render(dialect, ("x", "\0", None))


def test_however_many_filters_are_combined_few_statements_are_kept() -> None:
    names = [f"p{n}" for n in range(8)]
    body = "select 1 where true\n" + "\n".join(f"and {name} = :{name} --? {name}" for name in names)
    query = parse(f"-- name: q\n{body}", "test.sql")["q"]
    for chosen in range(1 << len(names)):
        given = {name: n for n, name in enumerate(names) if chosen >> n & 1}
        sql, values = query.render("sqlite", given)
        assert values == list(given.values())
        assert all((f"and {name} = ?" in sql) is (name in given) for name in names)
        assert len(query._variants) <= sqlfile.VARIANTS_MAX


def test_a_file_is_read_when_its_first_query_is_wanted() -> None:
    missing = sqlfile.load("windmill_lite.store.db", "no_such_file.sql")
    with pytest.raises(FileNotFoundError):
        _ = missing.anything
    found = sqlfile.load("windmill_lite.store.db", "migrate.sql")
    assert found.applied is found.applied
    assert found.applied.name == "applied"
    assert "record" in found.all()
    with pytest.raises(Bug, match=r"migrate\.sql has no query nothing"):
        _ = found.nothing


@given(text=st.text(alphabet="ab1:;'\"-/*\n $", max_size=60))
def test_no_character_of_a_text_is_lost(text: str) -> None:
    assert "".join(token.text for token in tokens(text)) == text
    assert "\n".join("".join(t.text for t in line) for line in lines(text)) == text


def test_a_script_is_cut_at_the_ends_of_its_statements_only() -> None:
    script = "create a('x;y'); -- no; end\n\n;/* ; */ create \"b;c\" ;\ncreate d"
    assert list(statements(script)) == ["create a('x;y')", 'create "b;c"', "create d"]
