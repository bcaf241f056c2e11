"""Which names a script defines at its top level, and what an annotation's name stands for.

Nothing is executed: a name means the last binding in the text, wherever a module-level `if`, `try`
or `with` puts it. Imports are followed only as far as their spelling: `import datetime as dt` makes
`dt.date` mean `datetime.date`, and no module is opened.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Import:
    """A name bound by an import; `path` is what it stands for: `datetime.datetime`."""

    path: str


@dataclass(frozen=True, slots=True)
class LocalClass:
    """A class of this script; `path` is where it is found: `Outer.Inner`."""

    node: ast.ClassDef
    path: str


Binding: TypeAlias = "Import | LocalClass | Function | ast.expr"


@dataclass(slots=True)
class Scope:
    bindings: dict[str, Binding] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)  # modules of `from m import *`

    def find(self, name: str, within: str = "") -> Binding | None:
        """What `name` (dots allowed) is bound to, looking from inside the class `within`."""
        while within:
            found = self.bindings.get(f"{within}.{name}")
            if found is not None:
                return found
            within = within.rpartition(".")[0]
        return self.bindings.get(name)

    def imported(self, name: str) -> str | None:
        """The full path of an imported dotted name; None when its first part is not imported."""
        head, dot, rest = name.partition(".")
        binding = self.bindings.get(head)
        return binding.path + dot + rest if isinstance(binding, Import) else None


def read_scope(module: ast.Module) -> Scope:
    """The bindings of a module."""
    scope = Scope()
    _bind_all(scope, module.body, "")
    return scope


def _bind_all(scope: Scope, body: Iterable[ast.stmt], prefix: str) -> None:
    for node in _flat(body):
        match node:
            case ast.ClassDef():
                scope.bindings[prefix + node.name] = LocalClass(node, prefix + node.name)
                _bind_all(scope, node.body, f"{prefix}{node.name}.")
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                scope.bindings[prefix + node.name] = node
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                scope.bindings[prefix + name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if not prefix:
                scope.bindings[name] = value
            case ast.Import() | ast.ImportFrom():
                _bind_import(scope, node)
            case _:
                _bind_type_statement(scope, node, prefix)


def _bind_import(scope: Scope, node: ast.Import | ast.ImportFrom) -> None:
    if isinstance(node, ast.Import):
        for alias in node.names:
            head = alias.name.partition(".")[0]
            scope.bindings[alias.asname or head] = Import(alias.name if alias.asname else head)
        return
    module = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            scope.stars.append(module)
        else:
            scope.bindings[alias.asname or alias.name] = Import(f"{module}.{alias.name}")


def _bind_type_statement(scope: Scope, node: ast.stmt, prefix: str) -> None:
    # `type X = ...` has its own node since Python 3.12; an older Python refuses the text.
    if type(node).__name__ == "TypeAlias":
        name, value = getattr(node, "name", None), getattr(node, "value", None)
        if isinstance(name, ast.Name) and isinstance(value, ast.expr):
            scope.bindings[prefix + name.id] = value


def _flat(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements as the last one of a name should win: what a `try` hopes for comes after what its
    `except` falls back to, and `if TYPE_CHECKING:` hides its `else`.
    """
    for node in body:
        yield node
        for block in _blocks(node):
            yield from _flat(block)


def _blocks(node: ast.stmt) -> Iterable[list[ast.stmt]]:
    match node:
        case ast.If(test=ast.expr() as test):
            checking = (dotted(test) or "").rpartition(".")[2] == "TYPE_CHECKING"
            return (node.body,) if checking else (node.orelse, node.body)
        case ast.For() | ast.While():
            return (node.body, node.orelse)
        case ast.With():
            return (node.body,)
        case ast.Try() | ast.TryStar():
            fallbacks = [handler.body for handler in node.handlers]
            return (*fallbacks, node.body, node.orelse, node.finalbody)
        case _:
            return ()


def dotted(node: ast.expr) -> str | None:
    """`a.b.c` as text; None for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(node.id)
    return ".".join(reversed(parts))
