"""Which servers, databases and roles we can work with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import asyncpg
import pytest

from tests._postgres import PostgresServer
from windmill_lite.base.errors import Unavailable
from windmill_lite.store.db import postgres
from windmill_lite.store.db.port import Tx
from windmill_lite.store.db.postgres import PostgresDb
from windmill_lite.store.db.sqlfile import parse

pytestmark = pytest.mark.postgres

Q = parse(
    """
-- name: add
insert into setting(name, value, changed_at) values (:name, '1', 1)
-- name: names
select name from setting order by name
-- name: below
select name from setting where name < :name order by name
""",
    "here",
)

NewName = Callable[[str], str]


@pytest.fixture
def new_name(postgres_server: PostgresServer) -> Iterator[NewName]:
    """`new_name("database")` or `new_name("role")`: it is dropped after the test."""
    made: list[tuple[str, str]] = []

    def new(kind: str) -> str:
        made.append((kind, f"{kind}_{uuid4().hex}"))
        return made[-1][1]

    yield new
    for kind, name in sorted(made):  # databases first: roles own them
        force = "with (force)" if kind == "database" else ""
        postgres_server.execute("postgres", f'drop {kind} if exists "{name}" {force}')


def as_role(server: PostgresServer, database: str, role: str) -> str:
    return server.dsn(database).replace("postgres@", f"{role}@", 1)


async def test_a_role_without_privileges_works_in_a_database_of_its_own(
    postgres_server: PostgresServer, new_name: NewName
) -> None:
    role, database = new_name("role"), new_name("database")
    postgres_server.execute("postgres", f'create role "{role}" login')
    postgres_server.execute("postgres", f'create database "{database}" owner "{role}"')
    db = PostgresDb(as_role(postgres_server, database, role))
    await db.open()
    assert await db.migrate()
    await add(db, "a")
    assert await names(db) == ["a"]
    await db.close()


async def test_a_role_that_may_not_make_tables_is_told_what_to_ask_for(
    postgres_server: PostgresServer, new_name: NewName
) -> None:
    role, database = new_name("role"), new_name("database")
    postgres_server.execute("postgres", f'create role "{role}" login')
    postgres_server.execute("postgres", f'create database "{database}"')
    db = PostgresDb(as_role(postgres_server, database, role))
    await db.open()
    with pytest.raises(Unavailable, match="grant it the schema"):
        await db.migrate()
    await db.close()


async def test_a_database_of_another_encoding_is_refused(
    postgres_server: PostgresServer, new_name: NewName
) -> None:
    database = new_name("database")
    postgres_server.execute(
        "postgres", f"create database \"{database}\" template template0 encoding 'LATIN1'"
    )
    db = PostgresDb(postgres_server.dsn(database))
    with pytest.raises(Unavailable, match="has the encoding LATIN1; it must be UTF8"):
        await db.open()
    await db.close()


async def test_a_server_that_is_too_old_is_refused(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "OLDEST", 990_000)
    db = PostgresDb(postgres_server.dsn("postgres"))
    with pytest.raises(Unavailable, match=r"database postgres, is version \d+"):
        await db.open()
    await db.close()


async def test_text_is_sorted_by_code_point_whatever_the_language_of_the_database(
    postgres_server: PostgresServer, new_name: NewName
) -> None:
    database = new_name("database")
    try:
        postgres_server.execute(
            "postgres",
            f'create database "{database}" template template0 locale_provider icu '
            "icu_locale 'en-US' locale 'C'",
        )
    except (asyncpg.FeatureNotSupportedError, asyncpg.InvalidParameterValueError):
        pytest.skip("this Postgres was built without ICU")
    db = PostgresDb(postgres_server.dsn(database))
    await db.open()
    await db.migrate()
    for name in ("b", "B", "a", "_", "ä", "Z", "-"):
        await add(db, name)
    assert await names(db) == ["-", "B", "Z", "_", "a", "b", "ä"]
    async with db.view() as view:
        found = await view.all(Q["below"], name="_")
    assert [row["name"] for row in found] == ["-", "B", "Z"]
    await db.close()


async def add(db: PostgresDb, name: str) -> None:
    async def body(tx: Tx) -> None:
        await tx.run(Q["add"], name=name)

    await db.write(body)


async def names(db: PostgresDb) -> list[str]:
    async with db.view() as view:
        return [row["name"] for row in await view.all(Q["names"])]
