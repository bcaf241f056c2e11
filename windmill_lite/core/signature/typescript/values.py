"""The value of a TypeScript expression, when it can be known without running the script.

Covers what people write as a default: literals, `-1`, `60 * 60`, constants of the file, members of
enumerations. Numbers are those of JavaScript: `1.0` is 1.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from windmill_lite.core.signature.bounds import (
    CONSTANT_CHARS_MAX,
    CONSTANT_DEPTH_MAX,
    CONSTANT_ITEMS_MAX,
    INTEGER_BITS_MAX,
)
from windmill_lite.core.signature.grammar import named, said
from windmill_lite.core.signature.prose import storable
from windmill_lite.core.signature.types import Json
from windmill_lite.core.signature.typescript.functions import WRAPPERS

if TYPE_CHECKING:
    from tree_sitter import Node


class NotConstant(Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = NotConstant.UNKNOWN
Constant: TypeAlias = "Json | NotConstant"
# What a name stands for: a value that is known, an expression to read, or UNKNOWN.
Lookup: TypeAlias = "Callable[[Node], Constant | Node]"

_ARITHMETIC: Mapping[str, Callable[[float, float], float]] = MappingProxyType(
    {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
        "%": math.fmod,
        "**": operator.pow,
    }
)
_BITS: Mapping[str, Callable[[int, int], int]] = MappingProxyType(
    {"|": operator.or_, "&": operator.and_, "^": operator.xor, "<<": operator.lshift}
)
_ESCAPE = re.compile(
    r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r?\n)|(.))", re.DOTALL
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


class _Unknown(Exception):  # noqa: N818  # control flow inside this room, not an error
    pass


def constant(node: Node, lookup: Lookup) -> Constant:
    """The value of `node` as JSON; `undefined` is null."""
    try:
        return _Evaluation(lookup).value(node, 0)
    except _Unknown:
        return UNKNOWN


def text_of(node: Node) -> str | None:
    """The text behind a string or template literal; None when it cannot be known or kept."""
    raw = said(node)[1:-1]
    if len(raw) > CONSTANT_CHARS_MAX:
        return None
    if "\\" not in raw:
        return raw if storable(raw) else None
    text = _ESCAPE.sub(_unescaped, raw)
    # `\\ud83d\\ude00` are the halves of one character.
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text if storable(text) else None


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    if code is not None:
        number = int(code, 16)
        return chr(number) if number <= 0x10FFFF else "\ud800"
    return "" if found[4] else _ESCAPES.get(found[5], found[5])


class _Evaluation:
    """One value; counts its parts so that a small text cannot become a large value."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._items = 0
        self._chars = 0

    def value(self, node: Node, depth: int) -> Json:
        self._items += 1
        if depth > CONSTANT_DEPTH_MAX or self._items > CONSTANT_ITEMS_MAX:
            raise _Unknown
        match node.type:
            case "string" | "template_string":
                return self._text(node)
            case "number":
                number = _number(said(node))
                if number is None:
                    raise _Unknown
                return number
            case "true" | "false":
                return node.type == "true"
            case "null" | "undefined":
                return None
            case "array":
                return self._array(node, depth)
            case "object":
                return self._object(node, depth)
            case _:
                return self._expression(node, depth)

    def _expression(self, node: Node, depth: int) -> Json:
        match node.type:
            case "unary_expression":
                argument = _child(node, "argument")
                return _unary(
                    said(node.child_by_field_name("operator")), self.value(argument, depth + 1)
                )
            case "binary_expression":
                left = self.value(_child(node, "left"), depth + 1)
                right = self.value(_child(node, "right"), depth + 1)
                return self._counted(
                    _binary(said(node.child_by_field_name("operator")), left, right)
                )
            case "identifier" | "member_expression" | "subscript_expression":
                return self._named(node, depth)
            case kind if kind in WRAPPERS and named(node):
                return self.value(named(node)[0], depth + 1)
            case "type_assertion" if named(node):
                return self.value(named(node)[-1], depth + 1)
            case _:
                raise _Unknown

    def _text(self, node: Node) -> str:
        if any(part.type == "template_substitution" for part in node.named_children):
            raise _Unknown
        text = text_of(node)
        if text is None:
            raise _Unknown
        self._counted(text)
        return text

    def _array(self, node: Node, depth: int) -> Json:
        before = "["
        for part in node.children:
            if part.type == "," and before in {"[", ","}:
                raise _Unknown  # a hole
            before = part.type
        return [self.value(one, depth + 1) for one in named(node)]

    def _object(self, node: Node, depth: int) -> Json:
        result: dict[str, Json] = {}
        for part in named(node):
            if part.type == "shorthand_property_identifier":
                result[said(part)] = self._named(part, depth)
                continue
            key, value = part.child_by_field_name("key"), part.child_by_field_name("value")
            name = None if key is None else key_of(key)
            if part.type != "pair" or name is None or value is None:
                raise _Unknown
            result[name] = self.value(value, depth + 1)
        return result

    def _named(self, node: Node, depth: int) -> Json:
        found = self._lookup(node)
        if isinstance(found, NotConstant):
            raise _Unknown
        if found is None or isinstance(found, bool | int | float | str | list | dict):
            return self._counted(found)
        return self.value(found, depth + 1)

    def _counted(self, value: Json) -> Json:
        if isinstance(value, str):
            self._chars += len(value)
            if self._chars > CONSTANT_CHARS_MAX:
                raise _Unknown
        return value


def key_of(node: Node) -> str | None:
    """The name of a property; None when it is computed or private."""
    match node.type:
        case "property_identifier" | "identifier":
            return said(node)
        case "string":
            return text_of(node)
        case "number":
            number = _number(said(node))
            return str(number) if isinstance(number, int) else None
        case _:
            return None


def _child(node: Node, name: str) -> Node:
    found = node.child_by_field_name(name)
    if found is None:
        raise _Unknown
    return found


def _number(text: str) -> int | float | None:
    """`10`, `1_000`, `0xff`, `1e3`, `10n` (which travels as a number); None when it is none."""
    plain = text.replace("_", "").lower().removesuffix("n")
    if len(plain) > INTEGER_BITS_MAX // 4:
        return None
    try:
        if plain.isdecimal():
            return int(plain)
        if plain[:2] in {"0x", "0o", "0b"}:
            return int(plain, 0)
        return _tidy(float(plain))
    except (ValueError, OverflowError):
        return None


def _tidy(number: float) -> int | float | None:
    """A number as JavaScript writes it: without a fraction that is zero."""
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _unary(sign: str, value: Json) -> Json:
    if sign == "!":
        return value in (None, False, 0, "")
    if isinstance(value, int | float) and not isinstance(value, bool):
        if sign == "-":
            return -value
        if sign == "+":
            return value
        if sign == "~" and isinstance(value, int):
            return ~value
    raise _Unknown


def _binary(sign: str, left: Json, right: Json) -> Json:
    if isinstance(left, bool) or isinstance(right, bool):
        raise _Unknown
    if sign == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        raise _Unknown
    if sign in _BITS and isinstance(left, int) and isinstance(right, int):
        if not (0 <= left < 2**31 and 0 <= right < 2**31 and (sign != "<<" or right < 31)):
            raise _Unknown
        return _BITS[sign](left, right)
    calculate = _ARITHMETIC.get(sign)
    if calculate is None:
        raise _Unknown
    try:
        result = calculate(float(left), float(right))
    except (ArithmeticError, ValueError):
        raise _Unknown from None
    number = None if isinstance(result, complex) else _tidy(result)
    if number is None:
        raise _Unknown
    return number
