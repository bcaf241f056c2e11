"""Definitions in few words."""

from __future__ import annotations

from typing import Any

F = "/api/w/main/flows"


def raw(id: str, expr: str | None = None, **more: Any) -> dict[str, Any]:
    """A step with an inline script; `expr` is its argument x."""
    inputs = {} if expr is None else {"x": {"type": "javascript", "expr": expr}}
    value = {
        "type": "rawscript",
        "language": "python3",
        "content": "def main(x=1):\n    return x\n",
        "input_transforms": inputs,
    }
    return {"id": id, "value": value, **more}


def of_path(id: str, kind: str, path: str) -> dict[str, Any]:
    return {"id": id, "value": {"type": kind, "path": path, "input_transforms": {}}}


def loop(id: str, *modules: dict[str, Any], over: str = "[1, 2]") -> dict[str, Any]:
    iterator = {"type": "javascript", "expr": over}
    value = {"type": "forloopflow", "iterator": iterator, "modules": list(modules)}
    return {"id": id, "value": value | {"skip_failures": False}}


def flow(*modules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"modules": list(modules), **more}


def body(path: str = "f/ops/flow", *modules: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Of a create or an update."""
    return {"path": path, "summary": "", "value": flow(*(modules or (raw("a"),))), **more}
