"""From what main() returned to JSON."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import json
import uuid
from collections import OrderedDict, UserList, deque
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windmill_lite.runtimes.wrappers.run_results import NotJsonError, encode


class Color(str, enum.Enum):  # noqa: UP042 - people write it this way
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Plain(enum.Enum):
    PAIR = (1, 2)


class Point(NamedTuple):
    x: int
    y: int


@dataclasses.dataclass
class Order:
    id: uuid.UUID
    placed: dt.date
    lines: list[Any]


class Model:
    """Has what a pydantic model has."""

    def model_dump(self) -> dict[str, Any]:
        return {"at": dt.date(2024, 2, 29)}


class NotATime(dt.datetime):
    """Differs from itself, as pandas' NaT does."""

    def __ne__(self, other: object) -> bool:
        return True


class NotAvailable:
    """Reads as pandas' NA does."""

    def __str__(self) -> str:
        return "<NA>"


class Rows:
    """Has what a data frame of polars has."""

    columns = ("a",)

    def to_dict(self) -> dict[str, Any]:
        return {"a": object()}

    def to_dicts(self) -> list[dict[str, Any]]:
        return [{"a": 1}]


class Row(UserList[Any]):
    """A sequence that is no list, as a row of SQLAlchemy is none."""


class Measured:
    """Has what a class of attrs has."""

    __attrs_attrs__ = (SimpleNamespace(name="cm"),)
    cm = 3


class Frame:
    """Has what a data frame has."""

    columns = ("a",)

    def to_dict(self, orient: str) -> list[dict[str, Any]]:
        assert orient == "records"
        return [{"a": 1}, {"a": float("nan")}]


class Scalar:
    """Has what a number of numpy has."""

    def tolist(self) -> float:
        return 1.5


ID = uuid.UUID("12345678-1234-5678-1234-567812345678")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        ({"a": [1, 2.5, True, None, "ü"]}, '{"a":[1,2.5,true,null,"ü"]}'),
        ((1, 2), "[1,2]"),
        ({3, 1, 2}, "[1,2,3]"),
        (frozenset({"a"}), '["a"]'),
        (deque([1]), "[1]"),
        (range(3), "[0,1,2]"),
        ({"a": 1}.keys(), '["a"]'),
        (OrderedDict(a=1), '{"a":1}'),
        (Point(1, 2), "[1,2]"),
        (dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.UTC), '"2024-01-02T03:04:05+00:00"'),
        (dt.date(2024, 1, 2), '"2024-01-02"'),
        (dt.time(3, 4), '"03:04:00"'),
        (dt.timedelta(hours=1), '"1:00:00"'),
        (decimal.Decimal("1.10"), '"1.10"'),
        (fractions.Fraction(1, 3), '"1/3"'),
        (1j, '"1j"'),
        ([OSError(2, "<no> such file")], '["[Errno 2] <no> such file"]'),
        (NotATime(2024, 1, 1), "null"),
        ([NotAvailable()], "[null]"),
        ((n for n in [1, 2]), "[1,2]"),
        ({"a": map(str, [1])}, '{"a":["1"]}'),
        (Rows(), '[{"a":1}]'),
        (Row([1, "x"]), '[1,"x"]'),
        (Measured(), '{"cm":3}'),
        (ID, f'"{ID}"'),
        (PurePosixPath("/a/b"), '"/a/b"'),
        (b"\x00\xff", '"AP8="'),
        (bytearray(b"a"), '"YQ=="'),
        (Color.RED, '"red"'),
        (Level.HIGH, "3"),
        (Plain.PAIR, "[1,2]"),
        (
            Order(ID, dt.date(2024, 1, 2), [b"a"]),
            f'{{"id":"{ID}","placed":"2024-01-02","lines":["YQ=="]}}',
        ),
        ([Model()], '[{"at":"2024-02-29"}]'),
        (Frame(), '[{"a":1},{"a":null}]'),
        ({"n": Scalar()}, '{"n":1.5}'),
        (2**100, str(2**100)),
        ("a\x00b", '"a\\u0000b"'),
        ("\ud83d\ude00", '"😀"'),
        ("x\ud800y", '"x\ufffdy"'),
        ({"\udfff": 1}, '{"\ufffd":1}'),
        ([float("nan"), float("inf"), float("-inf")], "[null,null,null]"),
        ({"deep": {"nan": float("nan"), "set": {1}}}, '{"deep":{"nan":null,"set":[1]}}'),
        ({7: "a", 2.5: "b", True: "c", None: "d"}, '{"7":"a","2.5":"b","true":"c","null":"d"}'),
        ({dt.date(2024, 1, 2): 1, ID: 2, Color.RED: 3}, f'{{"2024-01-02":1,"{ID}":2,"red":3}}'),
    ],
)  # fmt: skip
def test_a_value_has_this_json(value: object, text: str) -> None:
    assert encode(value).decode() == text


class Thing:
    pass


class Silent:
    def __str__(self) -> str:
        raise KeyError


def refers_to_itself() -> dict[str, Any]:
    value: dict[str, Any] = {"a": [1]}
    value["a"].append(value)
    return value


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (object(), "object at $ of the result cannot be written as JSON"),
        ({"a": [0, 1, 2, {"b": Thing()}]}, "test_results.Thing at $.a[3].b of the result"),
        ({"not a name": print}, 'builtin_function_or_method at $["not a name"]'),
        ([Thing], "type at $[0]"),
        ({"a": Silent()}, "Silent at $.a"),
        ({"a": {(1, 2): 3}}, "a key of type tuple at $.a of the result"),
        (refers_to_itself(), "the result refers to itself at $.a[1]"),
        (deep(100_000), "nested too deeply"),
        ([10**5000], "cannot be written as JSON"),
    ],
)
def test_a_value_without_json_is_refused_with_its_place(value: object, message: str) -> None:
    with pytest.raises(NotJsonError) as refusal:
        encode(value)
    assert message in str(refusal.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(json_values)
def test_json_values_come_back_equal(value: object) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    without_infinity = json.loads(json.dumps(value), parse_constant=lambda _: None)
    assert json.loads(encode(value), parse_constant=refuse) == without_infinity


@given(st.text(alphabet=st.characters(codec=None, categories=["Cs", "Lu"])))
def test_every_text_becomes_utf_8(text: str) -> None:
    json.loads(encode([text, {text: 1}]))
