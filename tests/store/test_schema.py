"""Both databases have the same schema, and guard the same things."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import NewDatabase
from windmill_lite.model.job import NewJob
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.port import Db, Dialect, Query, Tx
from windmill_lite.store.db.sqlfile import parse
from windmill_lite.store.machine import queue
from windmill_lite.store.machine.places import Spot

Q = parse(
    """
-- name: columns [sqlite]
select t.name as relation, c.name as name, c.type as type, c."notnull" as required,
       c.pk as key, c.dflt_value as preset
from pragma_table_list as t, pragma_table_info(t.name) as c
where t.schema = 'main' and t.type = 'table' and t.name not like 'sqlite%'
-- name: columns [postgres]
-- Differs because each has a catalog of its own.
select c.relname as relation, a.attname as name, format_type(a.atttypid, null) as type,
       a.attnotnull::int as required,
       coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0) as key,
       pg_get_expr(d.adbin, d.adrelid) as preset
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_index i on i.indrelid = c.oid and i.indisprimary
left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'

-- name: indexes [sqlite]
select name, tbl_name as relation, lower(sql) like 'create unique%' as distinct_keys,
       lower(sql) like '% where %' as partial
from sqlite_master where type = 'index' and sql is not null
-- name: indexes [postgres]
-- Differs because each has a catalog of its own.
select indexname as name, tablename as relation,
       (indexdef ilike 'create unique%')::int as distinct_keys,
       (indexdef ilike '% where %')::int as partial
from pg_indexes where schemaname = 'public' and indexname not like '%_pkey'

-- name: loose [sqlite]
select name from pragma_table_list
where schema = 'main' and type = 'table' and strict = 0 and name not like 'sqlite%'
-- name: loose [postgres]
-- Differs because Postgres has no loose tables; there, text that compares by a language is loose.
select c.relname || '.' || a.attname as name
from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
  and a.atttypid = 'text'::regtype and a.attcollation <> '"C"'::regcollation
""",
    "here",
)

KINDS = {
    "blob": "uuid",
    "integer": "whole",
    "bigint": "whole",
    "smallint": "whole",
    "real": "real",
    "double precision": "real",
    "text": "text",
    "uuid": "uuid",
}


async def ask(db: Db, query: Query) -> list[dict[str, object]]:
    async with db.view() as view:
        return [dict(row) for row in await view.all(query)]


@pytest.mark.postgres
async def test_both_databases_have_the_same_tables_columns_and_indexes(
    new_database: NewDatabase,
) -> None:
    seen = []
    for dialect in ("sqlite", "postgres"):
        db = connect(new_database(dialect), Path())
        await db.open()
        columns = {
            (row["relation"], row["name"]): (
                KINDS[str(row["type"]).lower()],
                bool(row["required"] or row["key"]),
                row["key"],
                str(row["preset"] or "").removesuffix("::text"),
            )
            for row in await ask(db, Q["columns"])
        }
        indexes = {str(row["name"]): row for row in await ask(db, Q["indexes"])}
        await db.close()
        assert len(columns) > 100
        seen.append((columns, indexes))
    assert seen[0] == seen[1]


async def test_every_table_holds_its_columns_to_their_types(db: Db) -> None:
    loose = {str(row["name"]).partition(".")[0] for row in await ask(db, Q["loose"])}
    assert loose <= {"schema_migration"}


async def test_a_fresh_database_is_up_to_date(db: Db) -> None:
    assert await db.migrate() == []

    async def nothing(tx: Tx) -> None: ...

    await db.write(nothing)


@pytest.mark.parametrize(
    ("query", "dialect", "order"),
    [
        (queue.Q.insert_job, "sqlite", NewJob._fields[:-2]),
        (queue.Q.insert_both, "postgres", (*NewJob._fields[:-2], *Spot._fields)),
        (queue.Q.insert_queued, "sqlite", (*queue.WAITS, *Spot._fields)),
    ],
    ids=["insert_job", "insert_both", "insert_queued"],
)
def test_what_is_written_of_a_job_has_the_order_of_its_fields(
    query: Query, dialect: Dialect, order: tuple[str, ...]
) -> None:
    _, values = query.render(dialect, {name: name for name in order})
    assert tuple(values) == order
