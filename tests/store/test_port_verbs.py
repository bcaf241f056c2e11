"""The exam, part one: the verbs and the values mean the same on both databases."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.store._exam import Q, adding, words
from windmill_lite.base.errors import Bug, Invalid
from windmill_lite.store.db.port import Db, Tx, Value

ID = UUID("018f0000-0000-7000-8000-0000000000ff")


async def stored(exam: Db, **values: Value) -> dict[str, Any]:
    """The row as it is read after it was written."""
    row: dict[str, Value] = {"id": ID, "word": None, "number": None, "ratio": None, "flag": 0}

    async def body(tx: Tx) -> None:
        await tx.run(Q["add"], **(row | values))

    await exam.write(body)
    async with exam.view() as view:
        found = await view.one(Q["get"], id=ID)
    assert found is not None
    return dict(found)


async def test_a_row_is_read_by_name_with_the_values_that_were_written(exam: Db) -> None:
    row = await stored(exam, word="ö ☃ 🐘", number=-7, ratio=0.1, flag=True)
    assert row == {"id": ID, "word": "ö ☃ 🐘", "number": -7, "ratio": 0.1, "flag": 1}
    assert isinstance(row["id"], UUID)
    assert type(row["flag"]) is int
    assert list(row) == ["id", "word", "number", "ratio", "flag"]


@pytest.mark.parametrize("number", [0, 1, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)])
async def test_a_whole_number_of_64_bits_comes_back_exactly(exam: Db, number: int) -> None:
    assert (await stored(exam, number=number))["number"] == number


@pytest.mark.parametrize(
    "word",
    ["", " ", "'", '"', "\\", "%", ":x", "$1", "\n", "\x01", "\ufeff", "\U0010ffff", "e\u0301"],
)
async def test_any_text_comes_back_exactly(exam: Db, word: str) -> None:
    assert (await stored(exam, word=word))["word"] == word


async def test_a_long_text_comes_back_exactly(exam: Db) -> None:
    word = "0123456789abcdef" * 2**18
    assert (await stored(exam, word=word))["word"] == word


async def test_null_is_none(exam: Db) -> None:
    row = await stored(exam)
    assert (row["word"], row["number"], row["ratio"]) == (None, None, None)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("word", "a\0b"),
        ("word", "a\ud800b"),
        ("number", 2**63),
        ("number", -(2**63) - 1),
        ("ratio", float("nan")),
        ("ratio", float("inf")),
    ],
)
async def test_what_one_database_cannot_hold_both_refuse(
    exam: Db, column: str, value: Value
) -> None:
    with pytest.raises(Invalid) as refusal:
        await stored(exam, **{column: value})
    assert refusal.value.field == column
    assert await words(exam) == []


async def test_a_value_that_the_port_does_not_know_is_a_bug(exam: Db) -> None:
    with pytest.raises(Bug, match="word is a bytes"):
        await stored(exam, word=b"raw")  # type: ignore[arg-type]  # that is the point


async def test_one_gives_the_first_row_or_none(exam: Db) -> None:
    await exam.write(adding("b"))
    await exam.write(adding("a"))
    async with exam.view() as view:
        first = await view.one(Q["words"])
        none = await view.one(Q["get"], id=uuid4())
    assert first == {"word": "a"}
    assert none is None


async def test_run_tells_how_many_rows_changed(exam: Db) -> None:
    a, b = await exam.write(adding("a")), await exam.write(adding("b"))

    async def body(tx: Tx) -> list[int]:
        return [
            await tx.run(Q["rename"], word="x", ids=(a, b, uuid4())),
            await tx.run(Q["rename"], word="y", ids=(uuid4(),)),
            await tx.run(Q["rename_and_tell"], word="y", ids=(a, b)),
            await tx.run(Q["rename_with"], word="z", old="y"),
            await tx.run(Q["rename_with"], word="z", old="nobody"),
            await tx.run(Q["add_word_once"], id=a, word="a again"),
            await tx.run(Q["drop_all"]),
            await tx.run(Q["drop_all"]),
        ]

    assert await exam.write(body) == [2, 0, 2, 2, 0, 0, 2, 0]


async def test_a_changing_statement_can_return_rows(exam: Db) -> None:
    ids = [await exam.write(adding(word)) for word in ("a", "b", "c")]

    async def body(tx: Tx) -> tuple[object, object, object]:
        first = await tx.one(Q["rename_and_tell"], word="x", ids=(ids[0], ids[1]))
        every = await tx.all(Q["rename_and_tell"], word="y", ids=(ids[1], ids[2]))
        none = await tx.one(Q["rename_and_tell"], word="z", ids=(uuid4(),))
        return first, {row["id"] for row in every}, none

    first, every, none = await exam.write(body)
    assert first in ({"id": ids[0], "word": "x"}, {"id": ids[1], "word": "x"})
    assert every == {ids[1], ids[2]}
    assert none is None
    assert await words(exam) == ["x", "y", "y"]


async def test_run_many_runs_a_statement_for_each_row(exam: Db) -> None:
    async def body(tx: Tx) -> None:
        await tx.run_many(Q["add_word"], [{"id": uuid4(), "word": f"{n:02}"} for n in range(40)])
        await tx.run_many(Q["add_word"], [])

    await exam.write(body)
    assert await words(exam) == [f"{n:02}" for n in range(40)]


async def test_run_many_wants_the_same_statement_for_each_row(exam: Db) -> None:
    async def body(tx: Tx) -> None:
        await tx.run_many(Q["rename"], [{"word": "a", "ids": (ID,)}, {"word": "a", "ids": ()}])

    with pytest.raises(Bug, match="rename"):
        await exam.write(body)


async def test_optional_lines_filter_only_when_they_are_wanted(exam: Db) -> None:
    ids = [uuid4() for _ in range(4)]

    async def body(tx: Tx) -> None:
        for n, row_id in enumerate(ids):
            await tx.run(Q["add"], id=row_id, word="abca"[n], number=n, ratio=None, flag=0)

    await exam.write(body)

    async def some(**params: Value) -> str:
        async with exam.view() as view:
            return "".join(row["word"] for row in await view.all(Q["some"], **params))

    assert await some() == "aabc"
    assert await some(word=None, low=None) == "aabc"
    assert await some(word="a") == "aa"
    assert await some(low=1, high=3) == "bc"
    assert await some(low=1) == "aabc"  # the line wants both
    assert await some(ids=(ids[0], ids[1], ids[2])) == "abc"
    assert await some(ids=()) == ""
    assert await some(word="a", low=3, high=9, ids=tuple(ids)) == "a"


async def test_a_long_list_finds_all_its_rows(exam: Db) -> None:
    ids = tuple(uuid4() for _ in range(1_500))

    async def body(tx: Tx) -> None:
        await tx.run_many(Q["add_word"], [{"id": each, "word": "w"} for each in ids])

    await exam.write(body)
    async with exam.view() as view:
        assert len(await view.all(Q["some"], ids=ids)) == len(ids)


async def test_sums_and_means_are_plain_numbers(exam: Db) -> None:
    async def body(tx: Tx) -> None:
        for number in (2**62, 2**61, 1):
            await tx.run(Q["add"], id=uuid4(), word="w", number=number, ratio=0.5, flag=0)

    await exam.write(body)
    async with exam.view() as view:
        row = await view.one(Q["total"])
    assert row == {"rows": 3, "total": 2**62 + 2**61 + 1, "mean": 0.5}
    assert type(row["total"]) is int


async def test_text_is_sorted_by_code_point_and_like_minds_case(exam: Db) -> None:
    for word in ("b", "B", "a", "_", "ä", "Z", "-"):
        await exam.write(adding(word))
    assert await words(exam) == ["-", "B", "Z", "_", "a", "b", "ä"]
    async with exam.view() as view:
        assert await view.all(Q["words_like"], pattern="b%") == [{"word": "b"}]

    async def body(tx: Tx) -> object:
        return await tx.all(Q["words_like"], pattern="B%")

    assert await exam.write(body) == [{"word": "B"}]


async def test_a_statement_that_is_no_sql_is_a_bug(exam: Db) -> None:
    async with exam.view() as view:
        with pytest.raises(Bug):
            await view.one(Q["nonsense"], word="x")


async def test_a_broken_check_is_a_bug(exam: Db) -> None:
    with pytest.raises(Bug):
        await stored(exam, flag=2)
