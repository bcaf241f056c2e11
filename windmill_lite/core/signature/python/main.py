"""The entry point of a Python script: its parameters, in the order in which they are written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from windmill_lite.core.signature.bounds import PARAMETERS_MAX
from windmill_lite.core.signature.model import FUNCTION_CALL, Arg, ArgKind, Signature, SourceError
from windmill_lite.core.signature.prose import Documentation
from windmill_lite.core.signature.python.constants import CALL, NotConstant
from windmill_lite.core.signature.python.docstring import read_docstring
from windmill_lite.core.signature.python.reader import TypeReader
from windmill_lite.core.signature.python.resolve import Names
from windmill_lite.core.signature.python.scope import Function, Scope, read_scope
from windmill_lite.core.signature.python.source import parse_module
from windmill_lite.core.signature.told import type_of
from windmill_lite.core.signature.types import (
    Bytes,
    Json,
    List,
    Nullable,
    Typ,
)


def read_python(code: str, entrypoint: str) -> Signature:
    """The signature of the function `entrypoint`.

    A script without it has an empty signature with `no_main_func`. Fails with SourceError when the
    text is not Python, wherever the mistake stands.
    """
    module = parse_module(code)
    scope = read_scope(module)
    has_preprocessor = _function(scope, "preprocessor") is not None
    found = _function(scope, entrypoint)
    if found is None:
        return Signature(no_main_func=True, has_preprocessor=has_preprocessor)
    said = _documentation(found, module)
    args = found.args
    reader = TypeReader(Names(scope), code)
    return Signature(
        args=tuple(_arguments(args, reader, said)),
        star_args=args.vararg is not None,
        star_kwargs=args.kwarg is not None,
        has_preprocessor=has_preprocessor,
        summary=said.summary,
        description=said.description,
    )


def _function(scope: Scope, name: str) -> Function | ast.Lambda | None:
    """The function behind a name, also when the name was assigned another one."""
    for _ in range(10):
        found = scope.bindings.get(name)
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return found
        if not isinstance(found, ast.Name):
            return None
        name = found.id
    return None


def _documentation(found: Function | ast.Lambda, module: ast.Module) -> Documentation:
    """What the function says about itself, and otherwise what the script says."""
    said = Documentation()
    if not isinstance(found, ast.Lambda):
        said = read_docstring(ast.get_docstring(found, clean=False))
    if not said.summary:
        script = read_docstring(ast.get_docstring(module, clean=False))
        said = replace(said, summary=script.summary, description=script.description)
    return said


def _arguments(args: ast.arguments, reader: TypeReader, said: Documentation) -> Iterator[Arg]:
    count = len(args.posonlyargs) + len(args.args) + len(args.kwonlyargs)
    if count > PARAMETERS_MAX:
        first = args.posonlyargs[:1] or args.args[:1] or args.kwonlyargs
        raise SourceError(
            f"the entry point has {count:,} parameters; at most {PARAMETERS_MAX:,} are read",
            line=first[0].lineno,
            column=first[0].col_offset + 1,
        )
    for arg, default, kind in _parameters(args):
        description = said.parameters.get(arg.arg, "")
        yield _argument(arg, default, reader, kind=kind, description=description)


def _parameters(args: ast.arguments) -> Iterator[tuple[ast.arg, ast.expr | None, ArgKind]]:
    positional = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(args.defaults))
    defaults.extend(args.defaults)
    only = len(args.posonlyargs)
    for at, (arg, default) in enumerate(zip(positional, defaults, strict=True)):
        yield arg, default, "positional_only" if at < only else "normal"
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield arg, default, "keyword_only"


def _argument(
    arg: ast.arg,
    default: ast.expr | None,
    reader: TypeReader,
    *,
    kind: ArgKind,
    description: str,
) -> Arg:
    typ = reader.parameter(arg.annotation)
    known = None if default is None else reader.evaluate(default)
    optional = isinstance(typ, Nullable)
    typ = typ.of if isinstance(typ, Nullable) else typ
    value = None if isinstance(known, NotConstant) else known
    if default is not None and not isinstance(known, NotConstant):
        typ = _told_by_default(typ, value, default, annotated=arg.annotation is not None)
    return Arg(
        name=arg.arg,
        typ=typ,
        default=FUNCTION_CALL if known is CALL else value,
        has_default=default is not None or optional,
        description=description,
        kind=kind,
    )


def _told_by_default(typ: Typ, value: Json, default: ast.expr, *, annotated: bool) -> Typ:
    """A parameter without a type, or with just `list`, has the type of its default."""
    if not annotated:
        binary = isinstance(default, ast.Constant) and isinstance(default.value, bytes)
        return Bytes() if binary else type_of(value, texts=List(None))
    if typ == List(None):
        return type_of(value, texts=List(None)) if isinstance(value, list | None) else typ
    return typ
