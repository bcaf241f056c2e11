"""How many jobs of a concurrency key may start now, and when more may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `limit` of them run at once and, when there is a window (µs), start within it."""

    limit: int
    window_us: int | None


@dataclass(frozen=True, slots=True)
class Room:
    """`free` jobs may start now, none when it is below 1. `at` (µs): when the window lets the next
    one start, while it lets none; the end of a running job is not foreseen.
    """

    free: int
    at: int | None


def room(rule: Rule, *, running: int, starts: Sequence[int], now: int) -> Room:
    """`starts` (µs) are the latest ones, the newest first; `limit` of them are enough."""
    free = rule.limit - running
    if rule.window_us is None:
        return Room(free, None)
    recent = [start for start in starts if start > now - rule.window_us]
    if len(recent) < rule.limit:
        return Room(min(free, rule.limit - len(recent)), None)
    return Room(min(free, 0), recent[rule.limit - 1] + rule.window_us)
