"""When a cron expression fires in a time zone. The only file that imports croniter, which here
counts on a clock that is never set; what a change of the clocks does is decided below.

**An expression that names its hours** (`0 30 2 * * *`) means the clock on the wall. A time that is
left out when clocks are set forward fires once, at the first instant after the gap, however many
times fall into the gap; a time that comes twice fires once, at its first coming.

**An expression that repeats by the hour** (`*` or a step in the hour field) follows elapsed time:
it fires at every instant whose wall clock matches. Every half hour stays every half hour through a
change of the clocks, with none lost and none doubled. (A step of more hours keeps to its hours of
the clock, so at a change two of its ticks are an hour nearer or farther than usual.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from croniter import CroniterBadCronError, CroniterBadDateError, croniter

from windmill_lite.core.schedule import expression as grammar
from windmill_lite.core.schedule.zones import instant, next_change, overlap_end, wall, zone

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEW_YEAR = datetime(2000, 1, 1)  # noqa: DTZ001  a wall time
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Cron:
    """A good expression in a zone that exists."""

    expression: grammar.Expression
    tz: ZoneInfo

    def after(self, moment: int) -> Iterator[int]:
        """Every tick strictly after `moment`, in order. Units: µs UTC, on whole seconds."""
        at = EPOCH + timedelta(seconds=moment // 1_000_000)
        walls = _Walls(self.expression)
        seek = _next_elapsed if self.expression.elapsed else _next_named
        while (found := seek(walls, at, self.tz)) is not None:
            yield (found - EPOCH) // _SECOND * 1_000_000
            at = found

    def next_after(self, moment: int) -> int | None:
        """The first tick strictly after `moment` (µs); None when there is none in this age."""
        return next(self.after(moment), None)

    def first(self, count: int, moment: int) -> list[int]:
        """The next `count` ticks, fewer when the expression ends."""
        return list(islice(self.after(moment), count))


def parse(expression: str, timezone: str) -> Cron:
    """Fails: `Invalid` for what is no expression, what never comes, and unknown zones."""
    parsed = grammar.parse(expression)
    if _Walls(parsed).after(NEW_YEAR) is None:
        raise grammar.not_cron(expression, "that day never comes")
    return Cron(parsed, zone(timezone))


def next_after(expression: str, timezone: str, after: int) -> int | None:
    """The first tick strictly after a moment. Units: µs UTC. Fails: as `parse`."""
    return parse(expression, timezone).next_after(after)


class _Walls:
    """The times an expression names, on a clock that is never set."""

    def __init__(self, parsed: grammar.Expression) -> None:
        try:
            self._counter = croniter(
                " ".join(parsed.fields),
                NEW_YEAR,
                ret_type=datetime,
                second_at_beginning=len(parsed.fields) == 6,
            )
        except CroniterBadCronError:
            raise grammar.not_cron(parsed.text, "its parts do not fit together") from None

    def after(self, shown: datetime) -> datetime | None:
        """The first one strictly after `shown`; None when there is none within fifty years."""
        self._counter.set_current(shown)
        try:
            found: datetime = self._counter.get_next(datetime)
        except (CroniterBadDateError, OverflowError):
            return None
        return found


def _next_named(walls: _Walls, at: datetime, tz: ZoneInfo) -> datetime | None:
    repeated_until = overlap_end(at, tz)
    shown = wall(at, tz) if repeated_until is None else repeated_until - _SECOND
    while (following := walls.after(shown)) is not None:
        found = instant(following, tz)
        if found > at:
            return found
        shown = following
    return None


def _next_elapsed(walls: _Walls, at: datetime, tz: ZoneInfo) -> datetime | None:
    """Between two changes of the clocks the wall clock is UTC plus a constant: look for a match
    there; when the clocks are set before it comes, look again from that instant on.
    """
    start, shown = at, wall(at, tz)
    offset = shown - _naive(at)
    while (following := walls.after(shown)) is not None:
        found = (following - offset).replace(tzinfo=UTC)
        change = next_change(start, found, tz)
        if change is None:
            return found
        start, offset = change, wall(change, tz) - _naive(change)
        shown = wall(change, tz) - _SECOND  # the instant of the change may match itself
    return None


def _naive(at: datetime) -> datetime:
    return at.replace(tzinfo=None)
