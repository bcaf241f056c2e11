"""Scripts for a newer Python than the one that reads them have parameters and imports, too."""

from __future__ import annotations

import ast
import sys

import pytest

from windmill_lite.core.dependencies import python
from windmill_lite.core.signature import SourceError, infer
from windmill_lite.core.signature.python.newer import older

LATER = f"#py: >=3.{sys.version_info.minor + 1}\n"


@pytest.mark.parametrize(
    ("newer", "expected"),
    [
        ("type X = int\n", "X = int\n"),
        ("type X[T] = list[T]", "X = list[T]\nT = object"),
        ("if 1: pass; type X = int", "if 1: pass; X = int"),
        ("def f[T: (int, str), *Ts, **P](a: T): 1", "def f(a: T): 1\nT = P = Ts = object"),
        ("class A[T = int]:\n  def m[U](self): 1", "class A:\n  def m(self): 1\nT = U = object"),
        ("def f[\n  T,\n](x): 1\ny = 2", "def f(x): 1\ny = 2\nT = object"),
        ("try: 1\nexcept A, b.C:\n  2", "try: 1\nexcept (A, b.C):\n  2"),
        ('x = f"{"a"}" + y', 'x = f"{0}" + y'),
        ('x = f"{d["k"]:>{w["a"]}}" rf\'\\{x}\' "{}"', 'x = f"{0}" f\'{0}\' "{}"'),
        ("x = f\"{'\\n'.join(a)}\"", 'x = f"{0}"'),
        ('x = f"{\na["b"] # }\n}"\ny = 2', 'x = f"{0}\\n\\n\\n"\ny = 2'),
        ('x = f"\\N{DASH}{{ {"}"}" + "z"', 'x = f"{0}" + "z"'),
        ('x = f"{a!r:{"<"}}" + "z"', 'x = f"{0}" + "z"'),
        ('x = t"{a}" + t""', 'x = f"{0}" + f""'),
        ("type = 3\ntype == 4\ntype(x)\ntype[0]", "type = 3\ntype == 4\ntype(x)\ntype[0]"),
        ('x = "type Y = f\\"{"\n# type Z = 3', 'x = "type Y = f\\"{"\n# type Z = 3'),
    ],
)
def test_newer_words_are_read_as_older_ones_that_mean_the_same(newer: str, expected: str) -> None:
    def names(text: str) -> list[str]:
        tree = ast.parse(text)
        held = [node for node in tree.body if isinstance(node, ast.Assign)]
        once = {
            target.id for node in held for target in node.targets if isinstance(target, ast.Name)
        }
        return [*sorted(once), *(ast.dump(node) for node in tree.body if node not in held)]

    assert names(older(newer)) == names(expected)


@pytest.mark.parametrize(
    "text",
    [
        "def f(",
        'x = f"{',
        'x = f"{a',
        "def f[T(x): 1",
        'x = """',
        "type X[T = 3",
        'f"{a:{"',
        "]" * 9,
    ],
)
def test_what_is_no_python_stays_none(text: str) -> None:
    with pytest.raises(SyntaxError):
        ast.parse(older(text))


def test_no_line_moves() -> None:
    text = 'type X[\n T] = int\ndef f[\n T](): 1\nx = f"{\n1}"\ntry: 1\nexcept A, B: 2\nhere = 1'
    last = next(n for n in ast.parse(older(text)).body if "here" in ast.dump(n))
    assert last.lineno == 9


def test_parameters_of_a_script_for_a_newer_python_are_read() -> None:
    found = infer(
        "python3",
        LATER
        + "import idna\ntype Age = int\ndef main[T](age: Age, other: T, text: str = t'{1}'):\n"
        "    try: pass\n    except A, B: pass\n",
    )
    properties = found.schema["properties"]
    kinds = [properties[name]["type"] for name in ("age", "other", "text")]
    assert (kinds, found.schema["required"]) == (["integer", "", "string"], ["age", "other"])


def test_imports_of_a_script_for_a_newer_python_are_found() -> None:
    code = LATER + "import idna\ntype X = int\ntry: pass\nexcept A, B: import six\n"
    assert [each.module for each in python.imports(code)] == ["idna", "six"]


def test_a_mistake_in_a_script_for_a_newer_python_is_named_and_not_its_grammar() -> None:
    with pytest.raises(SourceError) as refusal:
        infer("python3", LATER + "x = t'{1}'\n\ny = = 3\ndef main(): 1\n")
    assert (refusal.value.line, refusal.value.reason) == (4, "invalid syntax")


def test_newer_grammar_in_a_script_that_does_not_ask_for_it_is_refused_with_the_remedy() -> None:
    with pytest.raises(SourceError) as refusal:
        infer("python3", "def main():\n    try: pass\n    except A, B: pass\n    return t'{1}'\n")
    assert "`#py: >=3.14`" in refusal.value.reason
