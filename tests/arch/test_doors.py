"""The people's door: a read without a scope cannot be written."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.arch._tree import REPO, dotted, modules, plant

PEOPLE = "windmill_lite/store/people/"
#: Who asks: inside a workspace, or, for what belongs to no workspace, a person who is logged in.
ASKERS = frozenset({"Scope", "Login"})


def unscoped(root: Path) -> list[str]:
    """Public functions that go to the database and do not say for whom."""
    return [
        module.fault(node.lineno, f"{node.name} must take a Scope after the view")
        for module in modules(root, "windmill_lite")
        if module.path.startswith(PEOPLE)
        for node in module.tree.body
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)
        and not node.name.startswith("_")
        and _asker(node) not in ASKERS
    ]


def _asker(node: ast.AsyncFunctionDef | ast.FunctionDef) -> str:
    positional = [*node.args.posonlyargs, *node.args.args]
    annotation = positional[1].annotation if len(positional) > 1 else None
    return dotted(annotation) if annotation else ""


def test_every_read_for_people_names_its_scope() -> None:
    faults = unscoped(REPO)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("async def get(view: View, scope: Scope, id: UUID) -> Job: ...", 0),
        ("async def get(view: View, id: UUID, scope: Scope) -> Job: ...", 1),
        ("async def get(view: View, id: UUID) -> Job: ...", 1),
        ("def get(view): ...", 1),
        ("def _row(row: Row) -> Job: ...", 0),
    ],
)
def test_a_planted_read_without_a_scope_is_found(tmp_path: Path, text: str, faults: int) -> None:
    plant(tmp_path, PEOPLE + "x.py", text)
    assert len(unscoped(tmp_path)) == faults
