"""MySQL scripts in cells, against a MariaDB."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests._certificate import CERTIFICATE
from tests._mariadb import MariaServer, find_server
from tests._toolchains import built, toolchains
from tests.runtimes.conftest import Scripts
from windmill_lite.runtimes import databases

LANGUAGES = {runtime.language: runtime for runtime in databases(toolchains(), built())}
pytestmark = pytest.mark.skipif(
    find_server() is None, reason="run: python packaging/prepare.py mariadb"
)


@pytest.fixture(scope="module")
def server() -> Iterator[MariaServer]:
    server = MariaServer()
    yield server
    server.close()


@pytest.fixture
def database(server: MariaServer) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": server.port, "user": "trusted", "database": "shop"}


@pytest.fixture
def mysql(scripts: Scripts) -> Scripts:
    return replace(scripts, runtime=LANGUAGES["mysql"])


TYPES = """
    create or replace table types(i bigint unsigned, t tinyint(1), d decimal(30, 4), f double,
      g float, s varchar(20), raw varbinary(9), b bit(3), y year, day date, ti time(3),
      ts timestamp(3) null, dt datetime, e enum('a', 'b'));
    insert into types values (18446744073709551615, 1, 12345678901234567890.1234, 1e300, 1.5,
      "é 'x'", x'0001ff', b'101', 2024, '2024-02-29', '-30:00:00.5', '2024-02-29 10:00:00.25',
      '2024-02-29 10:00:00', 'b');
    insert into types(i) values (0);
