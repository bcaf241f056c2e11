"""SQLite scripts in cells; what all SQL scripts have in common is shown with them, too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests._toolchains import built, toolchains
from tests.runtimes.conftest import Scripts
from windmill_lite.runtimes import Failure, databases

LANGUAGES = {runtime.language: runtime for runtime in databases(toolchains(), built())}


@pytest.fixture
def sqlite(scripts: Scripts) -> Scripts:
    return replace(scripts, runtime=LANGUAGES["sqlite"])


async def test_sqlite_binds_by_name_and_answers_with_rows(sqlite: Scripts) -> None:
    code = """
        -- :n (int) = 2
        -- $words (json)
        -- :raw (blob)
        create table t(a integer, b text, c blob);
        insert into t select :n * 10, value, :raw from json_each($words);
        select *, ':n' as quoted, 1.5 as f, null as empty from t; -- :n
    """
    rows = await sqlite.result(code, words=["it's", "b"], raw="AAH/")
    assert rows == [
        {"a": 20, "b": "it's", "c": "AAH/", "quoted": ":n", "f": 1.5, "empty": None},
        {"a": 20, "b": "b", "c": "AAH/", "quoted": ":n", "f": 1.5, "empty": None},
    ]


async def test_sqlite_binds_by_number_as_postgresql_does(sqlite: Scripts) -> None:
    code = """
        -- $1 word (text) = it's
        -- $2 n (int)
        -- :more (real)
        select $2 + $2 as twice, $1 as word, :more as more, $3 as undeclared, '$1' as quoted;
    """
    rows = await sqlite.result(code, **{"n": 4, "more": 0.5, "$3": "x"})
    assert rows == [{"twice": 8, "word": "it's", "more": 0.5, "undeclared": "x", "quoted": "$1"}]


COLLECTIONS: dict[str, object] = {
    "last_statement_all_rows": [{"b": 3}],
    "last_statement_first_row": {"b": 3},
    "last_statement_all_rows_scalar": [3],
    "last_statement_first_row_scalar": 3,
    "all_statements_all_rows": [[{"a": 1}, {"a": 2}], [], [{"b": 3}]],
    "all_statements_first_row": [{"a": 1}, None, {"b": 3}],
    "all_statements_all_rows_scalar": [[1, 2], [], [3]],
    "all_statements_first_row_scalar": [1, None, 3],
}


async def test_the_script_says_which_rows_it_wants(sqlite: Scripts) -> None:
    code = "-- result_collection={}\nselect 1 as a union select 2; create table t(x); select 3 as b"
    found = {name: await sqlite.result(code.format(name)) for name in COLLECTIONS}
    assert found == COLLECTIONS


async def test_an_error_names_its_statement_and_its_line(sqlite: Scripts) -> None:
    error = await sqlite.error("select 1;\n\nselect\n  1\nfrom nowhere;")
    assert error["message"] == "statement 2, line 3: no such table: nowhere (SQLITE_ERROR)"
    assert error["stack"] == "f/ops/hello.sql, line 3\n    select"
    error = await sqlite.error("-- :a (text)\n/* one\n two */\nselect nothing from nowhere;", a="")
    assert error["stack"] == "f/ops/hello.sql, line 4\n    select nothing from nowhere;"


async def test_a_choice_is_one_of_its_words_or_nothing(sqlite: Scripts) -> None:
    code = "-- %%order%% asc/desc\n-- %%name%%\nselect 1 as %%name%% order by 1 %%order%%"
    assert await sqlite.result(code, order="desc", name="a") == [{"a": 1}]
    bad = await sqlite.run(code, order="asc; drop table t", name="a")
    assert isinstance(bad, Failure)
    assert bad.error["message"] == "order: expected one of asc, desc"
    worse = await sqlite.run(code, order="asc", name="a, (select 1)")
    assert isinstance(worse, Failure)
    assert worse.error["message"] == "name: expected a plain name"


async def test_rows_that_are_too_many_end_the_job(sqlite: Scripts) -> None:
    code = """
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 400)
        select printf('%.*c', 100000, 'x') from n
    """
    assert (await sqlite.error(code))["name"] == "ResultTooLarge"
