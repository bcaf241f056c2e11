"""What a flow asks of its runs as a whole, from its definition and the options beside it."""

from __future__ import annotations

from collections.abc import Mapping

from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Invalid
from windmill_lite.model import limits
from windmill_lite.model.openflow.shape import Flow
from windmill_lite.model.script import CellRules, Concurrency, Debouncing, RunSettings


def run_settings(flow: Flow) -> RunSettings:
    """Fails: `Invalid`, naming the option that cannot be honoured."""
    priority = flow.priority or 0
    if not 0 <= priority <= limits.PRIORITY_MAX:
        most = limits.PRIORITY_MAX
        raise Invalid(f"priority must be a whole number from 0 to {most}", field="priority")
    return RunSettings(
        priority=priority,
        concurrency=_concurrency(flow),
        debouncing=_debouncing(flow),
        cache_ttl_s=flow.cache_s or None,
    )


def cell_rules(options: Mapping[str, Json]) -> CellRules:
    """Of the flow's own steps that run code; a flow inside of it says it for its own."""
    return CellRules(dedicated=options.get("dedicated_worker") is True)


def _concurrency(flow: Flow) -> Concurrency | None:
    rule = flow.concurrency
    return None if rule is None else Concurrency(rule.limit, rule.window_s or None, rule.key)


def _debouncing(flow: Flow) -> Debouncing | None:
    rule = flow.debounce
    if rule is None:
        return None
    return Debouncing(
        rule.delay_s,
        key=rule.key,
        max_total_s=rule.total_s_max or None,
        max_count=rule.count_max or None,
        accumulate=rule.accumulate,
    )
