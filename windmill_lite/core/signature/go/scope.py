"""The types that a Go file declares, and the constants that belong to them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from windmill_lite.core.signature.bounds import INTEGER_BITS_MAX
from windmill_lite.core.signature.grammar import named, said
from windmill_lite.core.signature.prose import storable
from windmill_lite.core.signature.types import Json

if TYPE_CHECKING:
    from tree_sitter import Node


@dataclass(slots=True)
class Scope:
    types: dict[str, Node] = field(default_factory=dict)  # name -> what stands behind it
    constants: dict[str, dict[str, Json]] = field(default_factory=dict)  # type -> name -> value
    functions: dict[str, Node] = field(default_factory=dict)


def read_scope(root: Node) -> Scope:
    """What stands at the top of a file."""
    scope = Scope()
    for node in named(root):
        match node.type:
            case "function_declaration":
                scope.functions[said(node.child_by_field_name("name"))] = node
            case "type_declaration":
                _types(scope, node)
            case "const_declaration":
                _constants(scope, node)
            case _:
                pass
    return scope


def _types(scope: Scope, node: Node) -> None:
    for spec in named(node):
        typ = spec.child_by_field_name("type")
        if typ is not None and spec.child_by_field_name("type_parameters") is None:
            scope.types[said(spec.child_by_field_name("name"))] = typ


def _constants(scope: Scope, node: Node) -> None:
    """`const (A Color = "a"; B Color = "b")`, and runs of `iota`; others are left out."""
    typ = ""
    counting = False
    for at, spec in enumerate(_specs(node)):
        value = spec.child_by_field_name("value")
        if value is not None:
            typ = said(spec.child_by_field_name("type"))
            counting = said(value).strip() == "iota"
        name = said(spec.child_by_field_name("name"))
        known = at if counting else _literal(value)
        if typ and known is not None and name != "_":
            scope.constants.setdefault(typ, {})[name] = known


def _specs(node: Node) -> Iterator[Node]:
    for one in named(node):
        if one.type == "const_spec":
            yield one


def _literal(value: Node | None) -> Json:
    """The value of one constant, as far as it is written down."""
    inner = named(value)
    if len(inner) != 1:
        return None
    text = said(inner[0])
    match inner[0].type:
        case "interpreted_string_literal" | "raw_string_literal":
            return unquoted(text)
        case "int_literal" if text.isdecimal() and len(text) < INTEGER_BITS_MAX // 4:
            return int(text)
        case _:
            return None


def unquoted(text: str) -> str | None:
    """The text behind a Go string literal; None when it has escapes that Go alone knows."""
    if text.startswith("`"):
        inner = text.strip("`")
        return inner if storable(inner) else None
    if not storable(text):
        return None
    try:
        # The escapes of Go are among Python's: \n, \", \x41, \u0041, \101.
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return None
    return value if isinstance(value, str) and storable(value) else None
