"""A statement that is a whole transaction: one round trip where a round trip costs, and a step like
any other where it does not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests._driver import Traffic, counted
from tests.store._exam import Q as EXAM
from tests.store._exam import running, words
from tests.store.test_postgres_writes import held_commits, waiting_pid
from windmill_lite.base.errors import Bug, Invalid
from windmill_lite.store.db.port import Db, Duplicate, OutcomeUnknown, Row, Rows, Tx
from windmill_lite.store.db.postgres import PostgresDb
from windmill_lite.store.db.sqlfile import parse

ADD = """
insert into exam(id, word) values (:id, :word) returning id, word
"""
Q = parse(
    f"-- name: both\n{ADD}\n-- name: far [postgres only]\n-- Only for Postgres, a test.\n{ADD}",
    "here",
)


@pytest.fixture
def traffic() -> Iterator[Traffic]:
    with counted() as found:
        yield found


@pytest.fixture
async def seen(traffic: Traffic, exam: Db) -> Traffic:
    """What reaches the driver of `exam` from here on."""
    await words(exam)
    traffic.statements = traffic.trips = traffic.commits = 0
    return traffic


async def test_a_statement_alone_is_committed_and_its_rings_are_heard(exam: Db) -> None:
    fresh = uuid4()

    async def body(tx: Tx) -> list[Row] | None:
        rows = await tx.alone(Q["both"], id=fresh, word="a")
        tx.ring("added")
        return rows

    with exam.bell.listen("added") as ear:
        assert await exam.write(body) == [{"id": fresh, "word": "a"}]
        assert await ear.wait(0)
    assert await words(exam) == ["a"]


async def test_on_postgres_it_is_one_round_trip_and_elsewhere_step_by_step(
    seen: Traffic, exam: Db
) -> None:
    async def body(tx: Tx) -> str:
        if await tx.alone(Q["far"], id=uuid4(), word="a") is not None:
            return "alone"
        await tx.run(Q["both"], id=uuid4(), word="a")
        return "in steps"

    how = await exam.write(body)
    expected = {"postgres": ("alone", 1), "sqlite": ("in steps", 3)}
    assert (how, seen.trips) == expected[exam.dialect]
    assert (seen.statements, seen.commits) == (1, 1)


async def test_a_body_that_asks_for_nothing_sends_nothing(seen: Traffic, exam: Db) -> None:
    async def body(tx: Tx) -> None:
        tx.ring("nothing")

    await exam.write(body)
    assert seen.statements == 0
    if exam.dialect == "postgres":
        assert seen.trips == 0


async def test_a_failed_statement_alone_leaves_nothing(exam: Db) -> None:
    taken = uuid4()

    async def body(tx: Tx) -> None:
        await tx.alone(Q["both"], id=taken, word="a")

    await exam.write(body)
    with pytest.raises(Duplicate):
        await exam.write(body)
    assert await words(exam) == ["a"]


async def test_a_value_that_no_database_holds_is_refused_before_anything_is_sent(
    seen: Traffic, exam: Db
) -> None:
    async def body(tx: Tx) -> None:
        await tx.alone(Q["both"], id=uuid4(), word="a\0b")

    with pytest.raises(Invalid, match="word"):
        await exam.write(body)
    assert seen.statements == 0


@pytest.mark.postgres
class TestOnPostgres:
    """What cannot be undone any more."""

    @pytest.fixture
    def dialect(self) -> str:
        return "postgres"

    async def test_nothing_may_come_after_it(self, exam: Db) -> None:
        async def body(tx: Tx) -> None:
            await tx.alone(Q["both"], id=uuid4(), word="a")
            await tx.one(EXAM["words"])

        with pytest.raises(Bug, match="after its only statement"):
            await exam.write(body)

    async def test_nothing_may_come_before_it(self, exam: Db) -> None:
        async def body(tx: Tx) -> None:
            await tx.one(EXAM["words"])
            await tx.alone(Q["both"], id=uuid4(), word="a")

        with pytest.raises(Bug, match="not the only statement"):
            await exam.write(body)
        assert await words(exam) == []

    async def test_a_connection_that_is_lost_over_it_leaves_the_outcome_unknown(
        self, exam: Db, db_url: str
    ) -> None:
        assert isinstance(exam, PostgresDb)

        async def body(tx: Tx) -> None:
            await tx.alone(Q["both"], id=uuid4(), word="a")

        async with held_commits(exam, db_url) as admin:
            write = asyncio.create_task(exam.write(body))
            await admin.fetch(
                "select pg_terminate_backend($1)", await waiting_pid(admin, "waiting_statements")
            )
            with pytest.raises(OutcomeUnknown, match="unknown"):
                await write

    async def test_one_that_loses_a_race_is_run_again(self, exam: Db) -> None:
        assert isinstance(exam, PostgresDb)
        runs: list[int] = []
        await exam.write(running(EXAM["make_fail"]))

        async def body(tx: Tx) -> list[Row] | None:
            runs.append(1)
            if len(runs) == 1:
                return await tx.alone(EXAM["fail_with"], state="40001")
            return await tx.alone(Q["both"], id=uuid4(), word="a")

        assert await exam.write(body) is not None
        assert len(runs) == 2
        assert exam.writer.repeats == 1


async def test_rows_of_many_callers_are_one_call_where_they_share_a_commit(
    seen: Traffic, exam: Db
) -> None:
    rows = [Rows(((EXAM["add_word"], (uuid4(), "a")),), "added") for _ in range(40)]
    assert await asyncio.gather(*map(exam.write, rows)) == [True] * 40
    assert (seen.statements, seen.trips == 3) == (40, exam.dialect == "sqlite")
