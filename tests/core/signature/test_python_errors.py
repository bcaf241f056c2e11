"""A text that is not a script gets an error that says where; nothing crashes, nothing hangs."""

from __future__ import annotations

import ast
import sys
import time
from typing import Any

import pytest

from windmill_lite.base.errors import Invalid
from windmill_lite.core.signature import SourceError, UnknownLanguage, infer
from windmill_lite.model import limits


def error_of(code: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        infer("python3", code, None)
    return caught.value


def test_a_parser_that_another_thread_disturbed_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parse, disturbed = ast.parse, iter([True, True])

    def sometimes(*given: Any, **more: Any) -> Any:
        if next(disturbed, False):
            raise SystemError("AST constructor recursion depth mismatch (before=36, after=89)")
        return parse(*given, **more)

    monkeypatch.setattr(ast, "parse", sometimes)
    assert infer("python3", "def main(name: str): return name", None).schema["required"] == ["name"]


@pytest.mark.parametrize(
    ("code", "line", "column", "reason"),
    [
        ("def main(x: int,\n", 1, 9, "never closed"),
        ("def main(a):\n    return 1\n  bad", 3, 6, "unindent"),
        ("def main(a): pass\n\ndef later(:\n    pass", 3, 11, "invalid syntax"),
        ("x = 1\n  y = 2", 2, 3, "unexpected indent"),
        ("def main(a, a): pass", 1, 13, "duplicate argument"),
        ("def main(a): pass\nreturn 3", 2, 1, "outside function"),
        ("def main(a):\n    x = '\0'", 2, 10, "null bytes"),
        ("def main(a='\ud800'): pass", 1, 13, "surrogate"),
        ("éé = '\ud800'", 1, 7, "surrogate"),
        ("(" * 1000, 1, 201, "nested"),
        ("\n".join(" " * n + "if 1:" for n in range(120)), 101, 1, "indentation"),
        ("x = " + "-" * 100_000 + "1", 1, 1, "nested too deeply"),
        ("x = a" + ".b" * 100_000, 1, 1, "nested too deeply"),
        ("x = " + "1+" * 100_000 + "1", 1, 1, "nested too deeply"),
    ],
)
def test_a_mistake_is_named_with_line_and_column(
    code: str, line: int, column: int, reason: str
) -> None:
    error = error_of(code)
    assert reason in error.reason
    assert error.line == line
    if reason not in {"duplicate argument", "unindent", "unexpected indent"}:
        # Python moved those columns between its versions.
        assert error.column == column
    assert str(error) == f"line {error.line}, column {error.column}: {error.reason}"


def test_a_syntax_newer_than_the_interpreter_is_an_error_or_understood() -> None:
    code = "type X = int\ndef main(a: X): pass"
    if sys.version_info < (3, 12):
        assert error_of(code).line == 1
    else:
        assert infer("python3", code, None).schema["properties"]["a"]["type"] == "integer"


def test_it_is_a_refusal_of_the_field_content() -> None:
    error = error_of("def")
    assert isinstance(error, Invalid)
    assert (error.field, error.status) == ("content", 400)


def test_a_script_over_the_limit_is_refused_unread() -> None:
    assert "characters" in error_of("#" * (limits.CODE_BYTES_MAX + 1)).reason


def test_a_main_with_thousands_of_parameters_is_refused() -> None:
    many = ", ".join(f"a{n}" for n in range(5_000))
    assert "parameters" in error_of(f"def main({many}): pass").reason


def test_an_unknown_language_is_refused_by_name() -> None:
    with pytest.raises(UnknownLanguage, match="cobol"):
        infer("cobol", "", None)


def test_an_invalid_escape_is_the_authors_business() -> None:
    assert infer("python3", r"def main(a: str = '\d'): pass", None).signature.args[0].default


@pytest.mark.parametrize(
    "code",
    [
        "def main(a: " + "list[" * 150 + "int" + "]" * 150 + "): pass",
        "def main(a: " + " | ".join(["int", "str", "bytes"] * 900) + "): pass",
        "".join(f"T{n} = tuple[T{n + 1}, T{n + 1}, T{n + 1}]\n" for n in range(40))
        + "T40 = int\ndef main(a: T0): pass",
        "from pydantic import BaseModel\n"
        + "".join(f"class M{n}(BaseModel):\n  a: M{n + 1}\n  b: M{n + 1}\n" for n in range(40))
        + "class M40(BaseModel): x: int\ndef main(a: M0, b: M0): pass",
        "from typing import Literal\ndef main(a: Literal["
        + ", ".join(f"'{n}'" for n in range(9_000))
        + "]): pass",
        "class A(B): pass\n"
        + "".join(f"class {c}(A, B): x: int\n" for c in "ABAB")
        + "def main(a: A): pass",
    ],
    ids=["brackets", "unions", "aliases", "models", "literals", "bases"],
)
def test_a_hostile_script_costs_little(code: str) -> None:
    began = time.process_time()
    schema = infer("python3", code, None).schema
    assert time.process_time() - began < 3, "seconds of processor"
    assert len(str(schema)) < limits.SCHEMA_BYTES_MAX
