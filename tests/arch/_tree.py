"""Reads the source tree as syntax, for the rules of this room.

A rule is a function from a root folder to a list of faults, each a line that begins with
`file:line:`. So the same rule runs over the product and, in its own test, over a planted fault.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
#: Code that runs inside jobs, in the user's interpreter: it is data to us, and imports nothing
#: of ours.
CARGO = ("windmill_lite/runtimes/wrappers/", "windmill_lite/runtimes/clients/")


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file."""

    path: str  # relative to the root, with slashes
    name: str  # dotted; a package without its `.__init__`
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The part after `windmill_lite`; the top name for other trees."""
        parts = self.name.split(".")
        return parts[1] if parts[0] == "windmill_lite" and len(parts) > 1 else parts[0]

    def fault(self, line: int, words: str) -> str:
        return f"{self.path}:{line}: {words}"


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name, in full: `from a.b import c` is `a.b.c`."""

    name: str
    line: int

    def under(self, prefix: str) -> bool:
        return self.name == prefix or self.name.startswith(prefix + ".")

    @property
    def top(self) -> str:
        return self.name.split(".")[0]


def modules(root: Path, *tops: str) -> list[Module]:
    """Every Python file below the given top folders, cargo excepted, in order of their names."""
    found = [p for top in tops for p in sorted((root / top).rglob("*.py"))]
    return [m for p in found if not (m := _module(root, p)).path.startswith(CARGO)]


def cargo(root: Path) -> list[Module]:
    """The Python files that travel into jobs."""
    return [_module(root, p) for top in CARGO for p in sorted((root / top).rglob("*.py"))]


def imports(module: Module) -> Iterator[Import]:
    """Every import, at the top or inside a function, for types only or not."""
    package = module.name if module.path.endswith("__init__.py") else _parent(module.name)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (Import(a.name, node.lineno) for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            for _ in range(node.level - 1):
                package = _parent(package)
            if node.level:
                base = f"{package}.{base}".rstrip(".")
            yield from (Import(f"{base}.{a.name}", node.lineno) for a in node.names)


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def dotted(node: ast.AST) -> str:
    """`a.b.c` for a chain of names; "" for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            before = dotted(value)
            return f"{before}.{attr}" if before else ""
    return ""


def plant(root: Path, path: str, text: str) -> None:
    """Write a file for a rule's own test."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def _module(root: Path, path: Path) -> Module:
    relative = path.relative_to(root)
    return _parsed(relative.as_posix(), path.read_text(encoding="utf-8"))


@cache
def _parsed(relative: str, text: str) -> Module:
    """Every rule reads every file: parse it once."""
    name = relative.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    return Module(relative, name, text, ast.parse(text, relative))


def _parent(name: str) -> str:
    return name.rpartition(".")[0]
