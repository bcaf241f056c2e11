"""Seconds and widths that an expression may give."""

from __future__ import annotations

import math

from windmill_lite.core.flow.errors import shown
from windmill_lite.core.flow.events import Ask, Broken
from windmill_lite.core.flow.turn import Turn
from windmill_lite.model.openflow.shape import Transform


def number(
    turn: Turn, transform: Transform | None, ask: Ask, *, least: float, most: float
) -> float | Broken | None:
    """None as well for null: then there is no such limit."""
    if transform is None:
        return None
    value = turn.value(transform, ask)
    if value is None or isinstance(value, Broken):
        return value
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if good and least <= value <= most:
        return float(value)
    words = f"{ask.field}: must be a number between {least:g} and {most:g}, not {shown(value)}"
    return Broken("InvalidNumber", words)
