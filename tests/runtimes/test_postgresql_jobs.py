"""PostgreSQL scripts in cells, against a server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from tests._toolchains import built, toolchains
from tests.conftest import NewDatabase
from tests.roles._relay import Relay
from tests.runtimes.conftest import Scripts
from windmill_lite.runtimes import databases

LANGUAGES = {runtime.language: runtime for runtime in databases(toolchains(), built())}


@pytest.fixture
def postgres(scripts: Scripts) -> Scripts:
    return replace(scripts, runtime=LANGUAGES["postgresql"])


@pytest.fixture
def dsn(new_database: NewDatabase) -> str:
    return new_database("postgres empty")


@pytest.fixture
def database(dsn: str) -> Iterator[dict[str, Any]]:
    """A resource; cells do not see the socket in the file system, so there is a way to it."""
    relay = Relay(dsn)
    parts = urlsplit(relay.address)
    yield {
        "host": "127.0.0.1",
        "port": parts.port,
        "user": parts.username,
        "dbname": parts.path[1:],
        "sslmode": "prefer",
    }
    relay.close()


async def test_every_type_is_read_faithfully(postgres: Scripts, database: dict[str, Any]) -> None:
    code = """
        create type mood as enum ('sad', 'so so');
        select true as b, 9007199254740993::int8 as i, 0.1::float8 as f, 'NaN'::float8 as nan,
          12345678901234567890.123456789::numeric as n, 'NaN'::numeric as nn,
          '{"a": [1, null]}'::jsonb as j, 'a "b" é\n' as t, null::text as nothing,
          '2024-02-29'::date as d, '2024-02-29 10:00:00.5'::timestamp as ts,
          '2024-02-29 10:00:00+02'::timestamptz as tz, 'infinity'::timestamptz as inf,
          '10:00'::time as ti, '1 day 02:00'::interval as iv,
          '\\x00ff'::bytea as by, 'so so'::mood as m,
          '3f333df6-90a4-4fda-8dd3-9485d27cee36'::uuid as u
    """
    (row,) = await postgres.result(code, database=database)
    assert row == {
        "b": True,
        "i": 9007199254740993,
        "f": 0.1,
        "nan": "NaN",
        "n": pytest.approx(12345678901234567890.123456789),
        "nn": "NaN",
        "j": {"a": [1, None]},
        "t": 'a "b" é\n',
        "nothing": None,
        "d": "2024-02-29",
        "ts": "2024-02-29T10:00:00.5",
        "tz": "2024-02-29T08:00:00+00:00",
        "inf": "infinity",
        "ti": "10:00:00",
        "iv": "1 day 02:00:00",
        "by": "AP8=",
        "m": "so so",
        "u": "3f333df6-90a4-4fda-8dd3-9485d27cee36",
    }


async def test_arrays_are_lists_of_what_is_in_them(
    postgres: Scripts, database: dict[str, Any]
) -> None:
    code = """
        create type mood as enum ('sad', 'so so');
        select array[1, null, 3] as i, array[[1], [2]] as two, '{}'::text[] as none,
          array['a', 'NULL', 'a,"}\\b', '']::text[] as t, array[1.50, 2]::numeric[] as n,
          array['{"a": 1}'::jsonb] as j, array['sad', 'so so']::mood[] as m,
          '[0:1]={7,8}'::int[] as odd, array[box '((1,2),(3,4))'] as boxes
    """
    assert await postgres.result(code, database=database) == [
        {
            "i": [1, None, 3],
            "two": [[1], [2]],
            "none": [],
            "t": ["a", "NULL", 'a,"}\\b', ""],
            "n": [1.5, 2],
            "j": [{"a": 1}],
            "m": ["sad", "so so"],
            "odd": [7, 8],
            "boxes": ["(3,4),(1,2)"],
        }
    ]


async def test_values_are_bound_with_their_types_and_never_written(
    postgres: Scripts, database: dict[str, Any]
) -> None:
    code = """
        -- $1 name (text)
        -- $2 n (bigint) = 7
        -- $3 tags (text[])
        -- $4 doc (jsonb)
        -- $5 raw (bytea)
        -- $6 at (timestamptz)
        create table t(name text, n bigint, tags text[], doc jsonb, raw bytea, at timestamptz);
        insert into t values ($1, $2, $3, $4, $5, $6);
        select *, $2 + 1 as more, '$1' as quoted from t where name = $1 and n = $2;
    """
    hostile = "'); drop table t; -- \\ $2"
    args = {
        "name": hostile,
        "tags": ["a", 'b"\\,{}', None],
        "doc": {"a": ["'"]},
        "raw": "AP8=",
        "at": "2024-02-29T10:00:00.000Z",
    }
    (row,) = await postgres.result(code, database=database, **args)
    assert row == {
        **args,
        "n": 7,
        "more": 8,
        "quoted": "$1",
        "at": "2024-02-29T10:00:00+00:00",
    }


async def test_undeclared_places_have_the_types_the_server_finds(
    postgres: Scripts, database: dict[str, Any]
) -> None:
    code = "select $1::int + 1 as a, $2::int[] as b, $3::jsonb as c, $4 as d"
    args = {"$1": 1, "$2": [1, 2], "$3": [1, 2], "$4": "x"}
    assert await postgres.result(code, database=database, **args) == [
        {"a": 2, "b": [1, 2], "c": [1, 2], "d": "x"}
    ]


async def test_an_error_of_the_server_points_into_the_script(
    postgres: Scripts, database: dict[str, Any]
) -> None:
    code = "-- $1 n (int)\nselect 1;\nselect $1,\n  nothing from t;"
    error = await postgres.error(code, database=database, n=1)
    assert error["message"] == 'statement 2, line 4: relation "t" does not exist (42P01)'
    assert error["stack"] == "f/ops/hello.sql, line 4\n      nothing from t;\n                   ^"
    error = await postgres.error("-- $1 n (int)\nselect $1", database=database, n="x")
    assert 'invalid input syntax for type integer: "x" (22P02)' in error["message"]


async def test_statements_before_one_that_fails_have_happened(
    postgres: Scripts, database: dict[str, Any]
) -> None:
    code = "create table t(a int); insert into t values (1); select 1/0; select 1"
    assert "division by zero" in (await postgres.error(code, database=database))["message"]
    assert await postgres.result("select a from t", database=database) == [{"a": 1}]
    code = "begin; insert into t values (2); select 1/0; commit"
    await postgres.error(code, database=database)
    assert await postgres.result("select a from t", database=database) == [{"a": 1}]


async def test_what_the_server_says_is_in_the_log(
    postgres: Scripts, database: dict[str, Any]
) -> None:
    code = "do $$ begin raise notice 'half; way'; end $$; select 1 as a"
    assert await postgres.result(code, database=database) == [{"a": 1}]
    assert postgres.text == "NOTICE: half; way\n"


async def test_copy_is_refused_and_the_connection_goes_on(
    postgres: Scripts, database: dict[str, Any]
) -> None:
    error = await postgres.error("copy (select 1) to stdout", database=database)
    assert "COPY to the client" in error["message"]
    code = "create table t(a int); copy t from stdin"
    assert "nothing to copy from" in (await postgres.error(code, database=database))["message"]


async def test_a_resource_that_leads_nowhere_is_told(
    postgres: Scripts, database: dict[str, Any]
) -> None:
    error = await postgres.error("select 1", database={**database, "port": 1})
    assert error["message"].startswith("the database at 127.0.0.1:1 cannot be reached")
    error = await postgres.error("select 1", database={**database, "dbname": "nowhere"})
    assert 'database "nowhere" does not exist' in error["message"]
    error = await postgres.error("select 1", database={**database, "sslmode": "require"})
    assert "takes no TLS" in error["message"]
    error = await postgres.error("select 1", database="f/ops/db")
    assert "expected a resource of the type postgresql" in error["message"]


async def test_passwords_are_proved_in_every_way(
    postgres: Scripts, database: dict[str, Any], dsn: str
) -> None:
    for method in ("scram-sha-256", "md5", "password"):
        name = f"user_{method.replace('-', '_')}"
        await _login(dsn, name, method)
        asking = {**database, "user": name, "password": "pass word é"}
        rows = await postgres.result("select current_user as who", database=asking)
        assert rows == [{"who": name}]
        error = await postgres.error("select 1", database={**asking, "password": "wrong"})
        assert "password authentication failed" in error["message"]


async def _login(dsn: str, name: str, method: str) -> None:
    """A role that has to prove its password; all others are trusted."""
    connection = await _connection(dsn)
    try:
        stored = "md5" if method == "md5" else "scram-sha-256"
        await connection.execute(f"set password_encryption = '{stored}'")
        await connection.execute(f"create role {name} login password 'pass word é'")
        _trust_less(Path(await connection.fetchval("show hba_file")), f"local all {name} {method}")
        await connection.execute("select pg_reload_conf()")
        seen = "select count(*) from pg_hba_file_rules where $1 = any(user_name)"
        assert await connection.fetchval(seen, name) == 1
    finally:
        await connection.close()


async def _connection(dsn: str) -> asyncpg.Connection[asyncpg.Record]:
    parts = urlsplit(dsn)
    host = parse_qs(parts.query)["host"][0]
    return await asyncpg.connect(host=host, user=parts.username, database=parts.path[1:])


def _trust_less(hba: Path, line: str) -> None:
    hba.write_text(f"{line}\n{hba.read_text()}")


async def test_a_statement_does_not_outlive_its_job(
    postgres: Scripts, database: dict[str, Any], dsn: str
) -> None:
    connection = await _connection(dsn)
    try:
        await connection.execute("create table t(a int)")
        code = "insert into t select 1 from pg_sleep(600)"
        job = asyncio.create_task(postgres.run(code, database=database))
        await _until(connection, code, runs=1)
        job.cancel()
        await asyncio.wait([job])
        await _until(connection, code, runs=0)
        assert await connection.fetchval("select count(*) from t") == 0
    finally:
        await connection.close()


async def _until(connection: asyncpg.Connection[asyncpg.Record], code: str, *, runs: int) -> None:
    running = "select count(*) from pg_stat_activity where query = $1 and state = 'active'"
    async with asyncio.timeout(30):
        while await connection.fetchval(running, code) != runs:  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0.05)
