"""An empty database from a used one: much cheaper than a new one."""

from __future__ import annotations

from collections.abc import Sequence

from tests.sim.facts import Q
from windmill_lite.store.db.port import Db, Query, Tx
from windmill_lite.store.db.sqlfile import parse


async def wiping(db: Db) -> Sequence[Query]:
    """What `wipe` runs: it is the same every time."""
    async with db.view() as view:
        tables = [str(row["name"]) for row in await view.all(Q["tables"])]
    source = "\n".join(f"-- name: {table}\ndelete from {table}" for table in sorted(tables))
    return [Q["untie"], *parse(source, "wiping").values()]


async def wipe(db: Db, queries: Sequence[Query]) -> None:
    """Every row goes, the schema stays."""

    async def body(tx: Tx) -> None:
        for query in queries:
            await tx.run(query)

    await db.write(body)
