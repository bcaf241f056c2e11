"""Time zones: from what clocks on the wall show to instants and back, at changes of the clocks too.

Instants are whole seconds, aware UTC; wall times are naive. Where clocks are set back they show the
same times twice (an overlap); where they are set forward they leave some out (a gap).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from windmill_lite.base.errors import Invalid

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*\Z")
_OF_THE_MACHINE = ("localtime", "posixrules")  # files that mean another zone on each node
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def zone(name: str) -> ZoneInfo:
    """Fails: `Invalid` for what is no name of the tz database."""
    if len(name) <= 64 and _NAME.match(name) and name not in _OF_THE_MACHINE:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    raise Invalid(
        f"{name!r} is not a time zone; write one of the tz database, as Europe/Paris or UTC",
        field="timezone",
    )


def wall(instant: datetime, tz: ZoneInfo) -> datetime:
    """What clocks show."""
    return instant.astimezone(tz).replace(tzinfo=None, fold=0)


def instant(shown: datetime, tz: ZoneInfo) -> datetime:
    """When clocks first show this; for a time in a gap, the first instant after the gap."""
    found = shown.replace(tzinfo=tz, fold=0).astimezone(UTC)
    if wall(found, tz) == shown:
        return found
    before = shown.replace(tzinfo=tz, fold=1).astimezone(UTC)
    change = next_change(before, found, tz)
    assert change is not None, "a time that does not exist lies at a change of the clocks"
    return change


def next_change(start: datetime, stop: datetime, tz: ZoneInfo) -> datetime | None:
    """The first instant in (start, stop] at which clocks are set; None when they are not."""
    offset = _offset(start, tz)
    low = start
    while low < stop:
        high = min(low + _DAY, stop)
        if _offset(high, tz) != offset:
            return _bisected(low, high, tz)
        low = high
    return None


def overlap_end(at: datetime, tz: ZoneInfo) -> datetime | None:
    """When clocks show `at` for the second time, the wall time at which they are done repeating."""
    local = at.astimezone(tz)
    if not local.fold:
        return None
    repeated = at - local.replace(fold=0).astimezone(UTC)
    change = next_change(at - repeated, at, tz)
    assert change is not None, "a repeated time follows a change of the clocks"
    return wall(change, tz) + repeated


def _offset(at: datetime, tz: ZoneInfo) -> timedelta | None:
    return at.astimezone(tz).utcoffset()


def _bisected(low: datetime, high: datetime, tz: ZoneInfo) -> datetime:
    """The first second with another offset than `low`."""
    offset = _offset(low, tz)
    while high - low > _SECOND:
        middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
        if _offset(middle, tz) == offset:
            low = middle
        else:
            high = middle
    return high
