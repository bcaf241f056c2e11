"""With many completed jobs no statement reads a table from end to end: every plan is looked at.

`FINISHED_JOBS` in the environment says with how many (default 60,000; a million takes minutes).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from tests import _finished
from tests._postgres import PostgresServer
from tests.conftest import TEMPLATE, PostgresClones, run_apart
from tests.store._plans import Recording, postgres_faults, sqlite_faults
from tests.store._values import values_of
from windmill_lite.model.identity import Identity
from windmill_lite.model.page import JobFilter, Page
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.port import Db, Dialect, Query, Value
from windmill_lite.store.db.sqlfile import load, parse
from windmill_lite.store.people import runs
from windmill_lite.store.people.scope import Scope

pytestmark = pytest.mark.timeout(900)

JOBS = int(os.environ.get("FINISHED_JOBS", "60000"))
WAITING = 5_000
MACHINE, PEOPLE = "windmill_lite.store.machine", "windmill_lite.store.people"
#: Statements that read a whole table on purpose, all of them seldom.
WHOLE: Mapping[str, str] = {
    "accounts": "the list of the super admin, by its key",
    "any_account": "one row is enough",
    "count_queue": "counts what waits",
    "count_completed": "counts what has completed, in an index",
    "count_keys": "counts what waits",
    "count_ready": "counts what waits, in an index",
    "count_queued": "counts what waits, up to a limit",
    "members": "the list of all of them",
    "next_due_at": "the first entry of an index",
    "any_stale": "the first entry of an index",
    "ahead": "counts what waits",
}
FILTERS: tuple[dict[str, object], ...] = (
    {},
    {"oldest_first": True},
    {"has_parent": False},
    {"has_parent": True},
    {"completed": True},
    {"completed": False},
    {"running": True},
    {"running": False},
    {"created_by": "eve"},
    {"created_by": "nobody"},
    {"path": "f/team7/s7"},
    {"path": "f/no/where"},
    {"path_prefix": "f/"},
    {"path_prefix": "f/team7/"},
    {"path_prefix": "f/no"},
    {"script_hash": f"{7:016x}"},
    {"script_hash": "none"},
    {"parent_id": UUID(int=1)},
    {"kinds": ("preview",)},
    {"kinds": ("flow",)},
    {"outcome": ("success",)},
    {"outcome": ("failure", "canceled")},
    {"outcome": ("skipped",)},
    {"created_before": _finished.NOW - 20_000 * _finished.SECOND},
    {"created_after": _finished.NOW - 9_000 * _finished.SECOND},
    {"started_before": _finished.NOW - 20_000 * _finished.SECOND},
    {"started_after": _finished.NOW},
    {"completed_before": _finished.NOW - 20_000 * _finished.SECOND},
    {"completed_after": _finished.NOW},
    {"scheduled_until": _finished.NOW - 9_000 * _finished.SECOND},
    {"tag": "gpu"},
    {"tag": "python3"},
    {"tag": "none"},
    {"worker": "w-3"},
    {"worker": "none"},
    {"label": "l11"},
    {"label": "none"},
    {"label": "l11", "oldest_first": True},
    {"schedule_path": "f/team7/s7"},
    {"schedule_path": "none"},
    {"trigger_kind": "webhook"},
    {"trigger_kind": "none"},
    {"unscheduled": True},
    {"concurrency_key": "none"},
    {"path": "f/team7/s7", "outcome": ("canceled",), "created_by": "bob"},
    {"path": "f/team7/s7", "oldest_first": True},
)
PEOPLE_WHO_ASK = {
    "admin": Scope(Identity("main", "ada", "ada@here.test", is_admin=True)),
    "member": Scope(Identity("main", "bob", "bob@here.test")),
    "stranger": Scope(Identity("main", "zoe", "zoe@here.test")),
}

Faults = Callable[..., Awaitable[list[str]]]


@pytest.fixture(scope="module")
def finished_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("finished") / "finished.db"
    shutil.copyfile(sqlite_template, path)
    _finished.fill_sqlite(str(path), JOBS, waiting=WAITING)
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def finished_postgres(
    postgres_server: PostgresServer, postgres_clones: PostgresClones
) -> Iterator[str]:
    postgres_clones.give_back(postgres_clones.take())  # now there is a template
    dsn = postgres_server.create_database("finished", TEMPLATE)
    run_apart(_finished.fill_postgres(dsn, JOBS, waiting=WAITING))
    yield dsn
    postgres_server.drop_database("finished")


@pytest.fixture
def url(dialect: str, request: pytest.FixtureRequest) -> str:
    """The address of the database with the many jobs."""
    found: str = request.getfixturevalue(f"finished_{dialect}")
    return found


@pytest.fixture
async def many(url: str) -> AsyncIterator[Db]:
    db = connect(url, Path())
    await db.open()
    yield db
    await db.close()


@pytest.fixture
async def faults(dialect: str, url: str) -> AsyncIterator[Faults]:
    """`await faults(query, params, generic=...)`: what is wrong with the plan of a statement."""
    if dialect == "sqlite":
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))

        async def on_sqlite(query: Query, params: dict[str, Value], *, generic: bool) -> list[str]:
            return sqlite_faults(connection, query, params)

        yield on_sqlite
        connection.close()
    else:
        server = await asyncpg.connect(url)

        async def on_postgres(
            query: Query, params: dict[str, Value], *, generic: bool
        ) -> list[str]:
            return await postgres_faults(server, query, params, generic=generic)

        yield on_postgres
        await server.close()


@pytest.mark.parametrize("who", PEOPLE_WHO_ASK)
async def test_no_list_of_jobs_reads_a_table_from_end_to_end(
    many: Db, faults: Faults, who: str
) -> None:
    wrong = {}
    for filter_ in FILTERS:
        async with many.view() as view:
            seen = Recording(view)
            await runs.search(seen, PEOPLE_WHO_ASK[who], JobFilter(**filter_), Page())  # type: ignore[arg-type]
        for query, params in seen.asked:
            # A window as large as the table is best read from end to end; the first one never is.
            little = {"window": 128} if "window" in params else {}
            found = await faults(query, {**params, **little}, generic=False)
            if found:
                wrong[f"{filter_} {query.name}"] = found
    assert not wrong, told(wrong)


async def test_no_statement_of_the_machine_reads_a_table_from_end_to_end(
    faults: Faults, dialect: Dialect
) -> None:
    wrong = {}
    for file in files_of(MACHINE):
        for query in load(MACHINE, file).all().values():
            if not query.speaks(dialect):
                continue
            found = await faults(query, values_of(query), generic=True)
            if found and query.name not in WHOLE:
                wrong[query.name] = found
    assert not wrong, told(wrong)


async def test_no_read_of_a_person_reads_a_table_from_end_to_end(faults: Faults) -> None:
    wrong = {}
    files = [load(PEOPLE, file) for file in files_of(PEOPLE) if file != "runs.sql"]
    for query in (query for file in files for query in file.all().values()):
        found = await faults(query, values_of(query), generic=False)
        if found and query.name not in WHOLE:
            wrong[query.name] = found
    assert not wrong, told(wrong)


def files_of(door: str) -> list[str]:
    """Every file with queries."""
    found = [file.name for file in resources.files(door).iterdir() if file.name.endswith(".sql")]
    assert "workers.sql" in found
    return sorted(found)


PLANTED = parse(
    """
-- name: reads_all
select count(*) as c from job_done where worker = :worker
-- name: reads_all_along_an_index
select id from job_log l join job j on j.id = l.job_id where j.email = :email order by l.job_id
-- name: sorts_all
with looked as materialized (
  select id from job_done where workspace = :workspace order by completed_at limit :window)
select count(*) as c from looked
""",
    "here",
)


@pytest.mark.parametrize("name", PLANTED)
async def test_a_planted_plan_is_found(faults: Faults, name: str) -> None:
    assert await faults(PLANTED[name], values_of(PLANTED[name]), generic=False)


def told(wrong: Mapping[str, list[str]]) -> str:
    return "\n".join(f"{place}: {'; '.join(found)}" for place, found in wrong.items())
