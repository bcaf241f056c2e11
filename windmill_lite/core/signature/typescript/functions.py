"""Which function of a TypeScript file is meant by a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from windmill_lite.core.signature.grammar import named, said
from windmill_lite.core.signature.typescript.scope import Scope

if TYPE_CHECKING:
    from tree_sitter import Node

_FUNCTIONS = frozenset(
    {"function_declaration", "generator_function_declaration", "function_expression"}
    | {"generator_function", "arrow_function"}
)
# What may stand around a value without changing it.
WRAPPERS = frozenset(
    {"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression"}
)
_STEPS_MAX = 20


def find_function(scope: Scope, name: str) -> Node | None:
    """The function that a script exports under a name; one that it merely defines counts as well,
    and `main` may also be the default export.
    """
    local = scope.exported.get(name, name)
    found = _function(scope, scope.values.get(local))
    if found is None and name == "main":
        found = _function(scope, scope.default)
        if found is None and "default" in scope.exported:
            found = _function(scope, scope.values.get(scope.exported["default"]))
    return found


def _function(scope: Scope, node: Node | None) -> Node | None:
    """The function behind an expression: through other names, brackets and `as`."""
    for _ in range(_STEPS_MAX):
        if node is None or node.type in _FUNCTIONS:
            return node
        if node.type == "identifier":
            node = scope.values.get(said(node))
        elif node.type in WRAPPERS:
            node = next(iter(named(node)), None)
        else:
            return None
    return None
