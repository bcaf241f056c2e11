"""The entry point of a TypeScript script, and what the script says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from windmill_lite.core.signature.grammar import parse, said
from windmill_lite.core.signature.model import Expired, Signature, patient
from windmill_lite.core.signature.prose import Documentation
from windmill_lite.core.signature.typescript.docs import documentation
from windmill_lite.core.signature.typescript.functions import find_function
from windmill_lite.core.signature.typescript.parameters import Parameters
from windmill_lite.core.signature.typescript.reader import TypeReader
from windmill_lite.core.signature.typescript.scope import read_scope

if TYPE_CHECKING:
    from tree_sitter import Node


def read_typescript(code: str, entrypoint: str, expired: Expired = patient) -> Signature:
    """The signature of the function that a script exports as `entrypoint`.

    A script without it has an empty signature with `no_main_func`. Fails with SourceError when the
    text is not TypeScript, wherever the mistake stands.
    """
    syntax = parse(code, "typescript", expired, forgiven=_newer)
    scope = read_scope(syntax.root)
    has_preprocessor = find_function(scope, "preprocessor") is not None
    found = find_function(scope, entrypoint)
    if found is None:
        return Signature(no_main_func=True, has_preprocessor=has_preprocessor)
    documented = _documentation(syntax.root, found)
    parameters = Parameters(syntax, found, TypeReader(scope), documented)
    args = tuple(parameters.read())
    return Signature(
        args=args,
        star_args=parameters.rest,
        has_preprocessor=has_preprocessor,
        summary=documented.summary,
        description=documented.description,
    )


def _newer(fault: Node) -> bool:
    """Spellings that the grammar does not know, and that say nothing of how a script is called:
    `export type * from`, `import defer`, `export import x =`, `<in out T>`, `<import("x").T[]>`.
    """
    parent = fault.parent
    if parent is None:
        return False
    if parent.type in {"export_statement", "import_statement"}:
        return parent.child_by_field_name("source") is not None
    if parent.type == "type_arguments":
        return said(fault).startswith("import(")
    return parent.type in {"type_parameters", "type_parameter", "import_alias"}


def _documentation(root: Node, function: Node) -> Documentation:
    """The comment before the statement in which the function stands."""
    parts = root.named_children
    for at, statement in enumerate(parts):
        if statement.start_byte <= function.start_byte < statement.end_byte:
            return documentation(parts, at)
    return Documentation()
