"""The tokens of a PHP text: in one pass, and what is opened and never closed goes to the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["doc", "string", "variable", "name", "number", "sign"]

_OPENING = re.compile(r"<\?(?:php\b|=)", re.IGNORECASE)
_TOKEN = re.compile(
    r"""(?P<blank>\s+|(?://|\#(?!\[))(?:(?!\?>)[^\n])*)"""
    r"""|(?P<doc>/\*(?:[^*]|\*(?!/))*(?:\*/|\Z))"""
    r"""|(?P<string>'(?:[^'\\]|\\.)*(?:'|\Z)|"(?:[^"\\]|\\.)*(?:"|\Z))"""
    r"""|(?P<here><<<[ \t]*(?P<quote>['"]?)(?P<label>\w+)(?P=quote)\r?\n)"""
    r"""|(?P<variable>\$\w+)|(?P<number>0[xXbBoO][\da-fA-F_]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:[eE][+-]?\d+)?)"""
    r"""|(?P<name>\\?[^\W\d]\w*(?:\\\w+)*)|(?P<html>\?>)|(?P<sign>::|=>|\.\.\.|.)""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """`at` is where it begins; a `doc` is any comment of the form /* */."""

    kind: Kind
    text: str
    at: int


def tokens(text: str) -> Iterator[Token]:
    """Of the parts that are PHP; what stands around them is output."""
    opened = _OPENING.search(text)
    while opened is not None:
        at = opened.end()
        while at < len(text):
            found = _TOKEN.match(text, at)
            assert found is not None, "the last alternative is any character"
            kind = found.lastgroup
            at = found.end()
            if found["html"]:
                break
            if found["here"]:
                at = _past(text, found["label"], at)
                yield Token("string", text[found.start() : at], found.start())
            elif kind != "blank":
                yield Token(_kind(found), found[0], found.start())
        opened = _OPENING.search(text, at)


def _kind(found: re.Match[str]) -> Kind:
    kinds: tuple[Kind, ...] = ("doc", "string", "variable", "number", "name")
    return next((kind for kind in kinds if found[kind] is not None), "sign")


def _past(text: str, label: str, at: int) -> int:
    end = re.compile(rf"^[ \t]*{label}\b", re.MULTILINE).search(text, at)
    return len(text) if end is None else end.end()
