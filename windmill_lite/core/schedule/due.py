"""What a schedule owes after a silence, decided from its next tick and the time it is now.

Ticks that are a little late all run: a scheduler restarted, the database was away for a moment. Of
ticks that are later than that (nobody was there: a misfire) the last one runs, once, when it is
still within its grace; the others are skipped, and that is recorded. A clock that was set back owes
nothing: the next tick lies ahead then, and what lies behind it has had its turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, takewhile

from windmill_lite.core.schedule.cron import Cron
from windmill_lite.model import limits
from windmill_lite.model.schedule import Missed

_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Owed:
    """What is to be done about the ticks up to now. `next_at` is strictly after now."""

    run: tuple[int, ...]  # each of these ticks is a job; the oldest first
    missed: Missed | None  # the ticks before them that are skipped
    next_at: int | None  # µs; None: the expression has no further tick

    @property
    def last_at(self) -> int:
        """The last tick that had its turn."""
        if self.run:
            return self.run[-1]
        assert self.missed is not None, "a schedule that is due owes something"
        return self.missed.until


def owed(cron: Cron, *, next_at: int, now: int) -> Owed:
    """`next_at` <= `now` is the oldest tick that had no turn yet. Units: µs UTC."""
    assert next_at <= now, "this schedule is not due"
    late = now - int(limits.SCHEDULE_ON_TIME_S * _SECOND)
    run = list(takewhile(lambda tick: tick <= now, cron.after(max(next_at, late) - 1)))
    if not run:
        last = latest(cron, after=next_at - 1, until=now)
        if last is None:  # the zone's rules changed since: what was announced stands
            last = next_at
        if now - last <= limits.SCHEDULE_GRACE_S * _SECOND:
            run = [last]
    until = run[0] - 1 if run else now
    return Owed(tuple(run), missed(cron, next_at, until), cron.next_after(now))


def latest(cron: Cron, *, after: int, until: int) -> int | None:
    """The last tick in (after, until], found by halving: an outage may hold a million of them."""
    found = cron.next_after(after)
    if found is None or found > until:
        return None
    low, high = found, until
    while high - low >= _SECOND:
        middle = (low + high) // 2
        tick = cron.next_after(middle)
        if tick is not None and tick <= high:
            low = tick
        else:
            high = middle
    return low


def missed(cron: Cron, first: int, until: int) -> Missed | None:
    """The ticks in [first, until], of which `first` is one."""
    if first > until:
        return None
    last = latest(cron, after=first, until=until)
    if last is None:
        return Missed(first, first, 1)
    following = takewhile(lambda tick: tick <= until, cron.after(first))
    return Missed(first, last, 1 + len(list(islice(following, limits.SCHEDULE_MISSED_MAX - 1))))
