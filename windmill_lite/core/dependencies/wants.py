"""What one script needs by itself, to see whether that is what it needed before."""

from __future__ import annotations

from dataclasses import dataclass

from windmill_lite.base.errors import Invalid
from windmill_lite.core.dependencies import scripts, typescript
from windmill_lite.core.dependencies.wanted import wanted


@dataclass(frozen=True, slots=True)
class Wants:
    """Packages as they are asked for, and paths of scripts."""

    packages: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()


def wants(language: str, code: str, path: str, standard: frozenset[str]) -> Wants:
    """Of a script at a path; nothing of one that asks for what cannot be."""
    try:
        named = scripts.imported(language, code, path)
        paths = tuple(sorted({path for one in named for path in one.paths}))
        if language == "python3":
            return Wants(wanted([code], standard).packages, paths)
        if not scripts.family(language):
            return Wants()
        told = typescript.packages(code)
        return Wants(tuple(f"{name}@{version}" for name, version in told.items()), paths)
    except Invalid:
        return Wants()
