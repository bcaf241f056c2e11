"""The database of a test: fresh, migrated, of both kinds.

`db` runs a test twice, on SQLite and on Postgres. The schema is made once for the whole run: SQLite
gets a copy of a file, Postgres a clone of a template database.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests._postgres import PostgresServer
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.port import Db

BOTH = (
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgres", id="postgres", marks=pytest.mark.postgres),
)

NewDatabase = Callable[[str], str]


async def _migrate(url: str) -> None:
    db = connect(url, Path())
    await db.open()
    await db.migrate()
    await db.close()


def _run_apart(coroutine: Coroutine[None, None, None]) -> None:
    """In a loop of its own, though a test's loop may be running here."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, coroutine).result()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema and nothing else."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    _run_apart(_migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the whole run."""
    server = PostgresServer()
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a database with the schema and nothing else."""
    url = postgres_server.create_database("template_migrated")
    _run_apart(_migrate(url))
    return "template_migrated"


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewDatabase]:
    """`new_database("sqlite" | "postgres")` makes a database and gives its address; as often as
    wanted. `"sqlite empty"` and `"postgres empty"` have no schema yet.
    """
    made: list[str] = []

    def new(kind: str) -> str:
        number = next(_NUMBERS)
        dialect, _, empty = kind.partition(" ")
        if dialect == "sqlite":
            path = tmp_path / f"{number}.db"
            if not empty:
                shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
            return f"sqlite:///{path}"
        server: PostgresServer = request.getfixturevalue("postgres_server")
        made.append(f"test_{number}")
        template = None if empty else request.getfixturevalue("postgres_template")
        return server.create_database(made[-1], template)

    yield new
    for name in made:
        request.getfixturevalue("postgres_server").drop_database(name)


_NUMBERS = itertools.count(1)  # across the run: a name is never used twice


@pytest.fixture(params=BOTH)
def dialect(request: pytest.FixtureRequest) -> str:
    """Runs the test on both databases."""
    dialect: str = request.param
    return dialect


@pytest.fixture
def db_url(dialect: str, new_database: NewDatabase) -> str:
    """The address of a fresh, migrated database of either kind."""
    return new_database(dialect)


@pytest.fixture
async def db(db_url: str) -> AsyncIterator[Db]:
    """A fresh, migrated, open database of either kind."""
    db = connect(db_url, Path())
    await db.open()
    yield db
    await db.close()
