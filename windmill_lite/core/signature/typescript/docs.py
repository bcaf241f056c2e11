"""JSDoc: what a function says about itself and its parameters, and a field about itself.

/**
 * Greets somebody.
 * @param name - whom to greet
 */
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from windmill_lite.core.signature.grammar import said
from windmill_lite.core.signature.prose import Documentation, plain_text, stored_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

_CHARS_MAX = 100_000
_PARAMETER = re.compile(
    r"@(?:param|arg|argument)\s+(?:\{[^{}\n]*\}\s*)?\[?([\w.$]+)(?:=[^\]\n]*)?\]?\s*(?:-\s*)?(.*)"
)


def comment_before(parts: Sequence[Node], at: int) -> str:
    """The words of the JSDoc comment right before a node, as one line."""
    lines = _doc_lines(parts, at)
    return plain_text(" ".join(line for line in lines if not line.startswith("@")))


def documentation(parts: Sequence[Node], at: int) -> Documentation:
    """What the JSDoc comment right before a node says; never fails."""
    prose: list[str] = []
    parameters: dict[str, list[str]] = {}
    into: list[str] = prose
    for line in _doc_lines(parts, at):
        if line.startswith("@"):
            found = _PARAMETER.match(line)
            into = parameters.setdefault(found[1], [found[2]]) if found else []
        else:
            into.append(line)
    summary, _, rest = "\n".join(prose).strip().partition("\n")
    words = {name: plain_text(" ".join(lines)) for name, lines in parameters.items()}
    return Documentation(
        summary=plain_text(summary),
        description=stored_text(rest.strip()),
        parameters={name: text for name, text in words.items() if text},
    )


def _doc_lines(parts: Sequence[Node], at: int) -> list[str]:
    comment = parts[at - 1] if at > 0 else None
    if comment is None or comment.type != "comment":
        return []
    text = said(comment)[:_CHARS_MAX]
    if not text.startswith("/**"):
        return []
    inner = text[3:].removesuffix("*/")
    return [line.strip().removeprefix("*").strip() for line in inner.split("\n")]
