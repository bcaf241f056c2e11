"""Code that begins elsewhere than at its `main`."""

from __future__ import annotations

import re

_TYPESCRIPT = ("bun", "nativets", "deno")
_MAIN = re.compile(r"^(\s*)export\s+((?:default\s+)?(?:async\s+)?function\s+main\b)", re.MULTILINE)


def preparing(language: str, code: str) -> str | None:
    """The same text, whose `main` is the `preprocessor` in it; no line of it moves. None where the
    language has none.
    """
    if language == "python3":
        return f"{code}\n\nmain = preprocessor\n"
    if language in _TYPESCRIPT:
        return _MAIN.sub(r"\1\2", code) + "\nexport { preprocessor as main };\n"
    return None
