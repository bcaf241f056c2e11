"""Every promise names the tests that show it, and they are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

REPO = Path(__file__).parents[2]
_PROMISE = re.compile(r"^\* (?=\*\*)(.+?)(?=^\* |^## |\Z)", re.MULTILINE | re.DOTALL)
_SHOWN = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def promises(text: str) -> list[str]:
    """What stands under a bullet that begins in bold."""
    return [found.group(1) for found in _PROMISE.finditer(text)]


def faults(text: str, root: Path) -> list[str]:
    found = []
    for promise in promises(text):
        shown = _SHOWN.findall(promise)
        if not shown:
            found.append(f"no test shows: {promise.splitlines()[0]}")
        found += [
            f"{file}::{name} is not there" for file, name in shown if not _is(root, file, name)
        ]
    return found


def _is(root: Path, file: str, name: str) -> bool:
    path = root / file
    if not path.exists():
        return False
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
        for node in ast.walk(ast.parse(path.read_text()))
    )


def test_every_promise_is_shown_by_tests_that_exist() -> None:
    text = (REPO / "GUARANTEES.md").read_text()
    assert len(promises(text)) > 15, "the list was not understood"
    assert faults(text, REPO) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("* **Never.** For nobody.\n", "no test shows: **Never.** For nobody."),
        ("* **Never.** `tests/none.py::test_it`\n", "tests/none.py::test_it is not there"),
        (
            "* **Never.** `tests/docs/test_guarantees.py::test_gone`\n\n## More\n",
            "tests/docs/test_guarantees.py::test_gone is not there",
        ),
    ],
)
def test_a_promise_without_a_test_is_found(text: str, fault: str) -> None:
    assert faults(text, REPO) == [fault]
