"""The exam, part two: what a transaction promises."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.store._exam import Q, adding, running, words
from windmill_lite.base.errors import Bug, NotFound, Unavailable
from windmill_lite.store.db.connect import connect
from windmill_lite.store.db.port import Body, Db, Duplicate, Rows, Tx

ID = UUID(int=7)


def failing(word: str, error: Exception) -> Body[None]:
    """A body that adds a row and then raises."""

    async def body(tx: Tx) -> None:
        await tx.run(Q["add_word"], id=uuid4(), word=word)
        tx.ring("added")
        raise error

    return body


async def test_a_write_gives_what_its_body_returned_and_is_seen_by_the_next_view(exam: Db) -> None:
    assert await exam.write(adding("a", ID)) == ID
    assert await words(exam) == ["a"]


async def test_a_body_sees_its_own_writes_before_anybody_else(exam: Db) -> None:
    async def body(tx: Tx) -> list[str]:
        await tx.run(Q["add_word"], id=ID, word="a")
        return [row["word"] for row in await tx.all(Q["words"])]

    assert await exam.write(body) == ["a"]


async def test_a_body_that_raises_leaves_nothing_and_its_exception_arrives(exam: Db) -> None:
    error = NotFound("no such thing")
    with pytest.raises(NotFound) as caught:
        await exam.write(failing("a", error))
    assert caught.value is error
    assert await words(exam) == []


async def test_of_many_writes_at_once_only_the_guilty_fail(exam: Db) -> None:
    bodies = [
        failing(f"{n}", NotFound(f"{n}")) if n % 7 == 0 else adding(f"{n}") for n in range(60)
    ]
    outcomes = await asyncio.gather(*map(exam.write, bodies), return_exceptions=True)
    for n, outcome in enumerate(outcomes):
        if n % 7 == 0:
            assert isinstance(outcome, NotFound)
            assert outcome.message == f"{n}"
        else:
            assert isinstance(outcome, UUID)
    assert set(await words(exam)) == {f"{n}" for n in range(60) if n % 7}


async def test_no_update_of_many_at_once_is_lost(exam: Db) -> None:
    await exam.write(adding("a", ID))
    await asyncio.gather(*[exam.write(running(Q["count_up"])) for _ in range(100)])
    async with exam.view() as view:
        row = await view.one(Q["get"], id=ID)
    assert row is not None
    assert row["number"] == 100


async def test_a_second_row_with_the_same_key_is_a_duplicate(exam: Db) -> None:
    await exam.write(adding("a", ID))
    with pytest.raises(Duplicate) as caught:
        await exam.write(adding("b", ID))
    assert caught.value.table == "exam"
    assert await words(exam) == ["a"]


async def test_of_many_with_the_same_key_exactly_one_wins(exam: Db) -> None:
    outcomes = await asyncio.gather(
        *[exam.write(adding(f"{n}", ID)) for n in range(20)], return_exceptions=True
    )
    assert outcomes.count(ID) == 1
    assert sum(isinstance(outcome, Duplicate) for outcome in outcomes) == 19
    assert len(await words(exam)) == 1


async def test_rows_of_many_callers_are_added_and_who_comes_too_late_is_told(exam: Db) -> None:
    taken = uuid4()
    await exam.write(adding("a", taken))
    with exam.bell.listen("added") as ear:
        added = await asyncio.gather(
            *[exam.write(Rows(((Q["add_word_once"], (uuid4(), "b")),), "added")) for _ in range(9)],
            exam.write(Rows(((Q["add_word_once"], (taken, "c")),), "added")),
            exam.write(adding("d")),
        )
        assert await ear.wait(5.0)
    assert added[:10] == [True] * 9 + [False]
    assert await words(exam) == ["a", *["b"] * 9, "d"]


async def test_rows_after_one_that_was_not_added_are_not_added_either(exam: Db) -> None:
    taken = uuid4()
    once = Q["add_word_once"]
    await exam.write(adding("a", taken))
    with exam.bell.listen("added") as ear:
        late = Rows(((once, (taken, "b")), (once, (uuid4(), "c"))), "added")
        assert not await exam.write(late)
        assert not await ear.wait(0)
    assert await words(exam) == ["a"]


async def test_a_body_may_turn_a_failed_statement_into_its_own_error(exam: Db) -> None:
    await exam.write(adding("a", ID))

    async def body(tx: Tx) -> None:
        try:
            await tx.run(Q["add_word"], id=ID, word="b")
        except Duplicate:
            raise NotFound("taken") from None

    with pytest.raises(NotFound, match="taken"):
        await exam.write(body)


async def test_a_body_cannot_go_on_after_a_failed_statement(exam: Db) -> None:
    await exam.write(adding("a", ID))
    later: list[str] = []

    async def body(tx: Tx) -> None:
        try:
            await tx.run(Q["add_word"], id=ID, word="b")
        except Duplicate:
            with pytest.raises(Duplicate):
                await tx.run(Q["add_word"], id=uuid4(), word="c")
            with pytest.raises(Duplicate):
                await tx.run_many(Q["add_word"], [{"id": uuid4(), "word": "d"}])
            later.append("swallowed")

    with pytest.raises(Duplicate):
        await exam.write(body)
    assert later == ["swallowed"]
    assert await words(exam) == ["a"]


async def test_a_body_that_waits_for_anything_else_is_a_bug(exam: Db) -> None:
    never = asyncio.get_running_loop().create_future()

    async def sleeping(tx: Tx) -> None:
        await tx.run(Q["add_word"], id=uuid4(), word="sleeping")
        await asyncio.sleep(0)

    async def waiting(tx: Tx) -> None:
        await tx.run(Q["add_word"], id=uuid4(), word="waiting")
        await never

    for body in (sleeping, waiting):
        with pytest.raises(Bug, match="awaited something other than its Tx"):
            await exam.write(body)
    assert await words(exam) == []
    await exam.write(adding("a"))


async def test_the_neighbours_of_a_waiting_body_are_not_harmed(exam: Db) -> None:
    async def sleeping(tx: Tx) -> None:
        await asyncio.sleep(0)

    outcomes = await asyncio.gather(
        *[exam.write(adding(f"{n}")) for n in range(5)],
        exam.write(sleeping),
        *[exam.write(adding(f"{n}")) for n in range(5, 9)],
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes].count(Bug) == 1
    assert await words(exam) == [f"{n}" for n in range(9)]


async def test_a_bell_rings_after_the_commit_and_only_then(exam: Db) -> None:
    with exam.bell.listen("added") as ear:
        await asyncio.gather(
            *[exam.write(failing("x", NotFound("x"))) for _ in range(3)], return_exceptions=True
        )
        assert not await ear.wait(0)

        async def read_when_rung() -> list[str]:
            assert await ear.wait(5)
            return list(await words(exam))

        reader = asyncio.create_task(read_when_rung())
        await exam.write(adding("a", ring="added"))
        assert await reader == ["a"]


async def test_who_writes_and_then_listens_is_not_rung(exam: Db) -> None:
    await exam.write(adding("a", ring="added"))
    with exam.bell.listen("added") as ear:
        assert not await ear.wait(0)


async def test_a_caller_that_goes_away_harms_nobody(exam: Db) -> None:
    tasks = [asyncio.create_task(exam.write(adding(f"{n}"))) for n in range(30)]
    await asyncio.sleep(0)  # all of them have asked
    for task in tasks[::3]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    kept = {f"{n}" for n, outcome in enumerate(outcomes) if isinstance(outcome, UUID)}
    assert kept >= {f"{n}" for n in range(30) if n % 3}
    assert set(await words(exam)) >= kept
    await exam.write(adding("afterwards"))
    assert "afterwards" in await words(exam)


async def test_closing_waits_for_what_is_under_way_and_refuses_what_comes_later(
    exam: Db, db_url: str
) -> None:
    writes = [asyncio.create_task(exam.write(adding(f"{n}"))) for n in range(20)]
    await asyncio.sleep(0)  # all of them have asked
    await exam.close()
    kept = await asyncio.gather(*writes, return_exceptions=True)
    with pytest.raises(Unavailable):
        await exam.write(adding("late"))
    with pytest.raises(Unavailable):
        await words(exam)
    await exam.close()

    again = connect(db_url, Path())
    await again.open()
    assert len(await words(again)) == sum(isinstance(each, UUID) for each in kept)
    await again.close()


async def test_a_database_that_was_never_opened_can_be_closed(db_url: str) -> None:
    db = connect(db_url, Path())
    await db.close()
    await db.close()


async def test_a_database_that_is_not_open_refuses_to_write(db_url: str) -> None:
    db = connect(db_url, Path())
    await db.close()
    with pytest.raises(Unavailable):
        await db.write(adding("a"))
