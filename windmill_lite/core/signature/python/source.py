"""Text to syntax tree, without running anything; every way in which that fails becomes one error.

The parser of CPython is written in C: it answers odd text with four kinds of exception, and warns
about string escapes on the side. Callers see a tree or a `SourceError`; the warnings are the
author's business, and go by the text's name, which `base/logsetup.py` knows.
"""

from __future__ import annotations

import ast
from typing import Any

from windmill_lite.core.signature.bounds import COMPILED_CHARS_MAX, SOURCE_CHARS_MAX
from windmill_lite.core.signature.model import SourceError
from windmill_lite.core.signature.python.newer import asks_for_newer, older
from windmill_lite.core.signature.source import readable

NAME = "<script>"
_TRIES = 9
_TOO_DEEP = "nested too deeply to be read"


def parse_module(code: str) -> ast.Module:
    """The tree of a script. Fails with SourceError, naming line and column."""
    text = readable(code, chars_max=SOURCE_CHARS_MAX)
    try:
        text, module = _understood(text)
        if len(text) <= COMPILED_CHARS_MAX:
            # Finds `return` outside a function, a parameter named twice... Runs nothing.
            compile(text, NAME, "exec", dont_inherit=True)
        return module
    except SyntaxError as error:
        reason = error.msg or "invalid syntax"
        if not asks_for_newer(text) and _is_newer(text):
            reason += "; a newer Python reads it: write `#py: >=3.14`, or the one it is meant for"
        raise SourceError(reason, line=error.lineno or 1, column=error.offset or 1) from None
    except (RecursionError, MemoryError):
        raise SourceError(_TOO_DEEP) from None
    except ValueError as error:
        raise SourceError(str(error)) from None


def tree_of(text: str) -> ast.Module:
    """`ast.parse`, for threads.

    The parser of CPython 3.11 counts how deep it is for all threads together, and says SystemError
    when another one began and ended in the middle (gh-106905). Asked again it begins anew.
    What asks for a newer Python may have its grammar.
    """
    return _understood(text)[1]


def _understood(text: str) -> tuple[str, ast.Module]:
    """The text that the parser here took, and its tree."""
    try:
        return text, _tree(text, "exec")
    except SyntaxError:
        if not asks_for_newer(text):
            raise
    text = older(text)
    return text, _tree(text, "exec")


def _is_newer(text: str) -> bool:
    again = older(text)
    try:
        return again != text and _tree(again, "exec") is not None
    except (SyntaxError, RecursionError, MemoryError):
        return False


def _tree(text: str, mode: str) -> Any:
    for _ in range(_TRIES):
        try:
            return ast.parse(text, NAME, mode)
        except SystemError:
            continue
    return ast.parse(text, NAME, mode)


def parse_annotation(text: str) -> ast.expr | None:
    """The tree of a quoted annotation; None when it is not an expression."""
    try:
        body: ast.expr = _tree(text.strip(), "eval").body
        return body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
