"""From JSON arguments to what main() asked for."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, Literal, NamedTuple, Optional

import pytest
from pydantic import BaseModel

from windmill_lite.runtimes.wrappers.run_arguments import bind


class Color(str, enum.Enum):  # noqa: UP042 - people write it this way
    RED = "red"
    BLUE = "blue"


class Size(enum.Enum):
    SMALL = 1
    LARGE = 2


@dataclasses.dataclass
class Line:
    at: dt.datetime
    color: Color = Color.RED


@dataclasses.dataclass
class Order:
    lines: list[Line]
    note: Optional[str] = None  # noqa: UP045 - people write it this way


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    seen: dt.date | None = None


class Place(NamedTuple):
    at: dt.date
    name: str = "here"


class Measured:
    """Has what a class of attrs has."""

    __attrs_attrs__ = (SimpleNamespace(name="_cm", alias="cm", init=True),)

    def __init__(self, cm: Decimal) -> None:
        self.cm = cm

    __annotations__ = {"cm": Decimal}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Measured) and self.cm is not other.cm and self.cm == other.cm

    __hash__ = None  # type: ignore[assignment]


NOON = dt.datetime(2024, 1, 2, 12, tzinfo=dt.UTC)


def called(main: Callable[..., Any], **given: Any) -> Any:
    positional, named = bind(main, given)
    return main(*positional, **named)


@pytest.mark.parametrize(
    ("annotation", "given", "value"),
    [
        (bytes, "AP8=", b"\x00\xff"),
        (dt.datetime, "2024-01-02T12:00:00Z", NOON),
        (dt.datetime, "2024-01-02T12:00:00.000+00:00", NOON),
        (dt.date, "2024-01-02", dt.date(2024, 1, 2)),
        (dt.date, "2024-01-02T00:00:00.000Z", dt.date(2024, 1, 2)),
        (dt.time, "12:30", dt.time(12, 30)),
        (Color, "blue", Color.BLUE),
        (Color, "BLUE", Color.BLUE),
        (Size, 2, Size.LARGE),
        (Size, "LARGE", Size.LARGE),
        (list[bytes], ["YQ==", "Yg=="], [b"a", b"b"]),
        (list[Color], ["red"], [Color.RED]),
        (set[Color], ["red"], {Color.RED}),
        (tuple[Color, int], ["red", 1], (Color.RED, 1)),
        (dict[str, dt.date], {"a": "2024-01-02"}, {"a": dt.date(2024, 1, 2)}),
        (dt.date | None, None, None),
        (dt.date | None, "2024-01-02", dt.date(2024, 1, 2)),
        (Optional[bytes], "YQ==", b"a"),  # noqa: UP045
        (str | dt.date, "2024-01-02", "2024-01-02"),
        (int | str, "7", "7"),
        (Annotated[bytes, "a file"], "YQ==", b"a"),
        (Line, {"at": "2024-01-02T12:00:00Z", "unknown": 1}, Line(NOON)),
        (
            Order,
            {"lines": [{"at": "2024-01-02T12:00:00Z", "color": "blue"}]},
            Order([Line(NOON, Color.BLUE)]),
        ),
        (Cat, {"kind": "cat"}, Cat(kind="cat")),
        (Cat | None, {"kind": "cat", "lives": "3"}, Cat(kind="cat", lives=3)),
        (Cat | Dog, {"kind": "dog", "seen": "2024-01-02"},
         Dog(kind="dog", seen=dt.date(2024, 1, 2))),
        (list[Cat], [{"kind": "cat"}], [Cat(kind="cat")]),
        (Cat, Cat(kind="cat"), Cat(kind="cat")),
        (Place, {"at": "2024-01-02"}, Place(dt.date(2024, 1, 2))),
        (Measured, {"cm": "1.50", "unknown": 1}, Measured(Decimal("1.50"))),
        (Decimal, "1.50", Decimal("1.50")),
        (Decimal, 0.1, Decimal("0.1")),
        (uuid.UUID, "{00000000-0000-0000-0000-000000000007}", uuid.UUID(int=7)),
        (list[Path], ["a/b"], [Path("a/b")]),
        (int, "not an int", "not an int"),
        (float, 3, 3),
        (dict, {"a": 1}, {"a": 1}),
        (Literal["a", "b"], "c", "c"),
        (Any, {"a": "2024-01-02"}, {"a": "2024-01-02"}),
        (object, 1, 1),
    ],
)  # fmt: skip
def test_a_value_is_fitted_to_its_annotation(annotation: Any, given: Any, value: Any) -> None:
    def main(x: Any) -> Any:
        return x

    main.__annotations__["x"] = annotation
    assert called(main, x=given) == value


@pytest.mark.parametrize(
    ("annotation", "given", "message"),
    [
        (bytes, "not base64!", "argument x: 'not base64!' is not base64"),
        (dt.date, "tomorrow", "argument x: 'tomorrow' is not an ISO 8601 date"),
        (dt.datetime | None, "soon", "argument x: 'soon' is not an ISO 8601 datetime"),
        (Color, "green", "argument x: 'green' is not one of 'red', 'blue'"),
        (list[Color], ["red", "green"], "argument x[1]: 'green' is not one of"),
        (Line, {}, "argument x: "),
        (Place, {}, "argument x: "),
        (Decimal, "much", "argument x: 'much' is not a number"),
        (uuid.UUID, "7", "argument x: '7' is not a UUID"),
        (Cat, {"kind": "dog"}, "argument x: 1 validation error for Cat"),
        (Order, {"lines": [{"at": "x"}]}, "argument x.lines[0].at: 'x' is not"),
    ],
)
def test_a_value_that_does_not_fit_is_named(annotation: Any, given: Any, message: str) -> None:
    def main(x: Any) -> None:
        pass

    main.__annotations__["x"] = annotation
    with pytest.raises(ValueError, match=r"argument") as refusal:
        bind(main, {"x": given})
    assert message in str(refusal.value)


def test_unknown_arguments_are_dropped() -> None:
    assert called(lambda x: x, x=1, y=2) == 1


def test_keywords_take_what_is_unknown() -> None:
    def main(x: int, **rest: int) -> tuple[int, dict[str, int]]:
        return x, rest

    assert called(main, x=1, y=2) == (1, {"y": 2})


def test_every_kind_of_parameter_gets_its_argument() -> None:
    def main(a: int, b: int = 2, /, c: int = 3, *more: int, d: int, e: int = 5) -> tuple[Any, ...]:
        return a, b, c, more, d, e

    assert called(main, a=1, d=4) == (1, 2, 3, (), 4, 5)
    assert called(main, a=1, b=20, c=30, d=40, e=50, more=[9]) == (1, 20, 30, (), 40, 50)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"a": 1}, "main() is missing the required argument 'b'"),
        ({}, "main() is missing the required arguments 'a', 'b'"),
    ],
)
def test_a_missing_argument_is_named(given: dict[str, Any], message: str) -> None:
    def main(a: int, b: int, c: int = 0) -> None:
        pass

    with pytest.raises(TypeError) as refusal:
        bind(main, given)
    assert str(refusal.value) == message


def test_annotations_that_cannot_be_evaluated_leave_values_alone() -> None:
    def main(x: Any, when: Any) -> Any:
        return x, when

    main.__annotations__.update(x="NoSuchType", when="dt.date")
    assert called(main, x="a", when="2024-01-02") == ("a", "2024-01-02")


def test_a_callable_without_a_signature_is_called_with_everything() -> None:
    assert called(dict, a=1) == {"a": 1}
