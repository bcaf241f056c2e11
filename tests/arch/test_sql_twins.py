"""SQL is written once where it can be, twice where it must, and never in Python."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.arch._tree import REPO, Module, modules, plant

TWINS_MAX = 12
_HEADER = re.compile(r"^--\s*name:\s*(\w+)(?:\s+\[([\w ]+)\])?\s*$")
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]\w*)")
_STATEMENT = re.compile(
    r"^\s*(select\s.*\sfrom\s|insert\s+(or\s+\w+\s+)?into\s|update\s+\w+\s+set\s|delete\s+from\s"
    r"|create\s+(table|index|unique|trigger|view)\s|drop\s+(table|index)\s|alter\s+table\s"
    r"|with\s+\w+\s+as\s*\(|pragma\s+\w+)",
    re.IGNORECASE | re.DOTALL,
)
#: The port itself speaks SQL to its drivers: transactions, pragmas, the table of migrations.
SQL_IN_PYTHON = ("windmill_lite/store/db/",)


@dataclass(frozen=True, slots=True)
class Body:
    """The text of one query in one dialect."""

    file: str
    line: int
    name: str
    dialect: str  # "" when both databases share it
    text: str

    @property
    def parameters(self) -> frozenset[str]:
        return frozenset(_PARAMETER.findall(_without_strings(self.text)))

    @property
    def first_words(self) -> str:
        return self.text.lstrip().removeprefix("--").lstrip()

    def fault(self, words: str) -> str:
        return f"{self.file}:{self.line}: {self.name} {words}"


def bodies(root: Path) -> list[Body]:
    """The queries of every `.sql` file, in order; migrations have no names and are not queries."""
    found: list[Body] = []
    for path in sorted((root / "windmill_lite").rglob("*.sql")):
        if "migrations" not in path.parts:
            file = path.relative_to(root).as_posix()
            found += _bodies_of(file, path.read_text(encoding="utf-8"))
    return found


def _bodies_of(file: str, text: str) -> Iterator[Body]:
    lines = text.splitlines()
    heads = [(n, m) for n, line in enumerate(lines) if (m := _HEADER.match(line))]
    ends = [n for n, _ in heads[1:]] + [len(lines)]
    for (start, head), end in zip(heads, ends, strict=True):
        body = "\n".join(lines[start + 1 : end])
        yield Body(file, start + 1, head[1], head[2] or "", body)


def twin_faults(root: Path) -> list[str]:
    """Twins that do not match, do not say why, or are too many."""
    by_name: defaultdict[tuple[str, str], list[Body]] = defaultdict(list)
    for body in bodies(root):
        by_name[body.file, body.name].append(body)
    faults = [fault for same in by_name.values() for fault in _faults_of(same)]
    twins = [name for name, same in by_name.items() if len(same) > 1 or same[0].dialect]
    if len(twins) > TWINS_MAX:
        faults.append(f"{len(twins)} twins, at most {TWINS_MAX}: {twins}")
    return faults


def _faults_of(same: list[Body]) -> Iterator[str]:
    first, last = same[0], same[-1]
    dialects = sorted(b.dialect for b in same)
    if len(same) == 1 and not first.dialect:
        return
    if dialects == ["postgres only"]:
        if not first.first_words.startswith("Only for Postgres"):
            yield first.fault("must open with `-- Only for Postgres, ...`")
        return
    if dialects != ["postgres", "sqlite"]:
        yield last.fault(f"needs exactly one [sqlite] and one [postgres], has {dialects}")
        return
    if not last.first_words.startswith("Differs because"):
        yield last.fault("must open with `-- Differs because ...`")
    if first.parameters != last.parameters:
        odd = sorted(first.parameters ^ last.parameters)
        yield last.fault(f"takes other parameters than its twin: {odd}")


def stray_sql(root: Path) -> list[str]:
    """SQL statements in Python strings outside the port."""
    return [
        module.fault(line, "SQL belongs in the .sql file beside the module")
        for module in modules(root, "windmill_lite")
        if not module.path.startswith(SQL_IN_PYTHON)
        for line, text in _strings(module)
        if _STATEMENT.match(text)
    ]


def _strings(module: Module) -> Iterator[tuple[int, str]]:
    """Every string constant but docstrings."""
    said = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            said.add(node.value)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in said:
            yield node.lineno, node.value


def _without_strings(sql: str) -> str:
    return re.sub(r"'[^']*'|--[^?\n][^\n]*", "", sql)


def test_twins_match_and_say_why_they_differ() -> None:
    faults = twin_faults(REPO)
    assert not faults, "\n".join(faults)


def test_no_sql_hides_in_python() -> None:
    faults = stray_sql(REPO)
    assert not faults, "\n".join(faults)


def _twins(second: str, first: str = "select :a") -> str:
    return f"-- name: q [sqlite]\n{first}\n\n-- name: q [postgres]\n{second}\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("-- name: q\nselect :a", ""),
        (_twins("-- Differs because rows lock\nselect :a::int where x = ':b'"), ""),
        (_twins("select :a"), "must open with"),
        (_twins("-- Differs because it can\nselect :b"), "other parameters than its twin: ['a', "),
        ("-- name: q [sqlite]\nselect 1", "needs exactly one"),
        ("-- name: q [postgres only]\n-- Only for Postgres, which can.\nselect 1", ""),
        ("-- name: q [postgres only]\nselect 1", "must open with"),
        ("-- name: q\nselect 1\n-- name: q\nselect 2", "needs exactly one"),
        (
            "".join(
                f"-- name: q{n} [sqlite]\nselect 1\n"
                f"-- name: q{n} [postgres]\n-- Differs because n\nselect 1\n"
                for n in range(13)
            ),
            "13 twins, at most 12",
        ),
    ],
)
def test_a_planted_twin_is_found(tmp_path: Path, text: str, found: str) -> None:
    plant(tmp_path, "windmill_lite/store/x.sql", text)
    assert [found in fault for fault in twin_faults(tmp_path)] == ([True] if found else [])


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("q = 'select a from b'", 1),
        ("q = '''\n  insert into t values (1)'''", 1),
        ("q = f'update {t} set a = 1'", 0),  # the name is missing: not seen
        ("q = 'delete from t'\n'''select a from b'''", 1),
        ("message = 'select a file'", 0),
    ],
)
def test_planted_sql_in_python_is_found(tmp_path: Path, text: str, faults: int) -> None:
    plant(tmp_path, "windmill_lite/api/x.py", text)
    plant(tmp_path, "windmill_lite/store/db/x.py", "q = 'select a from b'")
    assert len(stray_sql(tmp_path)) == faults
