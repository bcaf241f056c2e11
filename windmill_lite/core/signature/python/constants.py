"""The value of an expression, when it can be known without running the script.

Covers what people write as a default: literals, `-1`, `60 * 60`, names of module constants, members
of enumerations. What is not known is said in one of two ways: UNKNOWN, or CALL when a function
would have to be called. Strings that no database stores (null characters, lone surrogates) are
UNKNOWN.
"""

from __future__ import annotations

import ast
import base64
import math
import operator
from collections.abc import Callable
from enum import Enum
from typing import TypeAlias

from windmill_lite.core.signature.bounds import (
    CONSTANT_CHARS_MAX,
    CONSTANT_DEPTH_MAX,
    CONSTANT_ITEMS_MAX,
    INTEGER_BITS_MAX,
)
from windmill_lite.core.signature.prose import storable
from windmill_lite.core.signature.types import Json


class NotConstant(Enum):
    UNKNOWN = "unknown"
    CALL = "call"


UNKNOWN = NotConstant.UNKNOWN
CALL = NotConstant.CALL

Constant: TypeAlias = "Json | NotConstant"
# What a dotted name stands for, if that is known; asked again for names inside the answer.
Lookup: TypeAlias = "Callable[[ast.expr], Constant | ast.expr]"

_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


class _Cannot(Exception):  # noqa: N818  # control flow inside this room, not an error
    def __init__(self, kind: NotConstant) -> None:
        self.kind = kind


def constant(node: ast.expr, lookup: Lookup) -> Constant:
    """The value of `node` as JSON; bytes become base64 text, tuples and sets become lists."""
    try:
        result = _Evaluation(lookup).value(node, 0)
        return str(result) if isinstance(result, _Base64) else result
    except _Cannot as stop:
        return stop.kind


class _Base64(str):
    """Bytes as they travel; not text that could be added to other text."""

    __slots__ = ()


class _Evaluation:
    """One default value; counts its items so that a small text cannot become a large value."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._items = 0
        self._chars = 0

    def value(self, node: ast.expr, depth: int) -> Json:
        self._items += 1
        if depth > CONSTANT_DEPTH_MAX or self._items > CONSTANT_ITEMS_MAX:
            raise _Cannot(UNKNOWN)
        match node:
            case ast.Constant():
                return self._counted(_literal(node.value))
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
                return [self.value(element, depth + 1) for element in elts]
            case ast.Dict():
                return self._object(node, depth)
            case ast.UnaryOp():
                return _unary(node.op, self.value(node.operand, depth + 1))
            case ast.BinOp():
                left = self.value(node.left, depth + 1)
                return _binary(node.op, left, self.value(node.right, depth + 1))
            case ast.Name() | ast.Attribute():
                return self._named(node, depth)
            case _:
                called = isinstance(node, ast.Call | ast.Await)
                raise _Cannot(CALL if called else UNKNOWN)

    def _object(self, node: ast.Dict, depth: int) -> Json:
        result: dict[str, Json] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            name = None if key is None else self.value(key, depth + 1)
            if isinstance(name, int) and not isinstance(name, bool):
                name = str(name)
            if not isinstance(name, str):
                raise _Cannot(UNKNOWN)
            result[name] = self.value(value, depth + 1)
        return result

    def _named(self, node: ast.expr, depth: int) -> Json:
        found = self._lookup(node)
        if isinstance(found, NotConstant):
            raise _Cannot(found)
        if isinstance(found, ast.expr):
            return self.value(found, depth + 1)
        return self._counted(found)

    def _counted(self, value: Json) -> Json:
        if isinstance(value, str):
            self._chars += len(value)
            if self._chars > CONSTANT_CHARS_MAX:
                raise _Cannot(UNKNOWN)
        return value


def _literal(value: object) -> Json:
    match value:
        case None | bool():
            return value
        case int() if value.bit_length() <= INTEGER_BITS_MAX:
            return value
        case float() if math.isfinite(value):
            return value
        case str() if storable(value):
            return value
        case bytes() if len(value) <= CONSTANT_CHARS_MAX:
            return _Base64(base64.b64encode(value).decode("ascii"))
        case _:
            raise _Cannot(UNKNOWN)


def _unary(op: ast.unaryop, value: Json) -> Json:
    if isinstance(op, ast.Not):
        return not value
    if isinstance(value, int | float):
        if isinstance(op, ast.USub):
            return -value
        if isinstance(op, ast.UAdd):
            return +value
        if isinstance(op, ast.Invert) and isinstance(value, int) and not isinstance(value, bool):
            return ~value
    raise _Cannot(UNKNOWN)


def _binary(op: ast.operator, left: Json, right: Json) -> Json:
    if isinstance(left, _Base64) or isinstance(right, _Base64):
        raise _Cannot(UNKNOWN)
    if isinstance(op, ast.Add) and isinstance(left, str) and isinstance(right, str):
        return _literal(left + right)
    if isinstance(op, ast.Add) and isinstance(left, list) and isinstance(right, list):
        return left + right
    calculate = _ARITHMETIC.get(type(op))
    if calculate is None or not isinstance(left, int | float) or not isinstance(right, int | float):
        raise _Cannot(UNKNOWN)
    if isinstance(op, ast.Pow) and abs(right) > INTEGER_BITS_MAX:
        raise _Cannot(UNKNOWN)
    try:
        return _literal(calculate(left, right))
    except ArithmeticError:
        raise _Cannot(UNKNOWN) from None
