"""What a version asks of the cells of its runs, as it is written to each of them."""

from __future__ import annotations

from windmill_lite.base.codec import canonical, loads
from windmill_lite.model.script import CellRules


def written(rules: CellRules) -> str | None:
    """JSON; None when nothing is asked."""
    asked = {"dedicated": True} if rules.dedicated else {}
    return canonical(asked) if asked else None


def read(text: str | None) -> CellRules:
    """What `written` wrote."""
    asked = loads(text) if text else {}
    return CellRules(dedicated="dedicated" in asked)
