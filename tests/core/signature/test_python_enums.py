"""Enumerations become a choice of their values."""

from __future__ import annotations

import pytest

from tests.core.signature._scripts import arg, prop, raw_prop, required


def choice(*values: str) -> dict[str, object]:
    return {"type": "string", "enum": list(values), "originalType": "enum"}


@pytest.mark.parametrize(
    ("bases", "body", "expected"),
    [
        ("str, Enum", "RED = 'red'; BLUE = 'blue'", choice("red", "blue")),
        ("Enum", "RED = 'red'; BLUE = 'blue'", choice("red", "blue")),
        ("StrEnum", "RED = 'red'", choice("red")),
        ("enum.Enum", "RED = 'red'", choice("red")),
        ("enum.StrEnum", "Red = auto()", choice("red")),
        ("str, Enum", "A = auto(); B = enum.auto()", choice("1", "2")),
        ("IntEnum", "A = 1; B = 2", {"type": "integer", "enum": [1, 2]}),
        ("Enum", "A = auto(); B = 5; C = auto()", {"type": "integer", "enum": [1, 5, 6]}),
        ("Enum", "A = 'x'; B = auto()", {"type": "", "enum": ["x", 1]}),
        ("Enum", "A = 1; B = 'two'", {"type": "", "enum": [1, "two"]}),
        ("Enum", "A = 'a'; ALIAS = A; ALSO = 'a'", choice("a")),
        ("Enum", "A: str = 'a'; B: str = 'b'", choice("a", "b")),
        ("Enum", "_ignore_ = ['x']; A = 'a'", choice("a")),
        ("Enum", "A = PREFIX + 'a'", choice("pre-a")),
        ("Enum", "A = 'a'; OTHER = compute()", choice("a")),
        ("enum.IntFlag", "A = auto(); B = auto()", {"type": "integer"}),
        ("Base", "A = 'a'", choice("a")),
    ],
)
def test_an_enumeration_is_a_choice(bases: str, body: str, expected: dict[str, object]) -> None:
    lines = "\n".join(f"    {line.strip()}" for line in body.split(";"))
    before = f"PREFIX = 'pre-'\nclass Base(str, Enum):\n    pass\nclass C({bases}):\n{lines}"
    assert prop("C", before) == expected
    if "enum" in expected:
        assert prop("list[C]", before)["items"]["enum"] == expected["enum"]


@pytest.mark.parametrize(
    ("default", "expected"),
    [("C.RED", "red"), ("C.RED.value", "red"), ("'red'", "red"), ("C.TWO", 2), ("C.NONE", None)],
)
def test_a_member_as_default_is_resolved(default: str, expected: object) -> None:
    before = "class C(Enum):\n    RED = 'red'\n    TWO = 2"
    found = arg(f"x: C = {default}", before)
    assert (found.default, found.has_default) == (expected, True)
    assert required(f"x: C = {default}", before) == []


def test_an_enumeration_may_be_defined_in_a_block_and_after_main() -> None:
    before = "if True:\n    class Outer:\n        class C(str, Enum):\n            A = 'a'"
    assert prop("Outer.C", before) == choice("a")


def test_methods_and_docstrings_are_no_members() -> None:
    before = (
        "class C(str, Enum):\n    'The colours.'\n    A = 'a'\n"
        "    def label(self): return 1\n    @property\n    def b(self): return 2"
    )
    assert raw_prop("C", before)["enum"] == ["a"]
    assert raw_prop("C", before)["description"] == "The colours."


def test_comments_and_docstrings_of_members_become_labels() -> None:
    before = (
        "class C(str, Enum):\n    RED = 'red'  # like fire\n"
        "    GREEN = 'gr\u00fcn'  #: like gr\u00e4ss\n"
        "    BLUE = 'blue'\n    'Like the sea.'\n    GREY = 'grey'  # noqa: E501\n    TEN = 'x#y'"
    )
    assert raw_prop("C", before)["enumLabels"] == {
        "red": "like fire",
        "gr\u00fcn": "like gr\u00e4ss",
        "blue": "Like the sea.",
    }


def test_a_literal_may_name_members() -> None:
    before = "class C(str, Enum):\n    A = 'a'\n    B = 'b'"
    assert prop("Literal[C.A]", before) == choice("a")


def test_an_enumeration_without_known_values_is_anything() -> None:
    assert prop("C", "class Base(Enum): pass\nclass C(Base):\n    A = compute()") == {"type": ""}


def test_values_that_cannot_be_stored_are_left_out() -> None:
    before = "class C(str, Enum):\n    A = 'a'\n    NUL = '\\0'\n    HALF = '\\ud800'"
    assert prop("C", before) == choice("a")
