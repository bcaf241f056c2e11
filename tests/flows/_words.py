"""OpenFlow in a few words, as Windmill's editor exports it. Steps are Python that really runs."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Doc = dict[str, Any]
ITEM, INDEX = "flow_input.iter.value", "flow_input.iter.index"


@dataclass(frozen=True, slots=True)
class Static:
    """An argument that is passed as it stands."""

    value: Any


def transform(what: str | Static) -> Doc:
    if isinstance(what, Static):
        return {"type": "static", "value": what.value}
    return {"type": "javascript", "expr": what}


def flow(*modules: Doc, **more: Any) -> Doc:
    return {"modules": list(modules), **more}


def py(id: str, body: str, **inputs: str | Static) -> Doc:
    """A step whose `main` takes the inputs and has this body."""
    lines = textwrap.indent(textwrap.dedent(body).strip(), "    ")
    value = {
        "type": "rawscript",
        "language": "python3",
        "content": f"def main({', '.join(inputs)}):\n{lines}\n",
        "input_transforms": {name: transform(what) for name, what in inputs.items()},
    }
    return {"id": id, "value": value}


def say(id: str, expr: str) -> Doc:
    """Its result is the value of an expression."""
    return py(id, "return x", x=expr)


def put(id: str, value: Any) -> Doc:
    return py(id, "return x", x=Static(value))


def fail(id: str, words: str = "no", **inputs: str | Static) -> Doc:
    return py(id, f"raise RuntimeError({words!r})", **inputs)


def fail_on(id: str, bad: str, expr: str = ITEM) -> Doc:
    """Gives the value of the expression; fails where it is one of `bad`, a Python tuple."""
    return py(id, f"if x in {bad}:\n    raise RuntimeError(f'bad {{x}}')\nreturn x", x=expr)


def flaky(id: str, times: int, expr: str = "'x'") -> Doc:
    """Fails so many times with the same arguments, then gives the value of the expression.

    EARLIER, the number of runs before with these arguments, is there in tests only.
    """
    body = f"if EARLIER < {times}:\n    raise RuntimeError(f'try {{EARLIER}}')\nreturn x"
    return py(id, body, x=expr)


def ident(id: str) -> Doc:
    return {"id": id, "value": {"type": "identity"}}


def each(id: str, over: str | Static, *body: Doc, **options: Any) -> Doc:
    value = {"type": "forloopflow", "iterator": transform(over), "modules": list(body), **options}
    return {"id": id, "value": value}


def together(id: str, over: str | Static, *body: Doc, **options: Any) -> Doc:
    """A loop whose iterations run at once."""
    return each(id, over, *body, parallel=True, **options)


def loop_while(id: str, *body: Doc, **options: Any) -> Doc:
    return {"id": id, "value": {"type": "whileloopflow", "modules": list(body), **options}}


def one(id: str, branches: Mapping[str, list[Doc]], default: list[Doc] | None = None) -> Doc:
    """A branchone: expressions and what runs if they hold."""
    made = [{"expr": expr, "modules": modules} for expr, modules in branches.items()]
    return {"id": id, "value": {"type": "branchone", "branches": made, "default": default or []}}


def every(id: str, *branches: list[Doc], may_fail: tuple[int, ...] = (), **options: Any) -> Doc:
    """A branchall; `parallel` is left out unless it is said, as old exports do."""
    made = [
        {"modules": modules, **({"skip_failure": True} if n in may_fail else {})}
        for n, modules in enumerate(branches)
    ]
    return {"id": id, "value": {"type": "branchall", "branches": made, **options}}


def sub(id: str, path: str, **inputs: str | Static) -> Doc:
    transforms = {name: transform(what) for name, what in inputs.items()}
    return {"id": id, "value": {"type": "flow", "path": path, "input_transforms": transforms}}


def handler(body: str = "return [message]", **inputs: str | Static) -> Doc:
    return py("failure", body, **(inputs or {"message": "error.message"}))


def stop(expr: str, **more: Any) -> Doc:
    return {"stop_after_if": {"expr": expr, **more}}


def stop_all(expr: str, **more: Any) -> Doc:
    return {"stop_after_all_iters_if": {"expr": expr, **more}}


def skip(expr: str) -> Doc:
    return {"skip_if": {"expr": expr}}


def retry(attempts: int, seconds: int = 1, **more: Any) -> Doc:
    return {"retry": {"constant": {"attempts": attempts, "seconds": seconds}, **more}}


def mock(value: Any) -> Doc:
    return {"mock": {"enabled": True, "return_value": value}}


def asks(events: int = 1, **more: Any) -> Doc:
    return {"suspend": {"required_events": events, **more}}


def sleep(seconds: float | str) -> Doc:
    what = Static(seconds) if not isinstance(seconds, str) else seconds
    return {"sleep": transform(what)}


GO_ON: Doc = {"continue_on_error": True}
