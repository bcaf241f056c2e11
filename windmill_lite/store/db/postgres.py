"""The port on Postgres: a few connections that write, a few that only read, one that rings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from windmill_lite.base.errors import Unavailable
from windmill_lite.store.db.pool import Pool
from windmill_lite.store.db.port import Body, Dialect, View
from windmill_lite.store.db.postgres_bell import PostgresBell
from windmill_lite.store.db.postgres_link import (
    DRIVER_ERRORS,
    Connection,
    at_rest,
    connect,
    described,
    disconnect,
    translated,
)
from windmill_lite.store.db.postgres_migrate import bring_up_to_date
from windmill_lite.store.db.postgres_tx import PostgresView
from windmill_lite.store.db.postgres_write import PostgresWriter, roll_back

WRITERS = 8
READERS = 8
CHECKOUT_S = 3.0  # how long a write or a view waits for a free connection
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

    `writer` counts commits and repetitions for whoever wants to know.
    """

    dialect: Dialect = "postgres"

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._writer_settings = dict(_WRITER)
        self._writers = self._pool(WRITERS, self._writer_settings)
        self._readers = self._pool(READERS, _READER)
        self.bell = PostgresBell(lambda: connect(dsn))
        self.writer = PostgresWriter(self._writers, self.bell)

    async def open(self) -> None:
        """Fails: `Unavailable` when the server cannot be reached or cannot serve us."""
        connection = await connect(self._dsn)
        try:
            facts = await connection.fetchrow(_FACTS)
        except DRIVER_ERRORS as error:
            raise translated(error) from error
        finally:
            await disconnect(connection)
        assert facts is not None, "a select without `from` has one row"
        if facts["version"] < OLDEST:
            raise self._unfit(f"is version {facts['version'] // 10_000}; 15 is the oldest we know")
        if facts["encoding"] != "UTF8":
            raise self._unfit(f"has the encoding {facts['encoding']}; it must be UTF8")
        if facts["standby"]:
            raise self._unfit("is a standby, which cannot be written; name its primary")
        if facts["durable"] == "off":  # what we acknowledge is on the disk
            self._writer_settings["synchronous_commit"] = "on"
        await self.bell.start()

    async def migrate(self) -> Sequence[str]:
        """Fails: `Unavailable` when another node holds the lock for long, or is newer than we."""
        return await bring_up_to_date(self._dsn)

    async def write(self, body: Body[T]) -> T:
        return await self.writer.write(body)

    @asynccontextmanager
    async def view(self, *, snapshot: bool = False) -> AsyncIterator[View]:
        async with self._readers.lend() as connection:
            view = PostgresView(connection)
            if not snapshot:
                yield view
                return
            await view.control("begin isolation level repeatable read, read only")
            try:
                yield view
            finally:
                await roll_back(connection)

    async def close(self) -> None:
        await self._writers.close()  # first: the last writes ring
        await self._readers.close()
        await self.bell.stop()

    def _pool(self, size: int, settings: dict[str, str]) -> Pool[Connection]:
        return Pool(
            lambda: connect(self._dsn, settings),
            fit=at_rest,
            drop=disconnect,
            size=size,
            checkout_s=CHECKOUT_S,
        )

    def _unfit(self, what: str) -> Unavailable:
        return Unavailable(f"{described(self._dsn)} {what}")
