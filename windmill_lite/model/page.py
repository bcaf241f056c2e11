"""One page of a list."""

from __future__ import annotations

from dataclasses import dataclass

from windmill_lite.model.limits import PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX


@dataclass(frozen=True, slots=True)
class Page:
    """`number` is 1-based; 0 is read as 1, since Windmill's CLI begins there. Sizes are clamped."""

    number: int = 1
    size: int = PAGE_SIZE_DEFAULT

    @property
    def limit(self) -> int:
        return max(1, min(self.size, PAGE_SIZE_MAX))

    @property
    def offset(self) -> int:
        return (max(1, self.number) - 1) * self.limit
