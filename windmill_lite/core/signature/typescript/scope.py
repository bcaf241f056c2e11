"""The names that a TypeScript file gives to types and values; nothing is executed.

A later definition of a name wins, but the parts of an interface count together. Names inside a
namespace have its name before them: `Shop.Color`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from windmill_lite.core.signature.grammar import named, said

if TYPE_CHECKING:
    from tree_sitter import Node

_TYPES = frozenset(
    {"type_alias_declaration", "interface_declaration", "enum_declaration"}
    | {"class_declaration", "abstract_class_declaration"}
)
_FUNCTIONS = frozenset({"function_declaration", "generator_function_declaration"})
_NAMESPACES = frozenset({"internal_module", "module"})
_NAMESPACES_MAX = 5  # within each other


@dataclass(slots=True)
class Scope:
    types: dict[str, list[Node]] = field(default_factory=dict)
    values: dict[str, Node] = field(default_factory=dict)  # name -> function or expression
    exported: dict[str, str] = field(default_factory=dict)  # name outside -> name in the file
    default: Node | None = None  # what `export default` exports: a name, a function or another

    def enum(self, name: str) -> Node | None:
        """The enumeration of that name, if it is one."""
        found = self.types.get(name)
        return found[0] if found and found[0].type == "enum_declaration" else None


def read_scope(root: Node) -> Scope:
    """What stands at the top of a file, and in its namespaces."""
    scope = Scope()
    for node in named(root):
        _bind(scope, node, "")
    return scope


def _bind(scope: Scope, node: Node, prefix: str) -> None:
    kind = node.type
    if kind == "export_statement":
        _bind_export(scope, node, prefix)
    elif kind in _TYPES:
        _bind_type(scope, node, prefix)
    elif kind in _NAMESPACES:
        inner_prefix = f"{prefix}{said(node.child_by_field_name('name'))}."
        if inner_prefix.count(".") <= _NAMESPACES_MAX:
            for inner in named(node.child_by_field_name("body")):
                _bind(scope, inner, inner_prefix)
    elif kind in {"ambient_declaration", "expression_statement"}:
        for inner in named(node):
            if inner.type in _TYPES | _NAMESPACES:
                _bind(scope, inner, prefix)
    else:
        _bind_value(scope, node, prefix)


def _bind_value(scope: Scope, node: Node, prefix: str) -> None:
    if node.type in _FUNCTIONS:
        scope.values[prefix + said(node.child_by_field_name("name"))] = node
    elif node.type in {"lexical_declaration", "variable_declaration"}:
        for declarator in named(node):
            value = declarator.child_by_field_name("value")
            if value is not None:
                scope.values[prefix + said(declarator.child_by_field_name("name"))] = value


def _bind_type(scope: Scope, node: Node, prefix: str) -> None:
    name = prefix + said(node.child_by_field_name("name"))
    before = scope.types.get(name)
    merged = before and before[0].type == node.type == "interface_declaration"
    scope.types[name] = [*before, node] if before and merged else [node]


def _bind_export(scope: Scope, node: Node, prefix: str) -> None:
    declared = node.child_by_field_name("declaration")
    if declared is not None:
        _bind(scope, declared, prefix)
    if prefix:
        return
    if any(part.type == "default" for part in node.children):
        scope.default = declared or node.child_by_field_name("value")
    if node.child_by_field_name("source") is not None:
        return  # of another file
    for clause in named(node):
        if clause.type != "export_clause":
            continue
        for one in named(clause):
            name = said(one.child_by_field_name("name"))
            scope.exported[said(one.child_by_field_name("alias")) or name] = name
