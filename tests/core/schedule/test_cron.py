"""When a cron expression fires: its grammar, and what holds for all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.schedule._moments import ZONES, at, us
from windmill_lite.base.errors import Invalid
from windmill_lite.core.schedule.cron import parse


def ticks(expression: str, timezone: str, start: str, count: int) -> list[str]:
    """The ticks after a wall time, as the wall clock shows them with its offset."""
    tz = ZoneInfo(timezone)
    moment = us(datetime.fromisoformat(start).replace(tzinfo=tz))
    found = parse(expression, timezone).first(count, moment)
    return [at(tick).astimezone(tz).isoformat(" ") for tick in found]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 */5 * * * *", ["2026-01-01 00:05:00", "2026-01-01 00:10:00"]),
        ("*/5 * * * *", ["2026-01-01 00:05:00", "2026-01-01 00:10:00"]),
        ("15 0 9 * * 1-5", ["2026-01-01 09:00:15", "2026-01-02 09:00:15", "2026-01-05 09:00:15"]),
        ("0 0 12 * JAN,mar Mon", ["2026-01-05 12:00:00", "2026-01-12 12:00:00"]),
        ("0 0 0 * * 0", ["2026-01-04 00:00:00"]),
        ("0 0 0 * * 7", ["2026-01-04 00:00:00"]),
        ("0 0 0 * * sun", ["2026-01-04 00:00:00"]),
        ("0 0 0 * * fri-sun", ["2026-01-02 00:00:00", "2026-01-03 00:00:00"]),
        ("0 0 0 ? * MON", ["2026-01-05 00:00:00"]),
        ("0 0 0 L * ?", ["2026-01-31 00:00:00", "2026-02-28 00:00:00"]),
        ("0 0 0 15W * *", ["2026-01-15 00:00:00", "2026-02-16 00:00:00"]),
        ("0 0 0 * * 5#2", ["2026-01-09 00:00:00", "2026-02-13 00:00:00"]),
        ("0 0 0 * * friL", ["2026-01-30 00:00:00", "2026-02-27 00:00:00"]),
        ("0 0 0 * * 7L", ["2026-01-25 00:00:00"]),
        ("0 0 0 29 2 *", ["2028-02-29 00:00:00", "2032-02-29 00:00:00"]),
        ("0 0 22-1 * * *", ["2026-01-01 01:00:00", "2026-01-01 22:00:00"]),
        # Either the day or the weekday is enough, as in Unix.
        ("0 0 0 5 * 5", ["2026-01-02 00:00:00", "2026-01-05 00:00:00", "2026-01-09 00:00:00"]),
    ],
)
def test_an_expression_fires_when_it_says(expression: str, expected: list[str]) -> None:
    found = ticks(expression, "UTC", "2026-01-01", len(expected))
    assert found == [f"{moment}+00:00" for moment in expected]


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("0 25 * * *", r"'0 25 \* \* \*' is not a cron expression \(hour 25\)"),
        ("0 0 25 * * *", r"\(hour 25\)"),
        ("60 * * * * *", r"\(second 60\)"),
        ("0 0 0 0 * *", r"\(day 0\)"),
        ("0 0 0 * 13 *", r"\(month 13\)"),
        ("0 0 0 * foo *", r"\(month foo\)"),
        ("0 0 0 * * 8", r"\(weekday 8\)"),
        ("0 0 0 * * 5#6", r"\(weekday 5#6\)"),
        ("*/0 * * * *", r"\(minute \*/0\)"),
        ("*/60 * * * *", r"\(minute \*/60\)"),
        ("1,,2 * * * *", r"\(minute 1,,2\)"),
        ("1- * * * *", r"\(minute 1-\)"),
        ("-1 * * * *", r"\(minute -1\)"),
        ("H * * * *", r"\(minute h\)"),
        ("R(0-9) * * * *", r"\(minute r\(0-9\)\)"),
        ("@daily", r"\(1 fields, not 6 or 5\)"),
        ("0 0 0 * * * 2026", r"\(7 fields, not 6 or 5\)"),
        ("", r"\(0 fields, not 6 or 5\)"),
        ("٣ * * * *", r"\(minute ٣\)"),
        ("0 0 0 30 2 *", r"that day never comes"),
        ("* " * 101, r"longer than 200 characters"),
    ],
)
def test_what_is_no_expression_is_told_with_the_field_that_is_wrong(
    expression: str, why: str
) -> None:
    with pytest.raises(Invalid, match=why) as told:
        parse(expression, "UTC")
    assert told.value.field == "schedule"


@pytest.mark.parametrize(
    ("expression", "same"),
    [
        ("0 0 9 * * *", True),
        ("0 0 9 1,15 * *", True),
        ("0 0 9 * * mon-fri", True),
        ("0 0 9 * * 1-5", False),
        ("0 0 9 1 * mon", False),
    ],
)
def test_what_the_first_syntax_of_windmill_read_otherwise_is_known(
    expression: str, *, same: bool
) -> None:
    assert parse(expression, "UTC").expression.same_in_v1 is same


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "Europe", "localtime", "", "+1"])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="is not a time zone") as told:
        parse("0 0 * * *", name)
    assert told.value.field == "timezone"


# Properties.

UNHURRIED = settings(deadline=None, max_examples=60)
FIELD_60 = st.sampled_from(["*", "0", "7", "*/7", "*/15", "10-20", "3,33,59"])
HOURS = st.sampled_from(["*", "*/5", "0", "1", "2", "2,3", "0-3", "22-1", "23"])
DAYS = st.sampled_from(["*", "1", "15", "29-31", "L", "*/10"])
MONTHS = st.sampled_from(["*", "1-6", "mar,oct", "11"])
WEEKDAYS = st.sampled_from(["*", "0", "1-5", "sun", "sat,sun"])
CRONS = st.tuples(FIELD_60, FIELD_60, HOURS, DAYS, MONTHS, WEEKDAYS).map(" ".join)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@UNHURRIED
@given(CRONS, st.sampled_from(ZONES), MOMENTS)
def test_ticks_only_grow_and_begin_after_the_moment_asked_for(
    expression: str, timezone: str, moment: datetime
) -> None:
    found = [us(moment), *parse(expression, timezone).first(20, us(moment))]
    assert all(earlier < later for earlier, later in pairwise(found))
    assert all(tick % 1_000_000 == 0 for tick in found[1:])


@UNHURRIED
@given(CRONS, st.sampled_from(ZONES), MOMENTS)
def test_the_grid_does_not_depend_on_where_one_begins(
    expression: str, timezone: str, moment: datetime
) -> None:
    cron = parse(expression, timezone)
    first, *rest = cron.first(4, us(moment))
    assert cron.first(3, first) == rest
    assert cron.next_after(first - 1) == first
    assert cron.next_after((us(moment) + first) // 2) == first


@UNHURRIED
@given(CRONS, st.sampled_from(ZONES), MOMENTS)
def test_every_tick_is_on_the_wall_or_at_a_change_of_the_clocks(
    expression: str, timezone: str, moment: datetime
) -> None:
    tz = ZoneInfo(timezone)
    on_utc = parse(expression, "UTC")
    for tick in parse(expression, timezone).first(10, us(moment)):
        shown = us(at(tick).astimezone(tz).replace(tzinfo=UTC))
        if on_utc.next_after(shown - 1) != shown:
            before = at(tick - 1).astimezone(tz).utcoffset()
            assert at(tick).astimezone(tz).utcoffset() != before, "off the grid"
