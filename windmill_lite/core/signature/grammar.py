"""Text to syntax tree by tree-sitter, for the languages that have a grammar of it.

tree-sitter reads any text: what it cannot place becomes an ERROR node, what it misses one that is
MISSING. The first of them is the error that the author sees. The grammars are loaded with the first
script that needs one: they cost 20 ms and 4 MB, which a server that only runs Python saves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from windmill_lite.core.signature.bounds import TREE_CHARS_MAX
from windmill_lite.core.signature.model import SourceError
from windmill_lite.core.signature.source import error_at, readable

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

Grammar = Literal["go", "typescript"]

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


def parse(code: str, grammar: Grammar, forgiven: Callable[[Node], bool] | None = None) -> Syntax:
    """The tree of a script.

    Fails: SourceError when the text is too long, no text, or not of the language; `forgiven` says
    of an ERROR node that it may stay.
    """
    text = readable(code, chars_max=TREE_CHARS_MAX)
    syntax = Syntax(text, _tree(text.encode(), grammar))
    for node in _faults(syntax.root):
        if forgiven is None or not forgiven(node):
            place = _place(node)
            raise syntax.error(place, _reason(place))
    return syntax


def _tree(text: bytes, grammar: Grammar) -> Tree:
    from tree_sitter import Language, Parser  # noqa: PLC0415  # loaded when first needed, see above

    if grammar == "go":
        from tree_sitter_go import language  # noqa: PLC0415  # the same
    else:
        from tree_sitter_typescript import (  # noqa: PLC0415  # the same
            language_typescript as language,
        )
    return Parser(Language(language())).parse(text)


def _faults(root: Node) -> Iterator[Node]:
    """What is wrong in the text, in its order; without recursion, trees are as deep as the text."""
    waiting = [root] if root.has_error else []
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            yield node
        else:
            waiting.extend(reversed([one for one in node.children if one.has_error]))


def _place(fault: Node) -> Node:
    """Where reading came to an end. An ERROR that begins well holds what was read before."""
    return fault.children[-1] if fault.is_error and fault.child_count > 1 else fault


def _reason(node: Node) -> str:
    if node.is_missing:
        return f"{node.type} is missing"
    words = said(node).split()
    if not words:
        return "the script ends too early"
    word = words[0]
    shown = word if len(word) <= _WORD_CHARS_MAX else f"{word[:_WORD_CHARS_MAX]}..."
    return f"unexpected {shown}"


def said(node: Node | None) -> str:
    """The text of a node; "" of none."""
    return "" if node is None or node.text is None else node.text.decode(errors="replace")


def named(node: Node | None) -> list[Node]:
    """The parts of a node without punctuation and comments."""
    if node is None:
        return []
    return [one for one in node.named_children if one.type != "comment"]
