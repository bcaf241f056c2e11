"""Which arrows the tests travelled; one that is none fails at once."""

from __future__ import annotations

from windmill_lite.core.flow.advance import ARROWS
from windmill_lite.core.flow.events import Event
from windmill_lite.core.flow.status import Phase

Travelled = tuple[Phase, type[Event], Phase]
SEEN: set[Travelled] = {(Phase.DONE, type(None), Phase.DONE)}  # type: ignore[arg-type]


def travelled(start: Phase, event: Event, end: Phase) -> None:
    allowed = ARROWS.get((start, type(event)), (start,))
    assert end is start or end in allowed, f"no arrow: {start} --{type(event).__name__}--> {end}"
    SEEN.add((start, type(event), end))
