"""What a workspace says about how long its runs are kept; prune.py does it."""

from __future__ import annotations

from collections.abc import Sequence

from windmill_lite.base.errors import Invalid
from windmill_lite.core.access import require_admin
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.paths import check_path
from windmill_lite.model.retention import Retention, Rule
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import prune
from windmill_lite.store.people.scope import Scope


async def read(world: World, scope: Scope) -> Retention:
    """For admins."""
    require_admin(scope.identity)
    async with world.db.view() as view:
        rules = await prune.rules_of(view, scope.workspace)
    days = next((rule.days for rule in rules if not rule.path), None)
    paths = tuple(rule for rule in rules if rule.path)
    keeping = world.keeping
    return Retention(days, paths, keeping.retention_days, keeping.max_disk_bytes)


async def write(world: World, scope: Scope, *, days: int | None, paths: Sequence[Rule]) -> None:
    """These rules and no others; runs that have had their time by them go with the next round.

    Fails: `Denied` for who is no admin, `Invalid` naming what is wrong.
    """
    require_admin(scope.identity)
    rules = [_checked(rule) for rule in paths]
    if len(rules) > limits.RETENTION_RULES_MAX:
        raise Invalid(f"paths are more than {limits.RETENTION_RULES_MAX}", field="paths")
    if len({rule.path for rule in rules}) < len(rules):
        raise Invalid("paths name the same path twice", field="paths")
    if days is not None:
        rules.append(Rule("", _checked_days(days, "days")))
    now = world.now()

    async def body(tx: Tx) -> None:
        username = scope.identity.username
        await prune.replace_rules(tx, scope.workspace, rules, changed_by=username, now=now)

    await world.db.write(body)


def _checked(rule: Rule) -> Rule:
    """A path, or a part of the path space with `/*` at its end: `f/ops/*`, `u/*`."""
    _checked_days(rule.days, "paths")
    above = rule.path.removesuffix("/*")
    if above == rule.path:
        check_path(rule.path)
    elif above not in ("u", "f"):
        check_path(f"{above}/x")
    return rule


def _checked_days(days: int, field: str) -> int:
    if not 0 <= days <= limits.RETENTION_DAYS_MAX:
        raise Invalid(
            f"days must be a number from 0 (for ever) to {limits.RETENTION_DAYS_MAX}", field=field
        )
    return days
