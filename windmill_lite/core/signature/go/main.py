"""The parameters of a Go `main`, in the order in which they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from windmill_lite.core.signature.bounds import PARAMETERS_MAX
from windmill_lite.core.signature.go.reader import TypeReader, comment_text, comments_above
from windmill_lite.core.signature.go.scope import read_scope
from windmill_lite.core.signature.grammar import Syntax, named, parse, said
from windmill_lite.core.signature.model import Arg, Expired, Signature, patient
from windmill_lite.core.signature.types import Nullable

if TYPE_CHECKING:
    from tree_sitter import Node

# Since Go 1.26 `new` also takes a value, which the grammar does not know. Any function does, so it
# sees one with a name as long.
_NEW_OF_VALUE = re.compile(r"\bnew\((?!func\b)(?=[\"'`0-9!&-]|[\w.]+\()")


def read_go(code: str, entrypoint: str, expired: Expired = patient) -> Signature:
    """The signature of the function `entrypoint`.

    A pointer may be left out, and is nil then. Fails with SourceError when the text is not Go,
    wherever the mistake stands, and when a parameter has no name.
    """
    syntax = parse(_NEW_OF_VALUE.sub("n_w(", code), "go", expired)
    scope = read_scope(syntax.root)
    has_preprocessor = "preprocessor" in scope.functions
    found = scope.functions.get(entrypoint)
    if found is None:
        return Signature(no_main_func=True, has_preprocessor=has_preprocessor)
    parameters = named(found.child_by_field_name("parameters"))
    reader = TypeReader(scope)
    lines = syntax.root.named_children
    said_above = comment_text(comments_above(lines, lines.index(found)))
    return Signature(
        args=tuple(_arguments(syntax, parameters, reader)),
        star_args=any(one.type == "variadic_parameter_declaration" for one in parameters),
        has_preprocessor=has_preprocessor,
        summary=said_above,
    )


def _arguments(syntax: Syntax, parameters: list[Node], reader: TypeReader) -> Iterator[Arg]:
    seen: set[str] = set()
    for node in parameters:
        if node.type != "parameter_declaration":
            continue
        names = node.children_by_field_name("name")
        if not names:
            raise syntax.error(node, f"the parameter {said(node)[:50]} has no name")
        for name_node in names:
            name = said(name_node)
            if name in seen:
                raise syntax.error(name_node, f"two parameters are named {name}")
            if len(seen) >= PARAMETERS_MAX:
                reason = f"the entry point has more than {PARAMETERS_MAX:,} parameters"
                raise syntax.error(name_node, reason)
            seen.add(name)
            typ = reader.parameter(node.child_by_field_name("type"))
            optional = isinstance(typ, Nullable)
            yield Arg(name, typ.of if isinstance(typ, Nullable) else typ, has_default=optional)
