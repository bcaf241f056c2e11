"""What a docstring says: a summary, a description, and a sentence per parameter.

Three styles are read: Google (`Args:`), NumPy (`Parameters` underlined) and reST (`:param x: ...`).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable

from windmill_lite.core.signature.prose import Documentation, plain_text, stored_text

_PARAMETERS = frozenset(
    {"args", "arguments", "parameters", "params", "keyword args", "keyword arguments"}
    | {"attributes", "other parameters", "fields", "inputs"}
)
_OTHERS = frozenset(
    {"returns", "return", "yields", "yield", "raises", "raise", "example", "examples", "note"}
    | {"notes", "warning", "warnings", "see also", "references", "todo", "output", "outputs"}
)
_GOOGLE_ITEM = re.compile(
    r"\*{0,2}(\w+)[ \t]*(?:\([^()\n]{0,200}(?:\([^()]{0,200}\))?[^()\n]{0,200}\))?:(.*)"
)
_NUMPY_ITEM = re.compile(r"\*{0,2}(\w+(?:, ?\*{0,2}\w+){0,20})[ \t]*(?::.*)?")
_REST_ITEM = re.compile(
    r":(?:param|parameter|arg|argument|key|keyword)[ \t]+(?:[^:\n]{0,200}[ \t])?\*{0,2}(\w+):(.*)"
)
_REST_FIELD = re.compile(r":\w+[^:\n]{0,200}:")
_DOCSTRING_LINES_MAX = 2_000


def read_docstring(text: str | None) -> Documentation:
    """Never fails; what is not recognised is description."""
    if not text:
        return Documentation()
    reading = _Reading()
    lines = inspect.cleandoc(text).split("\n")[:_DOCSTRING_LINES_MAX]
    for at, line in enumerate(lines):
        following = lines[at + 1].strip() if at + 1 < len(lines) else ""
        reading.take(line, following)
    summary, _, rest = "\n".join(reading.prose).strip().partition("\n")
    parameters = {name: plain_text(" ".join(words)) for name, words in reading.parameters.items()}
    return Documentation(
        summary=plain_text(summary),
        description=stored_text(rest.strip()),
        parameters={name: said for name, said in parameters.items() if said},
    )


class _Reading:
    """Line by line: which section are we in, and which parameter is being described."""

    def __init__(self) -> None:
        self.prose: list[str] = []
        self.parameters: dict[str, list[str]] = {}
        self._section = "prose"  # prose | google | numpy | rest | other
        self._indent: int | None = None  # of the items of the section
        self._current: Iterable[str] = ()

    def take(self, line: str, following: str) -> None:
        stripped = line.strip()
        indent = len(line) - len(line.lstrip())
        rest_item = _REST_ITEM.match(stripped)
        if rest_item:
            self._section, self._indent = "rest", indent
            self._describe([rest_item[1]], rest_item[2])
        elif _REST_FIELD.match(stripped) and self._section in {"prose", "rest"}:
            self._section = "other"
        elif self._starts_section(stripped, indent, following):
            pass
        elif self._section == "prose":
            self.prose.append(line)
        elif stripped and self._section != "other":
            self._item(stripped, indent)

    def _starts_section(self, stripped: str, indent: int, following: str) -> bool:
        if indent:
            return False
        title = stripped.rstrip(":").lower()
        if title not in _PARAMETERS and title not in _OTHERS:
            return False
        underlined = len(following) >= 3 and not following.strip("-=")
        if not underlined and not stripped.endswith(":"):
            return False
        style = "numpy" if underlined else "google"
        self._section = style if title in _PARAMETERS else "other"
        self._indent = None
        self._current = ()
        return True

    def _item(self, stripped: str, indent: int) -> None:
        if not stripped.strip("-="):
            return
        if self._section == "google" and indent == 0:
            self._section = "prose"
            self.prose.append(stripped)
            return
        if self._section != "rest" and (self._indent is None or indent <= self._indent):
            self._indent = indent
            google = self._section == "google"
            found = (_GOOGLE_ITEM if google else _NUMPY_ITEM).fullmatch(stripped)
            if found:
                said = found[2] if google else ""
                self._describe([name.strip(" *") for name in found[1].split(",")], said)
                return
        for name in self._current:
            self.parameters[name].append(stripped)

    def _describe(self, names: list[str], said: str) -> None:
        self._current = names
        for name in names:
            self.parameters[name] = [said]
