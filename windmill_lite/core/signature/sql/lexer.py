"""Which parts of a SQL text are code, and which are comments; what is quoted is neither.

One pass, and whatever is opened and never closed goes on to the end, as in the databases.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_OPENING = re.compile(r"--|/\*|'|\"|`|\$(?:[^\W\d]\w*)?\$")

_BLANKS = re.compile(r"[^\n]")
_ESCAPING = re.compile(r"\W?[eE]'")  # E'it\'s'


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment from `--` to the end of its line, which holds nothing before it."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Parts:
    code: str  # as long as the text: what is quoted or a comment is blank
    comments: tuple[Comment, ...]


@dataclass(frozen=True, slots=True)
class Quoting:
    """How a dialect quotes."""

    backslash: bool = False  # 'it\'s'
    dollars: bool = False  # $$it's$$, $tag$it's$tag$


def parts(text: str, quoting: Quoting) -> Parts:
    code: list[str] = []
    comments: list[Comment] = []
    at = 0
    while (found := _OPENING.search(text, at)) is not None:
        opening = found[0]
        if opening.startswith("$") and not quoting.dollars:
            code.append(text[at : found.start() + 1])
            at = found.start() + 1
            continue
        code.append(text[at : found.start()])
        end = _end(text, found, quoting)
        if opening == "--":
            line = text.rfind("\n", 0, found.start()) + 1
            if not text[line : found.start()].strip():
                comments.append(Comment(found.start(), text[found.start() : end].rstrip()))
        code.append(_BLANKS.sub(" ", text[found.start() : end]))
        at = end
    code.append(text[at:])
    return Parts("".join(code), tuple(comments))


def _end(text: str, opening: re.Match[str], quoting: Quoting) -> int:
    kind, at = opening[0], opening.end()
    match kind:
        case "--":
            end = text.find("\n", at)
            return len(text) if end < 0 else end
        case "/*":
            return _past(text, "*/", at)
        case "'" | '"':
            escaped = (
                quoting.backslash or _ESCAPING.fullmatch(text[max(at - 3, 0) : at]) is not None
            )
            return _past_quote(text, kind, at) if escaped else _past(text, kind, at)
        case _:
            return _past(text, kind, at)


def _past(text: str, closing: str, at: int) -> int:
    end = text.find(closing, at)
    return len(text) if end < 0 else end + len(closing)


def _past_quote(text: str, quote: str, at: int) -> int:
    """The end of text in which a backslash escapes."""
    closing = re.compile(rf"[^{quote}\\]*(?:\\.[^{quote}\\]*)*{quote}", re.DOTALL).match(text, at)
    return len(text) if closing is None else closing.end()
