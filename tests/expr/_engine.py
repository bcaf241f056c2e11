"""The engine in this process, for what only asks about meaning; and a world for expressions."""

from __future__ import annotations

import json
from typing import Any

from windmill_lite.base.frozen import resource_path
from windmill_lite.expr import child
from windmill_lite.expr.names import Known

CONFIG = {"cpu_s": 5.0, "engine_bytes": 64 << 20}


def answered(source: str, *, mode: str = "value", **wholes: Any) -> Any:
    """What the evaluator answers."""
    boot = resource_path("windmill_lite/expr/evaluator.js").read_text(encoding="utf-8")
    request = {
        "source": source,
        "sources": [source],
        "mode": mode,
        "chars_max": 1_000_000,
        "scope": list(wholes),
        "wholes": {name: json.dumps(value) for name, value in wholes.items()},
        "members": {},
        "keys": {},
        "calls": {},
    }
    return json.loads(child._answer(CONFIG, boot, json.dumps(request)))


WORLD = Known(
    {
        "flow_input": {"x": 5, "xs": [3, 1], "iter": {"index": 2, "value": "v"}, "off": None},
        "results": {"a": {"b": [1, 2, {"c": "d"}]}, "c": 0, "none": None},
        "flow_env": {"URL": "https://x"},
        "previous_result": [1, 2],
        "result": {"error": {"name": "Busy", "message": "later"}},
        "error": {"name": "Busy", "message": "later"},
        "resume": {"ok": True},
        "resumes": [{"ok": True}],
        "approvers": ["ann"],
    },
    variables={"u/a/v": "secret", "u/a/it's": 1},
    resources={"f/x/db": {"host": "h", "port": 5432}},
)
