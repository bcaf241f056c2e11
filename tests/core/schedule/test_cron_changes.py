"""What a change of the clocks does to a schedule: examples, and a table of zones and changes worked
out from the policy minute by minute.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.core.schedule._moments import ZONES, at, us
from windmill_lite.core.schedule.cron import next_after, parse


def ticks(expression: str, timezone: str, start: str, count: int) -> list[str]:
    """The ticks after a wall time, as the wall clock shows them with its offset."""
    tz = ZoneInfo(timezone)
    moment = us(datetime.fromisoformat(start).replace(tzinfo=tz))
    found = parse(expression, timezone).first(count, moment)
    return [at(tick).astimezone(tz).isoformat(" ") for tick in found]


@pytest.mark.parametrize(
    ("expression", "timezone", "start", "expected"),
    [
        # A gap: once, at the first instant after it, however many times fall into it.
        (
            "0 30 2 * * *",
            "Europe/Paris",
            "2026-03-28 12:00",
            ["2026-03-29 03:00:00+02:00", "2026-03-30 02:30:00+02:00"],
        ),
        (
            "0 */20 2 * * *",
            "Europe/Paris",
            "2026-03-28 12:00",
            ["2026-03-29 03:00:00+02:00", "2026-03-30 02:00:00+02:00"],
        ),
        (
            "0 0,30 2,3 * * *",
            "Europe/Paris",
            "2026-03-28 12:00",
            ["2026-03-29 03:00:00+02:00", "2026-03-29 03:30:00+02:00", "2026-03-30 02:00:00+02:00"],
        ),
        # Clocks that are set forward at midnight, and by half an hour, and by a day.
        ("0 0 0 * * *", "Africa/Cairo", "2026-04-23 12:00", ["2026-04-24 01:00:00+03:00"]),
        ("0 15 2 * * *", "Australia/Lord_Howe", "2026-10-03 12:00", ["2026-10-04 02:30:00+11:00"]),
        (
            "0 0 9 * * *",
            "Pacific/Apia",
            "2011-12-29 08:00",
            ["2011-12-29 09:00:00-10:00", "2011-12-31 00:00:00+14:00", "2011-12-31 09:00:00+14:00"],
        ),
        # An overlap: once, at the first coming.
        (
            "0 30 2 * * *",
            "Europe/Paris",
            "2026-10-24 12:00",
            ["2026-10-25 02:30:00+02:00", "2026-10-26 02:30:00+01:00"],
        ),
        (
            "0 */30 1 * * *",
            "America/New_York",
            "2026-10-31 12:00",
            ["2026-11-01 01:00:00-04:00", "2026-11-01 01:30:00-04:00", "2026-11-02 01:00:00-05:00"],
        ),
        # Repeated by the hour: elapsed time, none lost and none doubled.
        (
            "0 30 * * * *",
            "America/New_York",
            "2026-03-08 00:45",
            ["2026-03-08 01:30:00-05:00", "2026-03-08 03:30:00-04:00"],
        ),
        (
            "0 30 * * * *",
            "America/New_York",
            "2026-11-01 00:45",
            ["2026-11-01 01:30:00-04:00", "2026-11-01 01:30:00-05:00", "2026-11-01 02:30:00-05:00"],
        ),
        (
            "0 0 */2 * * *",
            "Europe/Paris",
            "2026-10-25 00:30",
            ["2026-10-25 02:00:00+02:00", "2026-10-25 02:00:00+01:00", "2026-10-25 04:00:00+01:00"],
        ),
        ("0 0 */2 * * *", "Europe/Paris", "2026-03-29 00:30", ["2026-03-29 04:00:00+02:00"]),
    ],
)
def test_a_change_of_the_clocks(
    expression: str, timezone: str, start: str, expected: list[str]
) -> None:
    assert ticks(expression, timezone, start, len(expected)) == expected


def test_the_second_coming_of_an_hour_is_over_for_what_names_its_hours() -> None:
    tz = ZoneInfo("Europe/Paris")
    second_coming = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=tz)
    for expression, expected in (
        ("* * 2 * * *", datetime(2026, 10, 26, 2, tzinfo=tz)),
        ("0 0 3 * * *", datetime(2026, 10, 25, 3, tzinfo=tz)),
        ("0 * * * * *", datetime(2026, 10, 25, 2, 11, fold=1, tzinfo=tz)),
    ):
        found = next_after(expression, "Europe/Paris", us(second_coming.astimezone(UTC)))
        assert found == us(expected.astimezone(UTC)), expression


# The table of R17: what the policy says, worked out second by second from the zone alone.

EXPRESSIONS = (
    "0 30 * * * *",
    "0 0 */3 * * *",
    "0 0 0 * * *",
    "0 30 0-3 * * *",
    "0 */15 1,2 * * *",
    "0 10,40 2 * * *",
)
_MINUTE = timedelta(minutes=1)


def changes(timezone: str, count: int = 4) -> list[datetime]:
    """The next changes of the clocks, to the minute."""
    tz = ZoneInfo(timezone)
    found: list[datetime] = []
    hour = datetime(2022, 1, 1, tzinfo=UTC)
    while len(found) < count:
        following = hour + timedelta(hours=1)
        if hour.astimezone(tz).utcoffset() != following.astimezone(tz).utcoffset():
            minutes = [hour + n * _MINUTE for n in range(61)]
            offsets = [m.astimezone(tz).utcoffset() for m in minutes]
            found.append(next(m for m, o in zip(minutes, offsets, strict=True) if o != offsets[0]))
        hour = following
    return found


def matches(expression: str, shown: datetime) -> bool:
    """By the letter, for the few forms in the table."""
    _, minutes, hours, *_ = expression.split()
    return _holds(minutes, shown.minute) and _holds(hours, shown.hour)


def _holds(field: str, value: int) -> bool:
    if field.startswith("*"):
        return value % int(field.partition("/")[2] or 1) == 0
    if "-" in field:
        low, high = map(int, field.split("-"))
        return low <= value <= high
    return value in map(int, field.split(","))


def by_the_policy(expression: str, timezone: str, start: datetime, stop: datetime) -> list[int]:
    """Every tick in (start, stop], minute by minute."""
    tz = ZoneInfo(timezone)
    found = []
    instants = [start + n * _MINUTE for n in range(1, (stop - start) // _MINUTE + 1)]
    if "*" in expression.split()[2]:
        return [us(i) for i in instants if matches(expression, i.astimezone(tz))]
    seen: set[datetime] = {start.astimezone(tz).replace(tzinfo=None, fold=0)}
    for instant in instants:
        before = (instant - _MINUTE).astimezone(tz).replace(tzinfo=None, fold=0)
        shown = instant.astimezone(tz).replace(tzinfo=None, fold=0)
        left_out = [before + n * _MINUTE for n in range(1, (shown - before) // _MINUTE)]
        due = any(matches(expression, wall) for wall in left_out)
        if (matches(expression, shown) and shown not in seen) or due:
            found.append(us(instant))
        seen.add(shown)
    return found


@pytest.mark.parametrize("timezone", ZONES)
def test_the_table_of_zones_and_changes_equals_the_policy(timezone: str) -> None:
    for change in changes(timezone):
        start, stop = change - timedelta(hours=30), change + timedelta(hours=30)
        for expression in EXPRESSIONS:
            expected = by_the_policy(expression, timezone, start, stop)
            found = parse(expression, timezone).first(len(expected) + 1, us(start))
            assert found[:-1] == expected, (expression, change)
            assert found[-1] > us(stop)
