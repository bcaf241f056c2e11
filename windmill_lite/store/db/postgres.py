"""The port on Postgres: a few connections that write, a few that only read, one that rings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from windmill_lite.store.db.deadlines import DEADLINES, Deadlines
from windmill_lite.store.db.pool import Pool
from windmill_lite.store.db.port import Body, Dialect, View
from windmill_lite.store.db.postgres_bell import PostgresBell
from windmill_lite.store.db.postgres_errors import DRIVER_ERRORS, translated
from windmill_lite.store.db.postgres_link import (
    READS_KEPT,
    STATEMENTS_KEPT,
    Connection,
    Server,
    at_rest,
    disconnect,
)
from windmill_lite.store.db.postgres_migrate import bring_up_to_date
from windmill_lite.store.db.postgres_tx import PostgresView
from windmill_lite.store.db.postgres_write import PostgresWriter, roll_back

WRITERS = 8
READERS = 8
OLDEST = 150_000  # server_version_num

# Planning a claim costs more than the claim: 655/s with custom plans, 900/s with a generic one.
_WRITER = {"plan_cache_mode": "force_generic_plan"}
_READER = {"default_transaction_read_only": "on"}

_FACTS = """
select current_setting('server_version_num')::int as version,
       current_setting('server_encoding') as encoding,
       current_setting('synchronous_commit') as durable,
       pg_is_in_recovery() as standby
"""

T = TypeVar("T")


class PostgresDb:
    """See `port.Db`. After an outage it connects again by itself.

    `writer` counts commits and repetitions, the pools connections, for whoever wants to know.
    """

    dialect: Dialect = "postgres"
    changes: int | None = None

    def __init__(self, dsn: str, deadlines: Deadlines = DEADLINES) -> None:
        self._server = Server(dsn, deadlines)
        self._writer_settings = dict(_WRITER)
        self.writers = self._pool(WRITERS, self._writer_settings, kept=STATEMENTS_KEPT)
        self.readers = self._pool(READERS, _READER, kept=READS_KEPT)
        self.bell = PostgresBell(self._server)
        self.writer = PostgresWriter(self.writers, self.bell, deadlines)

    async def open(self) -> None:
        """Fails: `Unavailable` when the server cannot be reached or cannot serve us."""
        connection = await self._server.connect()
        try:
            facts = await connection.fetchrow(_FACTS)
        except DRIVER_ERRORS as error:
            raise translated(error) from error
        finally:
            await disconnect(connection)
        assert facts is not None, "a select without `from` has one row"
        if facts["version"] < OLDEST:
            raise self._server.unfit(
                f"is version {facts['version'] // 10_000}; 15 is the oldest we know"
            )
        if facts["encoding"] != "UTF8":
            raise self._server.unfit(f"has the encoding {facts['encoding']}; it must be UTF8")
        if facts["standby"]:
            raise self._server.unfit("is a standby, which cannot be written; name its primary")
        if facts["durable"] == "off":  # what we acknowledge is on the disk
            self._writer_settings["synchronous_commit"] = "on"
        await self.bell.start()

    async def migrate(self) -> Sequence[str]:
        """Fails: `Unavailable` when another node holds the lock for long, or is newer than we."""
        return await bring_up_to_date(self._server)

    async def write(self, body: Body[T]) -> T:
        return await self.writer.write(body)

    @asynccontextmanager
    async def view(self, *, snapshot: bool = False) -> AsyncIterator[View]:
        limit_s = self._server.deadlines.statement_s
        async with self.readers.lend() as connection:
            view = PostgresView(connection, limit_s)
            if not snapshot:
                yield view
                return
            await view.control("begin isolation level repeatable read, read only")
            try:
                yield view
            finally:
                await roll_back(connection, limit_s)

    async def close(self) -> None:
        await self.writers.close()  # first: the last writes ring
        await self.readers.close()
        await self.bell.stop()

    def _pool(self, size: int, settings: dict[str, str], *, kept: int) -> Pool[Connection]:
        return Pool(
            lambda: self._server.connect(settings, kept=kept),
            fit=at_rest,
            drop=disconnect,
            size=size,
            checkout_s=self._server.deadlines.checkout_s,
        )
