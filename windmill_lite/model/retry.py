"""When a job that failed is tried again: in Windmill's words, as for a step of a flow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Constant:
    """`attempts` tries more, each `seconds` after the failure before it."""

    attempts: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Exponential:
    """`attempts` tries more; the n-th of all comes `multiplier * seconds ** n` seconds after the
    failure before it, give or take up to `random_factor` percent.
    """

    attempts: int
    multiplier: int
    seconds: int
    random_factor: int  # percent


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The constant tries come first."""

    constant: Constant | None = None
    exponential: Exponential | None = None

    @property
    def attempts(self) -> int:
        """Tries after the first."""
        return sum(part.attempts for part in (self.constant, self.exponential) if part is not None)
