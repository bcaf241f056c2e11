"""How big a file, a function and a room may be; and a list of debts that may only shrink."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.arch._tree import REPO, Module, functions, modules, plant

TOPS = ("windmill_lite", "sandbox", "packaging", "tests")
FILE_LINES, FILE_LINES_MAX = 300, 500
FUNCTION_LINES, FUNCTION_LINES_MAX = 40, 70
POSITIONAL_MAX = 4
TUPLE_MAX = 2
NESTING_MAX = 4
CLASS_METHODS_MAX = 20
ROOM_FILES_MAX = 20
PRODUCT_LINES_MAX = 50_000  # ARCHITECTURE, "Sizes"
UI_FILE_LINES_MAX = 500
#: `file` or `file::function` -> its lines. Above the target, below the hard stop.
DEBTS_FILE = Path(__file__).with_name("debts.json")
#: Shapes that are what they are: the reason is the value.
SHAPES_ALLOWED: Mapping[str, str] = {
    "windmill_lite/core/jobs/order.py::order": "a sort key is a tuple",
    "sandbox/syscalls.py::mount": "the five arguments of mount(2)",
}


def measured(root: Path) -> dict[str, int]:
    """The lines of each file and function that is above its target."""
    over: dict[str, int] = {}
    for module in modules(root, *TOPS):
        lines = module.text.count("\n")
        if lines > FILE_LINES:
            over[module.path] = lines
        for function in functions(module):
            if (lines := _length(function)) > FUNCTION_LINES:
                over[f"{module.path}::{function.name}"] = lines
    return over


def size_faults(root: Path, debts: Mapping[str, int]) -> list[str]:
    """What is above its hard stop, above its target without being a known debt, or grown."""
    faults = []
    for place, lines in measured(root).items():
        stop = FUNCTION_LINES_MAX if "::" in place else FILE_LINES_MAX
        target = FUNCTION_LINES if "::" in place else FILE_LINES
        if lines > stop:
            faults.append(f"{place}: {lines} lines, the hard stop is {stop}")
        elif lines > debts.get(place, target):
            faults.append(f"{place}: {lines} lines, at most {debts.get(place, target)}")
    return faults


def slack(root: Path, debts: Mapping[str, int]) -> list[str]:
    """Debts that are smaller by now, or paid: the list must say so."""
    now = measured(root)
    return [
        f"{place}: the list says {lines}, it is {now.get(place, 'paid')}"
        for place, lines in debts.items()
        if now.get(place, 0) < lines
    ]


def shape_faults(root: Path) -> list[str]:
    """Too many positional parameters, wide tuples, deep nesting, wide classes, in our own code."""
    return [
        module.fault(line, words)
        for module in modules(root, "windmill_lite", "sandbox", "packaging")
        for line, words in _shapes(module)
    ]


def _shapes(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if f"{module.path}::{node.name}" in SHAPES_ALLOWED:
                continue
            positional = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
            count = len([a for a in positional if a not in ("self", "cls")])
            if count > POSITIONAL_MAX:
                yield node.lineno, f"{node.name} takes {count} positional parameters"
            if (width := _tuple_width(node.returns)) > TUPLE_MAX:
                yield node.lineno, f"{node.name} returns a tuple of {width}: name a record"
            if (depth := _depth(node)) > NESTING_MAX:
                yield node.lineno, f"{node.name} nests {depth} deep"
        elif isinstance(node, ast.ClassDef):
            public = [m for m in _methods(node) if not m.name.startswith("_")]
            if len(public) > CLASS_METHODS_MAX:
                yield node.lineno, f"{node.name} has {len(public)} public methods"


def room_faults(root: Path) -> list[str]:
    """Rooms with too many files, a product too long, and UI files too long."""
    ours = modules(root, "windmill_lite", "sandbox")
    rooms = Counter(str(Path(m.path).parent) for m in ours if not m.path.endswith("__init__.py"))
    faults = [f"{room}: {n} files" for room, n in rooms.items() if n > ROOM_FILES_MAX]
    total = sum(m.text.count("\n") for m in ours if m.path.startswith("windmill_lite/"))
    if total > PRODUCT_LINES_MAX:
        faults.append(f"windmill_lite: {total} lines, at most {PRODUCT_LINES_MAX}")
    for path in sorted((root / "bundled_ui" / "src").rglob("*")):
        if path.suffix in (".svelte", ".ts", ".css") and not path.name.endswith(".d.ts"):
            lines = path.read_text(encoding="utf-8").count("\n")
            if lines > UI_FILE_LINES_MAX:
                faults.append(f"{path.relative_to(root)}: {lines} lines")
    return faults


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the docstring."""
    end = function.end_lineno or function.lineno
    first = function.body[0]
    said = 0
    if ast.get_docstring(function, clean=False) is not None:
        said = (first.end_lineno or first.lineno) - first.lineno + 1
    return end - function.lineno + 1 - said


