"""Scripts of the workspace that a statement may mean."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meant:
    """`from f.a.b import c` is of the script f/a/b (`whole`), or where there is none it names the
    script f/a/b/c (`parts`).
    """

    whole: str | None
    parts: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """All that it may be."""
        return (self.whole, *self.parts) if self.whole else self.parts

    def chosen(self, there: Container[str]) -> tuple[str, ...]:
        """What it is, when these paths are there; nothing when it is none of them."""
        if self.whole is not None and self.whole in there:
            return (self.whole,)
        found = tuple(path for path in self.parts if path in there)
        return found if self.whole is not None or len(found) == len(self.parts) else ()