"""
ROW = {
    "i": 18446744073709551615,
    "t": 1,
    "d": pytest.approx(12345678901234567890.1234),
    "f": 1e300,
    "g": 1.5,
    "s": "é 'x'",
    "raw": "AAH/",
    "b": 5,
    "y": 2024,
    "day": "2024-02-29",
    "ti": "-30:00:00.500",
    "ts": "2024-02-29T10:00:00.250",
    "dt": "2024-02-29T10:00:00",
    "e": "b",
}


async def test_every_type_is_read_faithfully_with_and_without_values(
    mysql: Scripts, database: dict[str, Any]
) -> None:
    await mysql.result(TYPES, database=database)
    code = "select * from types order by i desc"
    first, second = await mysql.result(code, database=database)
    assert first == ROW
    assert second == dict.fromkeys(ROW) | {"i": 0}
    code = "-- :least (bigint)\nselect * from types where i >= :least order by i desc"
    prepared, second = await mysql.result(code, database=database, least=0)
    assert prepared | {"ti": ROW["ti"], "ts": ROW["ts"]} == ROW
    assert (prepared["ti"], prepared["ts"]) == ("-30:00:00.500000", "2024-02-29T10:00:00.250000")
    assert second == dict.fromkeys(ROW) | {"i": 0}


async def test_values_are_bound_in_turn_or_by_name_and_never_written(
    mysql: Scripts, database: dict[str, Any]
) -> None:
    code = """
        -- ? name (varchar(100))
        -- ? n (int) = 7
        -- ? doc (json)
        -- ? raw (blob)
        -- ? at (datetime)
        -- ? yes (bool)
        -- ? nothing (text)
        create or replace table t(name text, n bigint, doc text, raw blob, at datetime, yes bool,
          nothing text);
        insert into t values (?, ?, ?, ?, ?, ?, ?);
        select t.*, '?' as quoted from t
    """
    hostile = "\\'); drop table t; -- \" ? % é"
    args: dict[str, Any] = {
        "name": hostile,
        "doc": {"a": ["'"]},
        "raw": "AAH/",
        "at": "2024-02-29T10:00:00.000Z",
        "yes": True,
    }
    (row,) = await mysql.result(code, database=database, **args)
    assert row == {
        "name": hostile,
        "n": 7,
        "doc": '{"a": ["\'"]}',
        "raw": "AAH/",
        "at": "2024-02-29T10:00:00",
        "yes": 1,
        "nothing": None,
        "quoted": "?",
    }
    code = "-- :a (int)\n-- :b (bigint)\nselect :a + :a as two, :b as big, ':a' as quoted"
    assert await mysql.result(code, database=database, a=2, b=2**64 - 1) == [
        {"two": 4, "big": 2**64 - 1, "quoted": ":a"}
    ]


async def test_procedures_answer_with_their_first_rows(
    mysql: Scripts, database: dict[str, Any]
) -> None:
    make = "create or replace procedure both_rows() select 1 as a"
    assert await mysql.result(f"{make}; call both_rows()", database=database) == [{"a": 1}]
    assert await mysql.result(
        "-- :n (int)\ncall both_rows(); select :n as n", database=database, n=2
    ) == [{"n": 2}]


async def test_errors_name_their_statement(mysql: Scripts, database: dict[str, Any]) -> None:
    error = await mysql.error("select 1;\nselect x from nowhere", database=database)
    assert error["message"] == (
        "statement 2, line 2: Table 'shop.nowhere' doesn't exist (1146, 42S02)"
    )
    error = await mysql.error("-- ? a (int)\nselect ?, ?", database=database, a=1)
    assert "2 places for 1 values" in error["message"]
    error = await mysql.error("select 1", database={**database, "port": 1})
    assert error["message"].startswith("the database at 127.0.0.1:1 cannot be reached")


async def test_a_password_is_proved(mysql: Scripts, database: dict[str, Any]) -> None:
    code = """
        create or replace user ada@'127.0.0.1' identified by 'pass wörd';
        grant all on shop.* to ada@'127.0.0.1'
    """
    await mysql.result(code, database=database)
    asking = {**database, "user": "ada", "password": "pass wörd"}
    assert await mysql.result("select user() as who", database=asking) == [{"who": "ada@127.0.0.1"}]
    error = await mysql.error("select 1", database={**asking, "password": "wrong"})
    assert "Access denied for user 'ada'" in error["message"]


@pytest.mark.parametrize(
    ("more", "fails"),
    [
        ({"ssl": True}, ""),
        ({"ssl_mode": "disabled"}, "Access denied"),
        ({"ssl_mode": "VERIFY_CA", "root_certificate_pem": CERTIFICATE}, ""),
        ({"ssl_mode": "verify_ca"}, "self-signed certificate"),
        ({"ssl_mode": "verify_identity", "root_certificate_pem": CERTIFICATE}, "match"),
        (
            {
                "ssl_mode": "verify-identity",
                "root_certificate_pem": CERTIFICATE,
                "host": "localhost",
            },
            "",
        ),
        ({"ssl": True, "root_certificate_pem": "none"}, "is no certificate"),
        ({"ssl_mode": "sometimes"}, "ssl_mode 'sometimes' is none of disabled, preferred"),
    ],
)
async def test_tls_is_taken_and_checked_as_the_resource_says(
    mysql: Scripts, database: dict[str, Any], more: dict[str, Any], fails: str
) -> None:
    code = """
        create or replace user safe@'127.0.0.1' identified by 'secret' require ssl;
        grant all on shop.* to safe@'127.0.0.1'
    """
    await mysql.result(code, database=database)
    asking = {**database, "user": "safe", "password": "secret"} | more
    code = "show status like 'Ssl_cipher'"
    if fails:
        assert fails in (await mysql.error(code, database=asking))["message"]
    else:
        assert (await mysql.result(code, database=asking))[0]["Value"].startswith("TLS_")


async def test_a_value_of_many_packets_arrives(mysql: Scripts, database: dict[str, Any]) -> None:
    code = "set global max_allowed_packet = 67108864"
    await mysql.result(code, database=database)
    code = "-- :x (longtext)\nselect length(:x) as size, substring(:x, 17000000) as tail"
    text = "x" * 17_000_000 + "end"
    assert await mysql.result(code, database=database, x=text) == [
        {"size": 17_000_003, "tail": "xend"}
    ]