def _tuple_width(returns: ast.expr | None) -> int:
    """The number of parts of a `tuple[a, b, c]`; 0 for `tuple[a, ...]` and everything else."""
    match returns:
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=parts)):
            ellipsis = any(isinstance(p, ast.Constant) and p.value is ... for p in parts)
            return 0 if ellipsis else len(parts)
    return 0


_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def _depth(node: ast.AST) -> int:
    """How many blocks lie in each other below `node`; an `elif` is no deeper than its `if`."""
    deepest = 0
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.FunctionDef | ast.ClassDef):
                continue
            elif_ = isinstance(node, ast.If) and name == "orelse" and isinstance(child, ast.If)
            step = 1 if isinstance(child, _BLOCKS) and not elif_ else 0
            deepest = max(deepest, step + _depth(child))
    return deepest


def _methods(node: ast.ClassDef) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [m for m in node.body if isinstance(m, ast.FunctionDef | ast.AsyncFunctionDef)]


def _debts() -> dict[str, int]:
    return {str(k): int(v) for k, v in json.loads(DEBTS_FILE.read_text(encoding="utf-8")).items()}


def test_no_file_and_no_function_is_too_long() -> None:
    faults = size_faults(REPO, _debts())
    assert not faults, "\n".join(faults)


def test_debts_only_shrink() -> None:
    assert not slack(REPO, _debts()), "write the smaller number: " + "\n".join(
        slack(REPO, _debts())
    )


def test_no_function_and_no_class_is_too_wide_or_too_deep() -> None:
    faults = shape_faults(REPO)
    assert not faults, "\n".join(faults)


def test_no_room_is_too_full() -> None:
    faults = room_faults(REPO)
    assert not faults, "\n".join(faults)


def _function(lines: int) -> str:
    return "def f():\n" + "    x = 1\n" * (lines - 1)


@pytest.mark.parametrize(
    ("text", "debts", "found"),
    [
        ("x = 1\n" * 300, {}, ""),
        ("x = 1\n" * 301, {}, "301 lines, at most 300"),
        ("x = 1\n" * 301, {"base/x.py": 301}, ""),
        ("x = 1\n" * 302, {"base/x.py": 301}, "302 lines, at most 301"),
        ("x = 1\n" * 501, {"base/x.py": 501}, "the hard stop is 500"),
        (_function(40), {}, ""),
        (_function(41), {}, "::f: 41 lines, at most 40"),
        (_function(41), {"base/x.py::f": 41}, ""),
        (_function(71), {"base/x.py::f": 71}, "the hard stop is 70"),
        (_function(40).replace("():\n", '():\n    """one\n\n    two\n    """\n'), {}, ""),
    ],
)
def test_a_planted_size_is_found(
    tmp_path: Path, text: str, debts: dict[str, int], found: str
) -> None:
    plant(tmp_path, "windmill_lite/base/x.py", text)
    faults = size_faults(tmp_path, {f"windmill_lite/{k}": v for k, v in debts.items()})
    assert [found in fault for fault in faults] == ([True] if found else [])


def test_a_debt_that_shrank_or_was_paid_is_found(tmp_path: Path) -> None:
    plant(tmp_path, "windmill_lite/x.py", "x = 1\n" * 310)
    debts = {"windmill_lite/x.py": 320, "windmill_lite/gone.py": 301}
    assert slack(tmp_path, {"windmill_lite/x.py": 310}) == []
    assert [s.split(":")[0] for s in slack(tmp_path, debts)] == list(debts)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def f(a, b, c, d): ...", ""),
        ("class C:\n    def f(self, a, b, c, d, *, e, g): ...", ""),
        ("def f(a, b, c, d, e): ...", "takes 5 positional"),
        ("def f() -> tuple[int, int]: ...", ""),
        ("def f() -> tuple[int, ...]: ...", ""),
        ("def f() -> tuple[int, int, int]: ...", "returns a tuple of 3"),
        ("def f():\n if a:\n  for b in c:\n   while d:\n    with e: g", ""),
        ("def f():\n if a:\n  for b in c:\n   while d:\n    with e:\n     if g: h", "nests 5 deep"),
        ("def f():\n if a: 1\n elif b: 2\n elif c: 3\n elif d: 4\n elif e: 5\n elif g: 6", ""),
        ("class C:\n" + "".join(f"    def m{n}(self): ...\n" for n in range(21)), "21 public"),
    ],
)
def test_a_planted_shape_is_found(tmp_path: Path, text: str, found: str) -> None:
    plant(tmp_path, "windmill_lite/base/x.py", text)
    assert [found in fault for fault in shape_faults(tmp_path)] == ([True] if found else [])


def test_a_full_room_and_a_long_component_are_found(tmp_path: Path) -> None:
    for n in range(21):
        plant(tmp_path, f"windmill_lite/base/m{n}.py", "")
    plant(tmp_path, "bundled_ui/src/Long.svelte", "\n" * 501)
    faults = room_faults(tmp_path)
    assert faults == ["windmill_lite/base: 21 files", "bundled_ui/src/Long.svelte: 501 lines"]
