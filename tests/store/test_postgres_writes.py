"""When a body of Postgres runs again, and when nobody can know what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID, uuid4

import asyncpg
import pytest

from tests.conftest import NewDatabase
from tests.store._eventually import eventually
from tests.store._exam import Q, adding, running, words
from windmill_lite.base.errors import Bug, Invalid, NotFound, Unavailable
from windmill_lite.store.db.deadlines import Deadlines
from windmill_lite.store.db.port import Body, Duplicate, OutcomeUnknown, Tx
from windmill_lite.store.db.postgres import PostgresDb
from windmill_lite.store.db.postgres_link import READS_KEPT
from windmill_lite.store.db.postgres_write import PAUSES_S
from windmill_lite.store.db.sqlfile import parse

pytestmark = pytest.mark.postgres
RUNS_MAX = len(PAUSES_S) + 1


@pytest.fixture
def url(new_database: NewDatabase) -> str:
    return new_database("postgres")


@pytest.fixture
async def db(url: str) -> AsyncIterator[PostgresDb]:
    db = PostgresDb(url)
    await db.open()
    for name in ("make", "make_fail"):
        await db.write(running(Q[name]))
    yield db
    await db.close()


async def test_a_connection_that_reads_keeps_few_of_many_statements(db: PostgresDb) -> None:
    lines = [f"and {n} = :p{n} --? p{n}" for n in range(8)]
    body = "select 1 as c where true\n" + "\n".join(lines)
    query = parse(f"-- name: q\n{body}", "here")["q"]
    for chosen in range(1 << len(lines)):
        async with db.view() as view:
            given = {f"p{n}": n for n in range(len(lines)) if chosen >> n & 1}
            assert await view.one(query, **given) == {"c": 1}
    async with db.readers.lend() as connection:
        kept = await connection.fetchval("select count(*) from pg_prepared_statements")
    assert READS_KEPT / 2 < kept <= READS_KEPT + 2


class Flaky:
    """A body that adds a row, after `times` failures with the code `state`."""

    def __init__(self, state: str, times: int) -> None:
        self.runs = 0
        self._state = state
        self._times = times

    async def __call__(self, tx: Tx) -> int:
        self.runs += 1
        await tx.run(Q["add_word"], id=uuid4(), word=f"run {self.runs}")
        if self.runs <= self._times:
            await tx.one(Q["fail_with"], state=self._state)
        return self.runs


@pytest.mark.parametrize("state", ["40001", "40P01"])
async def test_a_lost_race_is_run_again_until_it_succeeds(db: PostgresDb, state: str) -> None:
    assert await db.write(Flaky(state, 3)) == 4
    assert await words(db) == ["run 4"]
    assert db.writer.repeats == 3


async def test_a_race_that_is_lost_for_ever_is_given_up(db: PostgresDb) -> None:
    body = Flaky("40001", 1_000)
    with pytest.raises(Unavailable, match="wanted the same rows"):
        await db.write(body)
    assert body.runs == RUNS_MAX
    assert await words(db) == []


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ("23514", Bug),
        ("42P01", Bug),
        ("22003", Invalid),
        ("53100", Unavailable),
        ("57014", Unavailable),
        ("55P03", Unavailable),
        ("42501", Unavailable),
        ("XX001", Unavailable),
    ],
)
async def test_another_failure_is_translated_and_not_repeated(
    db: PostgresDb, state: str, error: type[Exception]
) -> None:
    body = Flaky(state, 1)
    with pytest.raises(error):
        await db.write(body)
    assert body.runs == 1
    await db.write(adding("after"))
    assert await words(db) == ["after"]


async def test_a_real_deadlock_hurts_nobody(db: PostgresDb) -> None:
    one, two = UUID(int=1), UUID(int=2)
    for row_id in (one, two):
        await db.write(adding("fresh", row_id))

    def renaming(word: str, *ids: UUID) -> Body[None]:
        async def body(tx: Tx) -> None:
            for row_id in ids:
                await tx.run(Q["rename"], word=word, ids=(row_id,))

        return body

    await asyncio.gather(
        *[db.write(renaming(f"{n}", *((one, two) if n % 2 else (two, one)))) for n in range(4)]
    )
    left = set(await words(db))
    assert len(left) == 1
    assert "fresh" not in left


async def test_a_connection_that_is_lost_before_the_commit_costs_another_run(
    db: PostgresDb,
) -> None:
    runs: list[int] = []

    async def body(tx: Tx) -> None:
        runs.append(1)
        await tx.run(Q["add_word"], id=uuid4(), word=f"run {len(runs)}")
        if len(runs) == 1:
            await tx.one(Q["kill_me"])

    await db.write(body)
    assert len(runs) == 2
    assert await words(db) == ["run 2"]


async def test_a_connection_that_died_while_idle_is_not_noticed(db: PostgresDb, url: str) -> None:
    await asyncio.gather(*[db.write(adding(f"{n}")) for n in range(20)])
    await asyncio.gather(*[words(db) for _ in range(20)])
    admin = await asyncpg.connect(url)
    await admin.fetch(Q["kill_others"].render("postgres", {})[0])
    await admin.close()
    await eventually(lambda: can_read(db))
    await asyncio.gather(*[db.write(adding(f"{n}")) for n in range(20, 40)])
    assert len(await words(db)) == 40


async def can_read(db: PostgresDb) -> bool:
    try:
        await words(db)
    except Unavailable:
        return False
    return True


@asynccontextmanager
async def held_commits(db: PostgresDb, url: str) -> AsyncIterator[asyncpg.Connection]:
    """Commits that added a row wait until the block ends; the connection is another client's."""
    for name in ("make_slow_commit", "attach_slow_commit"):
        await db.write(running(Q[name]))
    admin = await asyncpg.connect(url)
    await admin.fetch(Q["hold_commits"].render("postgres", {})[0])
    try:
        yield admin
    finally:
        await admin.close()


