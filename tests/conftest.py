"""The database of a test: fresh, migrated, of both kinds.

`db` runs a test twice, on SQLite and on Postgres. The schema is made once for the whole run: SQLite
gets a copy of a file, Postgres a clone of a template database. Cloning takes 0.15 to 0.4 s, so a
clone is emptied after its test and serves the next one: 2 ms of processor time by a connection that
is kept for it, 13 by a new one.
"""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, settings

from tests._counts import pytest_terminal_summary  # noqa: F401  it is a hook
from tests._postgres import PostgresServer
from windmill_lite.base import ids
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.port import Db

BOTH = (
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgres", id="postgres", marks=pytest.mark.postgres),
)

NewDatabase = Callable[[str], str]

# The same examples every time, and none of them is too slow: a run fails for what was changed. Who
# looks for new ones takes `--hypothesis-profile search`.
_CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", _CALM, derandomize=True)
settings.register_profile("search", _CALM, max_examples=2_000)
settings.load_profile("steady")

_ALONE = Path(__file__).parent / "roles"
# Of that room, who waits for what happens, however long it takes, and counts no seconds.
_BESIDE_OTHERS = frozenset(
    f"test_{name}.py"
    for name in (
        *("backup", "first_start", "full_disk", "languages", "levels", "official_cli"),
        *("restarts", "schedules", "solo"),
    )
)

TEMPLATE = "template_migrated"

# What a fresh database has, so that everything else can go. Not in `public`: no test sees it.
_REMEMBER = """
create schema remembered;
create table remembered.tables as select tablename from pg_tables where schemaname = 'public';
"""
_EMPTY = """
set session_replication_role = replica;  -- foreign keys would want an order
do $$
declare name text;
begin
  for name in select tablename from pg_tables where schemaname = 'public' loop
    if name not in (select tablename from remembered.tables) then
      execute format('drop table %I cascade', name);
    elsif name <> 'schema_migration' then
      execute format('delete from %I', name);
    end if;
  end loop;
end $$;
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All others in that room are marked, so that no module can forget to be."""
    for item in items:
        if item.path.is_relative_to(_ALONE) and item.path.name not in _BESIDE_OTHERS:
            item.add_marker(pytest.mark.alone)


@pytest.fixture(autouse=True)
def steady_ids(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The noise of ids, by which those of one microsecond are in order, comes from the seed that
    a run prints (`--randomly-seed`), and with it what a seeded walk does.
    """
    seed = request.config.getoption("randomly_seed", 0)
    dice = random.Random(f"{seed} {request.node.nodeid}")  # noqa: S311  (no secret)
    monkeypatch.setattr(ids, "os", SimpleNamespace(urandom=dice.randbytes))


class PostgresClones:
    """Lends clones of the template. A test that changes more than rows and its own tables must ask
    for an empty database instead.
    """

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._free: list[str] = []
        self._made = 0
        self._loop = asyncio.new_event_loop()
        self._thread = ThreadPoolExecutor(max_workers=1)  # a test's loop may be running in ours
        self._cleaners: dict[str, asyncpg.Connection] = {}

    def take(self) -> str:
        """The name of one that has the schema and nothing else."""
        if self._free:
            return self._free.pop()
        if not self._made:
            run_apart(_migrate(self._server.create_database(TEMPLATE)))
            self._server.execute(TEMPLATE, _REMEMBER)
        self._made += 1
        name = f"clone_{self._made}"
        self._server.create_database(name, TEMPLATE)
        return name

    def give_back(self, name: str) -> None:
        self._server.start()  # a test may have stopped it
        self._thread.submit(self._loop.run_until_complete, self._empty(name)).result()
        self._free.append(name)

    async def _empty(self, name: str) -> None:
        cleaner = self._cleaners.get(name)
        try:
            if cleaner is not None:
                await cleaner.execute(_EMPTY)
                return
        except (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError):
            pass  # the test has stopped the server, or ended whoever was connected
        self._cleaners[name] = cleaner = await asyncpg.connect(self._server.dsn(name))
        await cleaner.execute(_EMPTY)

    def close(self) -> None:
        for cleaner in self._cleaners.values():
            self._loop.call_soon(cleaner.terminate)
        self._thread.submit(self._loop.run_until_complete, asyncio.sleep(0)).result()
        self._thread.shutdown()
        self._loop.close()


async def _migrate(url: str) -> None:
    db = connect(url, Path())
    await db.open()
    await db.migrate()
    await db.close()


def run_apart(coroutine: Coroutine[None, None, None]) -> None:
    """In a loop of its own, though a test's loop may be running here."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, coroutine).result()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema and nothing else."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    run_apart(_migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the whole run."""
    server = PostgresServer()
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def postgres_clones(postgres_server: PostgresServer) -> Iterator[PostgresClones]:
    """Databases with the schema and nothing else."""
    clones = PostgresClones(postgres_server)
    yield clones
    clones.close()


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewDatabase]:
    """`new_database("sqlite" | "postgres")` makes a database and gives its address; as often as
    wanted. `"sqlite empty"` and `"postgres empty"` have no schema yet.
    """
    with ExitStack() as undo:

        def sqlite(*, empty: bool) -> str:
            path = tmp_path / f"{len(list(tmp_path.iterdir()))}.db"
            if not empty:
                shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
            return f"sqlite:///{path}"

        def postgres(*, empty: bool) -> str:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            if empty:
                name = f"empty_{uuid4().hex}"
                undo.callback(server.drop_database, name)
                return server.create_database(name)
            clones: PostgresClones = request.getfixturevalue("postgres_clones")
            name = clones.take()
            undo.callback(clones.give_back, name)
            return server.dsn(name)

        def new(kind: str) -> str:
            dialect, _, empty = kind.partition(" ")
            return (sqlite if dialect == "sqlite" else postgres)(empty=bool(empty))

        yield new


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
