"""Do these arguments fit this schema? Asked before a job exists, answered with the field's name.

The schema is Windmill's dialect, written by us, by Windmill's tools or by hand, so it is read with
good will: unknown keywords and nonsense in known ones are skipped, and where Windmill's own writing
is vaguer than the script (`resource-Any`, a bare list as `string[]`) the value passes. Text that
names something to be filled in later (`$res:`, `$var:`...) passes in place of any value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from windmill_lite.core.arguments.walk import Checker, Problem
from windmill_lite.model import limits

PROBLEMS_MAX = 20

# One level of a schema is up to three of its JSON: `properties`, a name, `items`.
_DEPTH_MAX = 3 * limits.SCHEMA_DEPTH_MAX


def check(schema: dict[str, Any], args: dict[str, Any]) -> list[Problem]:
    """What is wrong with the arguments, at most PROBLEMS_MAX problems; empty when nothing is.

    Shape:   an argument that the schema does not know is allowed, and a null is like no argument.
    Fails:   never, whatever the schema says.
    """
    checker = Checker(PROBLEMS_MAX)
    checker.object(schema, args, "", 0)
    return checker.problems


def schema_problems(schema: object) -> list[Problem]:
    """Why a client's schema cannot be stored; empty when it can. It need not make sense beyond."""
    if not isinstance(schema, dict):
        return [Problem("schema", "must be an object")]
    problems = list(_shape_problems(schema))
    size, depth = _extent(schema)
    if size > limits.SCHEMA_BYTES_MAX:
        problems.append(Problem("schema", f"is larger than {limits.SCHEMA_BYTES_MAX:,} bytes"))
    if depth > _DEPTH_MAX:
        problems.append(Problem("schema", f"is nested deeper than {_DEPTH_MAX} levels"))
    return problems[:PROBLEMS_MAX]


def _shape_problems(schema: dict[str, Any]) -> Iterator[Problem]:
    if schema.get("type", "object") not in ("object", ""):
        yield Problem("type", "must be 'object': arguments have names")
    properties = schema.get("properties", {})
    if not isinstance(properties, dict):
        yield Problem("properties", "must be an object")
    else:
        for name, one in properties.items():
            if not isinstance(one, dict | bool):
                yield Problem(f"properties.{name}", "must be an object")
    for key in ("required", "order"):
        names = schema.get(key)
        if names is not None and not _are_names(names):
            yield Problem(key, "must be a list of names")


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _extent(value: object) -> tuple[int, int]:
    """About how many bytes a value takes as JSON, and how deep it is nested; without recursion."""
    size = deepest = 0
    waiting: list[tuple[object, int]] = [(value, 1)]
    while waiting and size <= limits.SCHEMA_BYTES_MAX and deepest <= _DEPTH_MAX:
        one, depth = waiting.pop()
        size += 2
        if isinstance(one, dict):
            deepest = max(deepest, depth)
            size += sum(len(str(key)) + 4 for key in one)
            waiting.extend((inner, depth + 1) for inner in one.values())
        elif isinstance(one, list):
            deepest = max(deepest, depth)
            waiting.extend((inner, depth + 1) for inner in one)
        elif isinstance(one, str):
            size += len(one)
    return size, deepest
