"""Where it is measured: a fresh database of either kind, durable, and a world over it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests._driver import Traffic, counted
from tests._postgres import PostgresServer
from tests.worker.conftest import ADA, PLACE, Office, open_office
from windmill_lite.base.clock import SystemClock
from windmill_lite.engine import deploy
from windmill_lite.engine.world import open_world
from windmill_lite.model.script import NewScript
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.port import Db, Dialect

NOOP = "f/bench/noop"


@dataclass(frozen=True)
class Site:
    """A folder, and for Postgres a server that syncs."""

    dialect: Dialect
    folder: Path
    server: PostgresServer | None
    _numbers: Iterator[int]

    @property
    def families(self) -> tuple[int, ...]:
        """The processes of the database that are not ours."""
        return (self.server.pid,) if self.server else ()

    def new_database(self) -> str:
        """The address of one without a schema."""
        name = f"bench{next(self._numbers)}"
        if self.server is not None:
            return self.server.create_database(name)
        return f"sqlite:///{self.folder}/{name}.db"


@contextmanager
def site(dialect: Dialect) -> Iterator[Site]:
    """For a while; leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="wl-bench-") as folder:
        server = PostgresServer(durable=True) if dialect == "postgres" else None
        try:
            if server is not None:
                server.start()
            yield Site(dialect, Path(folder), server, count(1))
        finally:
            if server is not None:
                server.close()


@dataclass(frozen=True)
class House:
    """A database with a workspace and a script that does nothing; what reached the driver."""

    url: str
    db: Db
    office: Office
    traffic: Traffic


@asynccontextmanager
async def house(site: Site) -> AsyncIterator[House]:
    with counted() as traffic:
        url = site.new_database()
        db = connect(url, site.folder)
        await db.open()
        try:
            await db.migrate()
            office = await open_office(db)
            script = NewScript(NOOP, "def main():\n    return None\n", "python3")
            await deploy.create_script(office.world, ADA, script)
            yield House(url, db, office, traffic)
        finally:
            await db.close()


@asynccontextmanager
async def annex(house: House, site: Site) -> AsyncIterator[Office]:
    """The same database as another process sees it; on SQLite there is no other."""
    if house.db.dialect == "sqlite":
        yield house.office
        return
    db = connect(house.url, site.folder)
    await db.open()
    try:
        yield Office(await open_world(db, SystemClock(), PLACE.base_url))
    finally:
        await db.close()
