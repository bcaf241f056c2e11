"""A newer job takes the place of one that still waits out its delay, but not for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from windmill_lite.base.codec import Json
from windmill_lite.model.job import Debounce


@dataclass(frozen=True, slots=True)
class Pending:
    """The job of the key that waits now, and those it stands for. Units: µs."""

    since: int  # when the first of them was asked for
    count: int  # how many it has replaced


@dataclass(frozen=True, slots=True)
class Place:
    """Where the newer job goes; `replaces` the one that waits, or goes behind it."""

    scheduled_for: int
    since: int
    count: int
    replaces: bool


def place(rule: Debounce, pending: Pending | None, now: int) -> Place:
    """Once a job was put off for too long or too often it keeps its place, and the newer one begins
    anew behind it.
    """
    due = now + rule.delay_s * 1_000_000
    if pending is None or _enough(rule, pending, now):
        return Place(due, since=now, count=0, replaces=False)
    return Place(due, since=pending.since, count=pending.count + 1, replaces=True)


def _enough(rule: Debounce, pending: Pending, now: int) -> bool:
    if rule.max_total_s is not None and now - pending.since >= rule.max_total_s * 1_000_000:
        return True
    return rule.max_count is not None and pending.count >= rule.max_count


def merged(
    older: Mapping[str, Json], newer: Mapping[str, Json], names: Sequence[str]
) -> dict[str, Json]:
    """The newer arguments, with what the older one had of each named list before it."""
    args = dict(newer)
    for name in names:
        before, after = older.get(name), args.get(name)
        if isinstance(before, list) and (after is None or isinstance(after, list)):
            args[name] = [*before, *(after or [])]
    return args
