"""The errors the machine itself writes, and what an expression calls `error`."""

from __future__ import annotations

from windmill_lite.base.codec import Json, dumps
from windmill_lite.core.flow.events import Broken
from windmill_lite.core.flow.refs import Literal
from windmill_lite.model.limits import STEP_ERROR_CHARS_MAX


def failed(name: str, message: str, *, step: str | None = None) -> Literal:
    """`{"error": {"name", "message", "step_id"}}`, cut to a bounded length."""
    error = {"name": name, "message": message[:STEP_ERROR_CHARS_MAX]}
    if step is not None:
        error["step_id"] = step
    return Literal(dumps({"error": error}))


def broken(expression: Broken, *, step: str) -> Literal:
    """Of a step that an expression failed."""
    return failed(expression.name, expression.message, step=step)


def error_of(previous: Json) -> Json:
    """What `error` is: that of the result before, or of the failed entries of its array."""
    if isinstance(previous, dict) and "error" in previous:
        return previous["error"]
    if isinstance(previous, list):
        found = [item["error"] for item in previous if _has_error(item)]
        if len(found) == 1:
            return found[0]
        if found:
            message = "; ".join(map(_told, found))
            return {"name": "MultipleErrors", "message": message, "errors": found}
    return {"name": "UnknownError", "message": "no error was found in the result before"}


def _has_error(item: Json) -> bool:
    return isinstance(item, dict) and "error" in item


def _told(error: Json) -> str:
    if not isinstance(error, dict):
        return str(error)
    step = error.get("step_id")
    message = str(error.get("message", ""))
    return f"[{step}] {message}" if step else message


def shown(value: Json) -> str:
    """The beginning of its JSON."""
    text = dumps(value)
    return text if len(text) <= 100 else f"{text[:99]}…"
