"""The throw-away Postgres keeps what the tests of the product lean on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tests import _postgres
from tests._postgres import PostgresMissingError, PostgresServer

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    server.start()
    yield server
    server.close()


def rows(dsn: str, query: str) -> list[tuple[object, ...]]:
    async def ask() -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(dsn)
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return asyncio.run(ask())


def test_a_clone_has_what_its_template_had_and_nothing_that_comes_later(
    server: PostgresServer,
) -> None:
    server.create_database("t_template")
    server.execute("t_template", "create table t (n int); insert into t values (1)")
    clone = server.create_database("t_clone", template="t_template")
    server.execute("t_clone", "insert into t values (2)")
    assert rows(clone, "select n from t order by n") == [(1,), (2,)]
    assert rows(server.dsn("t_template"), "select n from t") == [(1,)]


def test_a_database_can_be_dropped_while_it_is_used(server: PostgresServer) -> None:
    dsn = server.create_database("t_used")

    async def drop_under_a_connection() -> None:
        connection = await asyncpg.connect(dsn)
        await asyncio.to_thread(server.drop_database, "t_used")
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
            await connection.fetch("select 1")
        connection.terminate()

    asyncio.run(drop_under_a_connection())
    server.drop_database("t_used")
    assert rows(server.dsn("postgres"), "select 1 from pg_database where datname = 't_used'") == []


@pytest.mark.parametrize("crash", [False, True])
def test_a_restart_keeps_the_data(server: PostgresServer, crash: bool) -> None:  # noqa: FBT001
    name = f"t_kept_{crash}".lower()
    dsn = server.create_database(name)
    server.execute(name, "create table t (n int)")
    server.stop(crash=crash)
    with pytest.raises(OSError, match=r"No such file|refused"):
        rows(dsn, "select 1")
    server.start()
    assert rows(dsn, "select count(*) from t") == [(0,)]


def test_nothing_is_left_when_it_is_closed() -> None:
    server = PostgresServer()
    server.start()
    folder = Path(server.dsn("x").split("host=")[1].replace("%2F", "/"))
    assert folder.is_dir()
    server.close()
    assert not folder.exists()


def test_without_postgres_the_error_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_postgres, "_candidates", lambda: iter(()))
    with pytest.raises(PostgresMissingError, match="apt-get install postgresql"):
        PostgresServer()
