"""The imports of a Python script, wherever in it they stand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from windmill_lite.base.errors import Invalid
from windmill_lite.core.dependencies.meant import Meant
from windmill_lite.core.signature.python.source import tree_of

LEADING_MAX: Final = 100  # names; what is beyond is imported by the script itself
#: The first words of paths, which are folders for the imports of a script.
_ROOTS: Final = ("f", "u")


@dataclass(frozen=True, slots=True)
class Import:
    """One statement's module. `names` are those after `from ... import`, which may be modules, too;
    `level` counts leading dots; `outside` says that it runs when the script is loaded.
    """

    module: str
    names: tuple[str, ...]
    level: int
    line: int
    last_line: int
    outside: bool

    @property
    def top(self) -> str:
        return self.module.partition(".")[0]


def imports(source: str) -> list[Import]:
    """In the order of the text; none of a text that is not Python, which its run says better.

    What is imported for the eyes of type checkers only is left out.
    """
    try:
        return list(_below(tree_of(source), outside=True))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def leading(source: str, standard: frozenset[str]) -> tuple[str, ...]:
    """Modules of packages that a script imports before anything of its own has happened: so it
    makes no difference to it when they were imported before.
    """
    try:
        body = tree_of(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found: list[str] = []
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.Import() | ast.ImportFrom():
                told = list(_below(ast.Module([statement], []), outside=True))
            case _:
                break
        if any(of_workspace(each) for each in told):
            break
        for each in told:
            if each.top not in standard:
                found += [each.module, *(f"{each.module}.{name}" for name in each.names)]
    return tuple(dict.fromkeys(found))[:LEADING_MAX]


def of_workspace(each: Import) -> bool:
    """Whether it names a script: `from f.folder.name import x`, `from . import name`."""
    return each.level > 0 or (each.top in _ROOTS and each.module.count(".") >= 1)


def _below(node: ast.AST, *, outside: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import(names=names):
                for alias in names:
                    yield _import(alias.name, (), 0, child, outside=outside)
            case ast.ImportFrom(module=module, names=names, level=level):
                told = tuple(alias.name for alias in names)
                yield _import(module or "", told, level, child, outside=outside)
            case ast.If(test=test, orelse=orelse) if _for_types(test):
                for other in orelse:
                    yield from _below(ast.Module([other], []), outside=outside)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                yield from _below(child, outside=False)
            case ast.stmt() | ast.ExceptHandler() | ast.match_case():
                yield from _below(child, outside=outside)


def _import(
    module: str, names: tuple[str, ...], level: int, node: ast.stmt, *, outside: bool
) -> Import:
    last = node.end_lineno or node.lineno
    return Import(module, names, level, node.lineno, last, outside)


def _for_types(test: ast.expr) -> bool:
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case _:
            return False


def scripts(each: Import, importer: str) -> Meant:
    """What the statement may mean; `importer` is the path of the script in which it stands.

    Fails: `Invalid` when its dots lead out of the workspace.
    """
    parts = each.module.split(".") if each.module else []
    if each.level:
        folder = importer.split("/")[: -each.level]
        if not folder:
            where = "." * each.level + each.module
            raise Invalid(
                f"{importer or 'a script without a path'} line {each.line}: there is no script "
                f"{where} to import from",
                field="content",
            )
        parts = folder + parts
    whole = "/".join(parts) if len(parts) >= 3 else None
    names = [name for name in each.names if name != "*"] if len(parts) >= 2 else []
    return Meant(whole, tuple("/".join([*parts, name]) for name in names))
