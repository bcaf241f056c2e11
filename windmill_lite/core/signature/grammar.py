"""Text to syntax tree by tree-sitter, for the languages that have a grammar of it.

tree-sitter reads any text: what it cannot place becomes an ERROR node, what it misses one that is
MISSING. The first of them is the error that the author sees. The grammars are loaded with the first
script that needs one: they cost 20 ms and 4 MB, which a server that only runs Python saves.

A text of the language is read in time that grows with its length (0.7 us for a character); one that
is not can take any time, because every way to go on is tried after every mistake. So four things
bound it: the length, the nesting (the library recurses over it), the steps for each character, and
the patience of the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from windmill_lite.core.signature.bounds import NESTING_MAX, PARSE_STEPS_PER_BYTE, TREE_CHARS_MAX
from windmill_lite.core.signature.model import Expired, SourceError
from windmill_lite.core.signature.source import error_at, readable

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

Grammar = Literal["go", "typescript"]

_CLOSING: Mapping[str, str] = MappingProxyType({"(": ")", "[": "]", "{": "}", "${": "}"})
_BRACKETS = re.compile(
    r"""\\. | '(?:[^'\\\n]|\\.)*' | "(?:[^"\\\n]|\\.)*" | //[^\n]* | /\*.*?(?:\*/|\Z)
      | [()\[\]{}]""",
    re.DOTALL | re.VERBOSE,
)
_STEPS_PER_PAUSE = 100  # of the library
_PAUSES_MIN = 1_000  # a short text may be as hard as it likes: about 0.1 s
_PIECE_BYTES = 1024  # the text of a node is read in pieces, too
_WORD_CHARS_MAX = 30  # of the unexpected text that an error shows


@dataclass(frozen=True, slots=True)
class Syntax:
    """A text and its tree. Nodes know their bytes; people count characters."""

    text: str
    tree: Tree

    @property
    def root(self) -> Node:
        return self.tree.root_node

    def error(self, node: Node, reason: str) -> SourceError:
        """An error at the place where a node begins."""
        before = self.text.encode()[: node.start_byte]
        return error_at(self.text, len(before.decode(errors="ignore")), reason)


def parse(
    code: str,
    grammar: Grammar,
    expired: Expired,
    *,
    forgiven: Callable[[Node], bool] | None = None,
) -> Syntax:
    """The tree of a script.

    Fails: SourceError when the text is too long, no text, not of the language or, once the caller
    says that the time is up, not read by then; `forgiven` says of an ERROR node that it may stay.
    """
    text = readable(code, chars_max=TREE_CHARS_MAX)
    _refuse_nesting(text)
    syntax = Syntax(text, _tree(text, grammar, expired))
    for node in _faults(syntax.root):
        if forgiven is None or not forgiven(node):
            raise _refusal(syntax, node)
    return syntax


def _refuse_nesting(text: str) -> None:
    """Brackets outside quotes and comments, as far as these can be told without parsing."""
    depth = 0
    for token in _BRACKETS.finditer(text):
        if token[0] in _CLOSING:
            depth += 1
            if depth > NESTING_MAX:
                raise error_at(text, token.start(), "nested too deeply to be read")
        elif len(token[0]) == 1:
            depth = max(depth - 1, 0)


def _tree(text: str, grammar: Grammar, expired: Expired) -> Tree:
    from tree_sitter import Language, Parser  # noqa: PLC0415  # loaded when first needed, see above

    if grammar == "go":
        from tree_sitter_go import language  # noqa: PLC0415  # the same
    else:
        from tree_sitter_typescript import (  # noqa: PLC0415  # the same
            language_typescript as language,
        )
    progress = _Progress(text.encode(), expired)
    try:
        return Parser(Language(language())).parse(progress.read, progress_callback=progress.stop)
    except ValueError:
        before = progress.text[: progress.reached].decode(errors="ignore")
        at = min(len(before), len(text) - 1)
        raise error_at(text, at, "what stands here, or before it, takes too long to read") from None


class _Progress:
    """Gives tree-sitter the text, and stops it; it asks after every hundred of its steps."""

    def __init__(self, text: bytes, expired: Expired) -> None:
        self.text = text
        self.reached = 0  # bytes
        self._expired = expired
        self._left = _PAUSES_MIN + len(text) * PARSE_STEPS_PER_BYTE // _STEPS_PER_PAUSE

    def read(self, at: int, _place: object) -> bytes:
        return self.text[at : at + _PIECE_BYTES]

    def stop(self, at: int, _failed: bool) -> bool:  # noqa: FBT001  # the library's own form
        self.reached = max(self.reached, at)
        self._left -= 1
        return self._left < 0 or self._expired()


def _faults(root: Node) -> Iterator[Node]:
    """What is wrong in the text, in its order; without recursion, trees are as deep as the text."""
    waiting = [root] if root.has_error else []
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            yield node
        else:
            waiting.extend(reversed([one for one in node.children if one.has_error]))


def _refusal(syntax: Syntax, fault: Node) -> SourceError:
    """What is said of a fault. An ERROR that begins well holds what was read before it."""
    if fault.is_missing:
        return syntax.error(fault, f"{fault.type} is missing")
    parts = fault.children
    if len(parts) < 2:
        return syntax.error(fault, f"unexpected {_shown(fault)}")
    opened: list[Node] = []
    for part in parts:
        if part.type in _CLOSING:
            opened.append(part)
        elif opened and part.type == _CLOSING[opened[-1].type]:
            opened.pop()
    if opened:
        return syntax.error(opened[-1], f"{opened[-1].type} is never closed")
    return syntax.error(parts[-1], f"unexpected {_shown(parts[-1])}")


def _shown(node: Node) -> str:
    word = (said(node).split() or ["end"])[0]
    return word if len(word) <= _WORD_CHARS_MAX else f"{word[:_WORD_CHARS_MAX]}..."


def said(node: Node | None) -> str:
    """The text of a node; "" of none."""
    return "" if node is None or node.text is None else node.text.decode(errors="replace")


def named(node: Node | None) -> list[Node]:
    """The parts of a node without punctuation and comments."""
    if node is None:
        return []
    return [one for one in node.named_children if one.type != "comment"]
