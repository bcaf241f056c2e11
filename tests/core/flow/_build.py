"""Flows in a few words. Expressions are Python here; what they mean in JavaScript is `expr`'s."""

from __future__ import annotations

from typing import Any

from tests.model.openflow._documents import leaf, loop

Doc = dict[str, Any]
__all__ = [
    "Doc",
    "branchall",
    "branchone",
    "flow",
    "handler",
    "identity",
    "leaf",
    "loop",
    "sub",
    "whil",
]


def flow(*modules: Doc, **more: Any) -> Doc:
    return {"modules": list(modules), **more}


def identity(id: str, **more: Any) -> Doc:
    return {"id": id, "value": {"type": "identity"}, **more}


def sub(id: str, path: str, **inputs: str) -> Doc:
    value = {**leaf(id, **inputs)["value"], "type": "flow", "path": path}
    return {"id": id, "value": value}


def whil(id: str, *body: Doc, **options: Any) -> Doc:
    return {"id": id, "value": {"type": "whileloopflow", "modules": list(body), **options}}


def branchone(id: str, *branches: tuple[str, list[Doc]], default: list[Doc] | None = None) -> Doc:
    made = [{"expr": expr, "modules": modules} for expr, modules in branches]
    value = {"type": "branchone", "branches": made, "default": default or []}
    return {"id": id, "value": value}


def branchall(
    id: str, *branches: list[Doc], parallel: bool = True, may_fail: tuple[int, ...] = ()
) -> Doc:
    made = [
        {"modules": modules, "skip_failure": n in may_fail} for n, modules in enumerate(branches)
    ]
    return {"id": id, "value": {"type": "branchall", "branches": made, "parallel": parallel}}


def handler(**inputs: str) -> Doc:
    return leaf("failure", **(inputs or {"message": "error['message']"}))
