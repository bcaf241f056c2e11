"""What a dotted name in an annotation stands for: something of this script, or a full path."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from windmill_lite.core.signature.python.scope import (
    Binding,
    Import,
    LocalClass,
    Scope,
    dotted,
)
from windmill_lite.core.signature.python.vocabulary import (
    BARE,
    BARE_MODULES,
    DATACLASS_DECORATORS,
    ENUM_BASES,
    LISTS,
    MAPS,
    MODEL_BASES,
    PLAIN,
    SETS,
)

_TWINS = {
    "typing_extensions": "typing",
    "pydantic.types": "pydantic",
    "pydantic.networks": "pydantic",
}
_STAR_NAMES = frozenset(
    {*PLAIN, *LISTS, *SETS, *MAPS, *ENUM_BASES, *MODEL_BASES, *DATACLASS_DECORATORS}
)


@dataclass(frozen=True, slots=True)
class Names:
    scope: Scope

    def local(self, node: ast.expr, within: str) -> Binding | None:
        """The definition in this script that a name means; None for imports and the unknown."""
        name = dotted(node)
        found = self.scope.find(name, within) if name else None
        return None if isinstance(found, Import) else found

    def path(self, node: ast.expr) -> str | None:
        """The full path of a name that is not of this script: `typing.List`. None if unknown."""
        name = dotted(node)
        if name is None:
            return None
        imported = self.scope.imported(name)
        if imported is not None:
            return _known_twin(imported)
        head, dot, _ = name.partition(".")
        if dot:
            return name if head in BARE_MODULES else None
        for module in self.scope.stars:
            if f"{module}.{name}" in _STAR_NAMES:
                return f"{module}.{name}"
        return BARE.get(name)

    def function(self, node: ast.expr) -> str:
        """The last part of a called or used name, through its import: `Field`, `auto`; or ""."""
        return (self.path(node) or dotted(node) or "").rpartition(".")[2]

    def bases(self, found: LocalClass) -> list[LocalClass | str]:
        """The base classes: those of this script as they stand, others by path (or spelling)."""
        result: list[LocalClass | str] = []
        for node in found.node.bases:
            base = node.value if isinstance(node, ast.Subscript) else node
            local = self.local(base, found.path.rpartition(".")[0])
            if isinstance(local, LocalClass):
                result.append(local)
            else:
                result.append(self.path(base) or dotted(base) or "")
        return result

    def ancestry(self, found: LocalClass) -> tuple[list[LocalClass], set[str]]:
        """The class and its bases of this script, the farthest first; and all foreign paths."""
        order: list[LocalClass] = []
        foreign: set[str] = set()
        seen: set[str] = set()

        def visit(current: LocalClass) -> None:
            seen.add(current.path)
            for base in reversed(self.bases(current)):
                if isinstance(base, str):
                    foreign.add(base)
                elif base.path not in seen and len(seen) < 50:
                    visit(base)
            order.append(current)

        visit(found)
        return order, foreign


def _known_twin(path: str) -> str:
    module, _, name = path.rpartition(".")
    return f"{_TWINS[module]}.{name}" if module in _TWINS else path
