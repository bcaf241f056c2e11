"""Migrations on Postgres: a connection of its own, one lock for all nodes, no wait for tables."""

from __future__ import annotations

from windmill_lite.base.errors import Unavailable
from windmill_lite.store.db import migrate
from windmill_lite.store.db.migrate import Migration
from windmill_lite.store.db.postgres_errors import DRIVER_ERRORS, translated
from windmill_lite.store.db.postgres_link import Server, disconnect
from windmill_lite.store.db.postgres_tx import PostgresTx, Stage
from windmill_lite.store.db.postgres_write import roll_back

# Only one node migrates a schema at a time; two schemas of one database do not meet.
_LOCK = "select pg_advisory_lock(hashtextextended('windmill_lite ' || current_schema(), 0))"

# Waiting for another node's migration may take long. Waiting for a table may not: everybody who
# uses the table would queue behind us.
_WHILE_WAITING = {"lock_timeout": "300s", "statement_timeout": "0"}
ROLLBACK_S = 5.0
_WHILE_WORKING = "set lock_timeout = '10s'"


async def bring_up_to_date(server: Server) -> list[str]:
    """The names of what was applied.

    Fails: `Unavailable` when the lock does not come, or the database is newer than we are.
    """
    connection = await server.connect(_WHILE_WAITING)
    try:
        await connection.execute(_LOCK)
        await connection.execute(_WHILE_WORKING)
        tx = PostgresTx(connection, None, Stage.BEGUN)
        owed = migrate.pending(migrate.available(), await migrate.ledger(tx))
        for each in owed:
            await _apply(PostgresTx(connection, None, Stage.BEGUN), each)
        return [each.name for each in owed]
    except DRIVER_ERRORS as error:
        raise translated(error) from error
    finally:
        await roll_back(connection, ROLLBACK_S)
        await disconnect(connection)  # frees the lock


async def _apply(tx: PostgresTx, migration: Migration) -> None:
    try:
        await tx.control("begin")
        for statement in migration.statements("postgres"):
            await tx.control(statement)
        await migrate.record(tx, migration)
        await tx.control("commit")
    except Unavailable as error:
        raise Unavailable(f"the migration {migration.name} did not go through: {error}") from error
