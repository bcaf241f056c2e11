"""Which scripts of its workspace a script imports, in any language that has imports."""

from __future__ import annotations

import re
from typing import Final

from windmill_lite.core.dependencies import python, typescript
from windmill_lite.core.dependencies.meant import Meant

#: Languages whose scripts can import each other.
_FAMILIES: Final = (("python3",), ("bun", "nativets", "deno"))
#: Without any of these nothing is imported; the text need not be parsed.
_HINTS: Final = {
    "python3": re.compile(r"\b(?:from|import)[ \t]+(?:\.|[fu]\.)"),
    "typescript": re.compile(r"""["'](?:\.{1,2}/|/?[fu]/)"""),
}


def family(language: str) -> tuple[str, ...]:
    """The languages of scripts that one of this language can import."""
    return next((each for each in _FAMILIES if language in each), ())


def may_import(language: str, code: str) -> bool:
    """Whether it is worth reading; False is certain."""
    kind = "python3" if language == "python3" else "typescript"
    return bool(family(language)) and _HINTS[kind].search(code) is not None


def imported(language: str, code: str, path: str) -> list[Meant]:
    """What the script at `path` ("" for one that has none) imports, in the order of its text.

    Fails: `Invalid` when a relative import leads out of the workspace.
    """
    if not may_import(language, code):
        return []
    if language == "python3":
        found = filter(python.of_workspace, python.imports(code))
        return [python.scripts(each, path) for each in found]
    return [Meant(each) for each in typescript.scripts(code, path)]
