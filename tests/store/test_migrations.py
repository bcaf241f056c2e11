"""The schema comes to a database once, whole, and only from a version that knows it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from tests.conftest import NewDatabase
from windmill_lite.base.errors import Bug, Unavailable
from windmill_lite.store.db import migrate
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.migrate import Migration, available, migration, pending
from windmill_lite.store.db.port import Db, Row
from windmill_lite.store.db.sqlfile import parse

FIRST = migration("0001_first", "create table one(id uuid primary key, name text);")
SECOND = migration(
    "0002_second", "alter table one add column size bigint; create table two(x text);"
)
BROKEN = migration("0003_broken", "create table three(x text); create table one(x text);")

Q = parse(
    """
-- name: ledger
select name from schema_migration order by name
-- name: columns
select id, name, size from one
-- name: three
select * from three
""",
    "here",
)


@pytest.fixture
async def empty(dialect: str, new_database: NewDatabase) -> AsyncIterator[Db]:
    db = connect(new_database(f"{dialect} empty"), Path())
    await db.open()
    yield db
    await db.close()


Ship = Callable[..., None]


@pytest.fixture
def ship(monkeypatch: pytest.MonkeyPatch) -> Ship:
    """`ship(FIRST, ...)`: the version that is running has these migrations."""

    def ship(*ours: Migration) -> None:
        monkeypatch.setattr(migrate, "available", lambda: list(ours))

    return ship


async def applied(db: Db) -> Sequence[str]:
    async with db.view() as view:
        return [row["name"] for row in await view.all(Q["ledger"])]


async def columns(db: Db) -> list[Row]:
    async with db.view() as view:
        return await view.all(Q["columns"])


async def test_each_migration_is_applied_once_and_in_order(empty: Db, ship: Ship) -> None:
    ship(FIRST)
    assert await empty.migrate() == ["0001_first"]
    assert await empty.migrate() == []
    ship(FIRST, SECOND)
    assert await empty.migrate() == ["0002_second"]
    assert await applied(empty) == ["0001_first", "0002_second"]
    assert await columns(empty) == []


async def test_a_migration_that_fails_leaves_nothing_of_itself(empty: Db, ship: Ship) -> None:
    ship(FIRST, SECOND, BROKEN)
    with pytest.raises(Bug):
        await empty.migrate()
    assert await applied(empty) == ["0001_first", "0002_second"]
    async with empty.view() as view:
        with pytest.raises(Bug):
            await view.all(Q["three"])
    mended = migration(BROKEN.name, "create table three(x text);")
    ship(FIRST, SECOND, mended)
    assert await empty.migrate() == [BROKEN.name]


async def test_a_database_that_is_newer_is_refused(empty: Db, ship: Ship) -> None:
    ship(FIRST, SECOND)
    await empty.migrate()
    ship(FIRST)
    with pytest.raises(Unavailable, match=r"newer than this version.*0002_second"):
        await empty.migrate()
    assert await applied(empty) == ["0001_first", "0002_second"]


async def test_a_migration_that_was_changed_after_it_was_applied_is_refused(
    empty: Db, ship: Ship
) -> None:
    ship(FIRST)
    await empty.migrate()
    ship(migration(FIRST.name, FIRST.source + " -- harmless"), SECOND)
    with pytest.raises(Unavailable, match="0001_first is not the one that was applied"):
        await empty.migrate()
    assert await applied(empty) == ["0001_first"]


@pytest.mark.postgres
async def test_of_many_nodes_that_start_at_once_one_migrates(
    new_database: NewDatabase,
) -> None:
    url = new_database("postgres empty")
    nodes = [connect(url, Path()) for _ in range(5)]
    await asyncio.gather(*[node.open() for node in nodes])
    done = await asyncio.gather(*[node.migrate() for node in nodes])
    everything = [each.name for each in available()]
    assert sorted(map(len, done)) == [0, 0, 0, 0, len(everything)]
    assert await applied(nodes[0]) == everything
    await asyncio.gather(*[node.close() for node in nodes])


async def test_what_a_database_still_needs_is_decided_without_one() -> None:
    ledger = {each.name: each.checksum for each in (FIRST, SECOND)}
    assert pending([FIRST, SECOND], {}) == [FIRST, SECOND]
    assert pending([FIRST, SECOND, BROKEN], ledger) == [BROKEN]
    assert pending([FIRST, SECOND], ledger) == []


def test_a_source_is_told_to_each_database_in_its_words() -> None:
    source = """
    create table t(
      id uuid primary key,             -- a uuid; of a thing
      n bigint not null default 0, m smallint, r double precision,
      word text check (word <> 'text; uuid')
    )
    with (fillfactor = 70) --[postgres]
    ;
    create index t_word on t(word);
    pragma something; --[sqlite]
    """
    each = migration("0001_t", source)
    table, index = each.statements("postgres")
    assert "id uuid primary key" in table
    assert "word text collate \"C\" check (word <> 'text; uuid')" in table
    assert table.endswith("with (fillfactor = 70)")
    assert index == "create index t_word on t(word)"

    table, index, pragma = each.statements("sqlite")
    assert "id blob primary key" in table
    assert "n integer not null default 0, m integer, r real," in " ".join(table.split())
    assert "word text check (word <> 'text; uuid')" in table
    assert table.endswith(") strict")
    assert (index, pragma) == ("create index t_word on t(word)", "pragma something")


def test_the_migrations_have_numbers_of_their_own() -> None:
    numbers = [int(each.name[:4]) for each in available()]
    assert numbers == sorted(set(numbers))


def test_no_statement_writes_to_a_table_that_it_does_not_name() -> None:
    """`sqltext.lasts` counts on it."""
    for each in migrate.available():
        text = " ".join(each.statements("sqlite")).lower()
        assert "create trigger" not in text
        assert "on delete" not in text
        assert "on update" not in text
