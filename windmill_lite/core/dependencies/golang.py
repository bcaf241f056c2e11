"""The packages of other modules that a Go script imports, and the lock of their versions.

The lock is go.mod, a line, go.sum, as `go mod tidy` writes them.
"""

from __future__ import annotations

import re
from typing import Final

from windmill_lite.base.errors import Invalid

SPLIT: Final = "\n//go.sum\n"
#: Imports stand before everything else. Each expression takes time in proportion to the text.
_NOT_CODE: Final = re.compile(r'//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/|"[^"\n]*"|`[^`]*`')
_GROUP: Final = re.compile(r"(?:^|;)[ \t]*import\s*\(([^)]*)\)", re.MULTILINE)
_ONE: Final = re.compile(
    r'(?:^|;)[ \t]*import\s+(?:[\w.]+\s+)?(?:"([^"\n]+)"|`([^`]+)`)', re.MULTILINE
)
_QUOTED: Final = re.compile(r'"([^"\n]+)"|`([^`]+)`')
_PATH: Final = re.compile(r"[\w.-]+\.[\w.-]+(?:/[\w.~+-]+)*")
_LINE: Final = re.compile(
    r"(?:module|go|toolchain|require|exclude|retract|\)|//|[\w.-]+\.[\w.-]+(?:/[\w.~+-]+)* v)"
)


def packages(code: str) -> list[str]:
    """Sorted; those of the standard library, whose first part has no dot, left out."""
    plain = _NOT_CODE.sub(lambda found: found[0] if found[0][0] in '"`' else " ", code)
    told = [each for group in _GROUP.findall(plain) for each in _QUOTED.findall(group)]
    told += _ONE.findall(plain)
    names = {first or second for first, second in told}
    return sorted(name for name in names if _PATH.fullmatch(name))


def parts(lock: str) -> tuple[str, str]:
    """go.mod and go.sum. Fails: `Invalid` for a lock that names anything but modules in versions:
    what replaces a module may be a folder.
    """
    mod, split, sums = lock.partition(SPLIT)
    rows = [row.strip() for row in mod.splitlines() if row.strip()]
    if not split or not rows or not all(map(_LINE.match, rows)) or "=>" in mod:
        raise Invalid("the lock is not one of Go modules in their versions", field="lock")
    return mod, sums
