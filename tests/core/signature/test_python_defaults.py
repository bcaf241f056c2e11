"""Defaults: what is known without running the script, and what is only known not to be required."""

from __future__ import annotations

import pytest

from tests.core.signature._scripts import arg, raw_prop, required, script
from windmill_lite.core.signature import FUNCTION_CALL, infer

BEFORE = "LIMIT = 10\nNAMES = ['a', 'b']\nHALF = LIMIT / 4\nLOOP = LOOP\nPING = PONG\nPONG = PING"


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        ("'hi'", "hi"),
        ("'a' 'b'", "ab"),
        ("'a' + 'b'", "ab"),
        ("3", 3),
        ("-1", -1),
        ("+1.5", 1.5),
        ("~1", -2),
        ("not True", False),
        ("60 * 60 * 24", 86400),
        ("2 ** 10", 1024),
        ("7 // 2 + 7 % 2 - 1", 3),
        ("99999999999999999999", 99999999999999999999),
        ("True", True),
        ("None", None),
        ("[1, 'a', None, -2]", [1, "a", None, -2]),
        ("(1, 2)", [1, 2]),
        ("{1}", [1]),
        ("{'a': 1, 'b': [1, None]}", {"a": 1, "b": [1, None]}),
        ("{1: 2}", {"1": 2}),
        ("[]", []),
        ("{}", {}),
        ("[1] + [2]", [1, 2]),
        ("b'ab'", "YWI="),
        ("b''", ""),
        ("LIMIT", 10),
        ("-LIMIT * 2", -20),
        ("HALF", 2.5),
        ("NAMES", ["a", "b"]),
        ("datetime.now()", FUNCTION_CALL),
        ("dict()", FUNCTION_CALL),
        ("[datetime.now()]", FUNCTION_CALL),
        ("LIMIT + len('x')", FUNCTION_CALL),
    ],
)
def test_a_default_that_can_be_known_is_in_the_schema(default: str, expected: object) -> None:
    found = raw_prop(f"Any = {default}", BEFORE)
    assert found["default"] == expected
    assert type(found["default"]) is type(expected) or isinstance(expected, str)
    assert required(f"x = {default}", BEFORE) == []


@pytest.mark.parametrize(
    "default",
    [
        "f'{LIMIT}'",
        "unknown",
        "os.environ",
        "LOOP",
        "PING",
        "...",
        "1j",
        "1e999",
        "1 / 0",
        "2 ** 100000",
        "9 ** 9 ** 9",
        "(-8) ** 0.5",
        "'a' * 3",
        "'\\0'",
        "'\\ud800'",
        "b'a' + b'b'",
        "[x for x in y]",
        "lambda: 3",
        "{**NAMES}",
        "{None: 1}",
        "1 if LIMIT else 2",
        "0x" + "f" * 300,
        "[" * 30 + "]" * 30,
        "'" + "x" * 20_000 + "'",
    ],
)
def test_a_default_that_cannot_be_known_is_not_required_and_null(default: str) -> None:
    found = arg(f"x: int = {default}", BEFORE)
    assert (found.default, found.has_default) == (None, True)


def test_a_small_text_cannot_make_a_large_default() -> None:
    doubling = "A0 = ['x'] * 1\nA0 = ['xxxxxxxxxx', 'xxxxxxxxxx']\n"
    doubling += "".join(f"A{n + 1} = [A{n}, A{n}]\n" for n in range(15))
    assert arg("x: list[Any] = A15", doubling).default is None


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ("x = 3", {"type": "integer"}),
        ("x = 'a'", {"type": "string", "originalType": "string"}),
        ("x = 1.5", {"type": "number"}),
        ("x = True", {"type": "boolean"}),
        ("x = -1", {"type": "integer"}),
        ("x = None", {"type": ""}),
        ("x = datetime.now()", {"type": ""}),
        ("x = []", {"type": "array", "items": {"type": "string"}, "originalType": "string[]"}),
        (
            "x = ['a', 1]",
            {"type": "array", "items": {"type": "string"}, "originalType": "string[]"},
        ),
        ("x = [1]", {"type": "array", "items": {"type": "number"}, "originalType": "number[]"}),
        ("x = {}", {"type": "object", "properties": {}}),
        ("x = b'a'", {"type": "string", "contentEncoding": "base64", "originalType": "bytes"}),
        (
            "x: list = [1]",
            {"type": "array", "items": {"type": "number"}, "originalType": "number[]"},
        ),
        ("x: list = None", {"type": ""}),
        ("x: dict = {'a': 1}", {"type": "object", "properties": {}}),
        (
            "x = {'a': 1}",
            {"type": "object", "properties": {"a": {"type": "integer", "description": ""}}},
        ),
        ("x: float = 3", {"type": "number"}),
        ("x: str = 3", {"type": "string", "originalType": "string"}),
    ],
)
def test_a_default_tells_the_type_when_nothing_else_does(parameter: str, expected: object) -> None:
    found = infer("python3", script(parameter), None).schema["properties"]["x"]
    assert {k: v for k, v in found.items() if k not in {"default", "description"}} == expected


def test_only_what_has_no_default_and_may_not_be_none_is_required() -> None:
    parameters = "a, b: int, c: int | None, d: int = 1, e: int = f(), *, g: str, h: str = 'x'"
    assert required(parameters) == ["a", "b", "g"]
