"""The lines of a Bash script on which a statement of the script itself begins.

Left out are lines inside quotes, here-documents and the bodies of functions, where `$1` is another
one. An approximation in one pass: what is quoted inside `$(...)` inside quotes is taken in pieces,
which end at the same place; a quote without an end quotes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# What may hide the end of a line: an escape, quotes, a comment, a here-document.
_TOKEN = re.compile(
    r"""
    (?P<escape>  \\.)
  | (?P<quoted>  \$?'[^']*' | "(?:[^"\\]|\\.)*")
  | (?P<comment> (?:(?<=[\s;&|()])|^) \#[^\n]*)
  | (?P<here>    <<(?P<indented>-?)[ \t]*\\?(?P<mark>['"]?)(?P<word>\w+)(?P=mark))
  | (?P<string>  <<<)
  | (?P<end>     \n)
  | [\w/.,:=+%@~^*?!\[\]{}-]+
  | .
    """,
    re.VERBOSE | re.DOTALL,
)
_FUNCTION = re.compile(
    r"(?:function[ \t]+[^\s(){}]+[ \t]*(?:\([ \t]*\))?|[^\s(){}=]+[ \t]*\([ \t]*\))"
)
_CLOSING = re.compile(r"[})]")


@dataclass(frozen=True, slots=True)
class Line:
    """A statement from its first character to the end of its last line; `at` counts from 0."""

    at: int
    text: str


@dataclass(slots=True)
class _Here:
    """A here-document that begins after this line."""

    word: str
    indented: bool


def statements(text: str) -> Iterator[Line]:
    """The lines that begin a statement of the script itself, from the first."""
    inside_function = False
    for line in _lines(text):
        if inside_function:
            inside_function = not _CLOSING.match(line.text)
        elif _FUNCTION.match(line.text):
            # `f() { ...; }` on one line ends where it begins.
            inside_function = not line.text.rstrip().endswith(("}", ")")) or line.text.endswith(
                "()"
            )
        else:
            yield line


def _lines(text: str) -> Iterator[Line]:
    begin = at = 0
    waiting: list[_Here] = []
    size = len(text)
    while at < size:
        found = _TOKEN.match(text, at)
        assert found is not None, "one of the alternatives is any character"
        at = found.end()
        if found["here"] is not None:
            waiting.append(_Here(found["word"], found["indented"] == "-"))
        elif found["end"] is not None:
            yield Line(begin, text[begin : found.start()])
            for here in waiting:
                at = _after(text, at, here)
            waiting.clear()
            begin = at
    if begin < size:
        yield Line(begin, text[begin:])


def _after(text: str, at: int, here: _Here) -> int:
    """Where the text goes on after the here-document that begins at `at`."""
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end]
        at = end + 1
        if (line.lstrip("\t") if here.indented else line) == here.word:
            break
    return min(at, len(text))
