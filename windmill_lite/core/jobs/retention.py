"""Which completed runs may go. Times in µs UTC; a rule of 0 days keeps for ever.

Of several rules the most specific speaks: the path itself, then the longest `…/*` above it, then
the workspace, then the instance.
"""

from __future__ import annotations

from collections.abc import Sequence

from windmill_lite.model.retention import Rule, Tree

DAY = 24 * 3600 * 1_000_000


def days_for(rules: Sequence[Rule], path: str | None, *, default: int) -> int:
    """For how many days runs of a path are kept."""
    speaking = [rule for rule in rules if _speaks(rule, path or "")]
    return max(speaking, key=_precision).days if speaking else default


def _speaks(rule: Rule, path: str) -> bool:
    if rule.path.endswith("/*"):
        return path.startswith(rule.path[:-1])
    return rule.path in ("", path)


def _precision(rule: Rule) -> tuple[bool, int]:
    return (bool(rule.path) and not rule.path.endswith("/*"), len(rule.path))


def horizon(rules: Sequence[Rule], now: int, *, default: int) -> int | None:
    """Nothing that completed after this moment may go; None: nothing at all."""
    days = [rule.days for rule in rules if rule.days]
    whole = next((rule.days for rule in rules if not rule.path), default)
    shortest = min([*days, whole] if whole else days, default=None)
    return None if shortest is None else now - shortest * DAY


def over(rules: Sequence[Rule], tree: Tree, now: int, *, default: int) -> bool:
    """Whether the whole tree has had its time. One with a living member has not."""
    days = days_for(rules, tree.path, default=default)
    return not tree.alive and days > 0 and tree.completed_at < now - days * DAY


def spared(rules: Sequence[Rule], tree: Tree, before: int) -> bool:
    """Whether a tree stays although room is needed: it lives, it is younger than `before`, or a
    rule of its workspace keeps it for ever. The instance's own default does not.
    """
    kept = days_for(rules, tree.path, default=1) == 0
    return kept or tree.alive > 0 or tree.completed_at >= before