async def waiting_pid(admin: asyncpg.Connection, which: str = "waiting_commits") -> int:
    """The backend whose commit waits."""
    found: list[int] = []

    async def seen() -> bool:
        found[:] = [row["pid"] for row in await admin.fetch(Q[which].render("postgres", {})[0])]
        return bool(found)

    await eventually(seen)
    return found[0]


async def test_a_connection_that_is_lost_during_the_commit_leaves_the_outcome_unknown(
    db: PostgresDb, url: str
) -> None:
    async with held_commits(db, url) as admin:
        with db.bell.listen("added") as ear:
            write = asyncio.create_task(db.write(adding("a", ring="added")))
            await admin.fetch("select pg_terminate_backend($1)", await waiting_pid(admin))
            with pytest.raises(OutcomeUnknown, match="unknown"):
                await write
            assert not await ear.wait(0)
    await db.write(adding("b"))
    assert "b" in await words(db)


async def test_a_commit_that_takes_too_long_leaves_the_outcome_unknown(
    db: PostgresDb, url: str
) -> None:
    hasty = PostgresDb(url, Deadlines(write_s=0.2))
    await hasty.open()
    async with held_commits(db, url):
        with pytest.raises(OutcomeUnknown):
            await hasty.write(adding("a"))
    with pytest.raises(Unavailable, match=r"took longer than 0\.2 s") as refusal:
        await hasty.write(running(Q["forever"]))
    assert not isinstance(refusal.value, OutcomeUnknown)
    await hasty.close()


async def test_a_caller_that_goes_away_during_the_commit_leaves_no_mess(
    db: PostgresDb, url: str
) -> None:
    async with held_commits(db, url) as admin:
        write = asyncio.create_task(db.write(adding("a")))
        await waiting_pid(admin)
        write.cancel()
        with pytest.raises(asyncio.CancelledError):
            await write
    await asyncio.gather(*[db.write(adding(f"{n}")) for n in range(20)])
    assert len(set(await words(db)) - {"a"}) == 20


async def test_writers_plan_once_and_views_are_read_only(db: PostgresDb) -> None:
    async def body(tx: Tx) -> object:
        return await tx.one(Q["setting"], name="plan_cache_mode")

    assert await db.write(body) == {"value": "force_generic_plan"}
    async with db.view() as view:
        assert await view.one(Q["setting"], name="default_transaction_read_only") == {"value": "on"}


async def test_acknowledged_is_durable_even_where_the_server_is_set_otherwise(
    db: PostgresDb, url: str
) -> None:
    admin = await asyncpg.connect(url)
    name = await admin.fetchval("select current_database()")
    await admin.execute(f'alter database "{name}" set synchronous_commit = off')
    try:
        other = PostgresDb(url)
        await other.open()

        async def body(tx: Tx) -> object:
            return await tx.one(Q["setting"], name="synchronous_commit")

        assert await other.write(body) == {"value": "on"}
        await other.close()
    finally:
        await admin.execute(f'alter database "{name}" reset synchronous_commit')
        await admin.close()


async def test_a_refusal_of_a_body_costs_no_connection(db: PostgresDb) -> None:
    async def refusing(tx: Tx) -> None:
        await tx.run(Q["add_word"], id=uuid4(), word="no")
        raise NotFound("no")

    async def swallowing(tx: Tx) -> None:
        with suppress(Duplicate):
            await tx.run(Q["add_word"], id=UUID(int=1), word="a again")

    await db.write(adding("a", UUID(int=1)))
    for _ in range(5):
        with pytest.raises(NotFound):
            await db.write(refusing)
        with pytest.raises(Duplicate):
            await db.write(swallowing)
    assert db.writers.made == 1
