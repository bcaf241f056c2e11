"""How an argument is made: static, or by an expression."""

from __future__ import annotations

import math
import re

from windmill_lite.base.codec import Json
from windmill_lite.model import limits
from windmill_lite.model.openflow.node import Node, refuse
from windmill_lite.model.openflow.shape import (
    FilledByModel,
    Inputs,
    Javascript,
    Static,
    Transform,
)

_FLOW_EXPR = "$flow_expr["
_BRACKET_OR_TEXT = re.compile(r"""\[|\]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`""")


def expression(node: Node, key: str) -> Javascript | None:
    source = node.text(key)
    return None if source is None else Javascript(fit(source, node.place(key)))


def required_expression(node: Node, key: str) -> Javascript:
    node.required(key)
    found = expression(node, key)
    assert found is not None, "a required text is there"
    return found


def fit(source: str, at: str) -> str:
    """The source of an expression, if it may be one."""
    if len(source) > limits.EXPRESSION_CHARS_MAX:
        raise refuse(at, f"is longer than {limits.EXPRESSION_CHARS_MAX} characters")
    if not source.strip():
        raise refuse(at, "is empty: write an expression such as `flow_input.x`")
    return source


def tag_parts(tag: str) -> list[str]:
    """What stands as it is and expressions by turns, from the former to the former:
    `a$flow_expr[b[0]]c` is `a`, `b[0]`, `c`. Fails: `ValueError` when one is not closed.
    """
    parts, at = list[str](), 0
    while (begin := tag.find(_FLOW_EXPR, at)) >= 0:
        end = _closed_at(tag, begin + len(_FLOW_EXPR))
        parts += [tag[at:begin], tag[begin + len(_FLOW_EXPR) : end]]
        at = end + 1
    return [*parts, tag[at:]]


def _closed_at(text: str, begin: int) -> int:
    depth = 1
    for found in _BRACKET_OR_TEXT.finditer(text, begin):
        depth += {"[": 1, "]": -1}.get(found[0], 0)
        if not depth:
            return found.start()
    raise ValueError(text)


def transform(node: Node) -> Transform:
    match node.raw.get("type"):
        case "static":
            return Static(node.raw.get("value"))
        case "javascript":
            return required_expression(node, "expr")
        case "ai":
            return FilledByModel()
        case None:
            raise node.wrong("type", "is missing: it is static or javascript")
        case other:
            raise node.wrong("type", f"{str(other)[:40]!r} is neither static nor javascript")


def inputs(node: Node) -> Inputs:
    """The field `input_transforms`, or what it was called once."""
    key = "input_transforms" if node.has("input_transforms") else "input_transform"
    found = node.node(key)
    if found is None:
        return {}
    return {name: transform(_input(found, name)) for name in found.raw}


def _input(all_of_them: Node, name: str) -> Node:
    value = all_of_them.node(name)
    if value is None:
        raise all_of_them.wrong(name, "must be an object, not null")
    return value


def number(node: Node, key: str, *, least: float, most: float) -> Transform | None:
    """A number, or a transform that gives one; a number that is there already must fit."""
    value = node.raw.get(key)
    if value is None:
        return None
    found = transform(Node(value, node.place(key))) if isinstance(value, dict) else Static(value)
    if isinstance(found, FilledByModel):
        raise node.wrong(key, "cannot be filled in by a model here")
    if isinstance(found, Static) and not _lies(found.value, least, most):
        raise node.wrong(key, f"must be a number between {least:g} and {most:g}, or an expression")
    return found


def _lies(value: Json, least: float, most: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and least <= value <= most
