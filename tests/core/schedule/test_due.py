"""What a schedule owes: on time, after an outage, after a clock that jumped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windmill_lite.core.schedule.cron import Cron, parse
from windmill_lite.core.schedule.due import Owed, latest, owed
from windmill_lite.model import limits
from windmill_lite.model.schedule import Missed

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
DAILY, HOURLY, MINUTELY, SECONDLY = (
    parse(text, "UTC") for text in ("0 0 * * *", "0 * * * *", "* * * * *", "* * * * * *")
)


def us(clock: str, day: int = 1) -> int:
    """`"09:30:15"` on a day of January."""
    hour, minute, second = map(int, clock.split(":"))
    moment = MIDNIGHT + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)
    return (moment - EPOCH) // timedelta(microseconds=1)


def test_a_tick_that_is_on_time_runs() -> None:
    found = owed(HOURLY, next_at=us("09:00:00"), now=us("09:00:00") + 1500)
    assert found == Owed((us("09:00:00"),), None, us("10:00:00"))
    assert found.last_at == us("09:00:00")


def test_ticks_that_are_a_little_late_all_run() -> None:
    found = owed(SECONDLY, next_at=us("09:00:00"), now=us("09:00:04"))
    assert found.run == tuple(us(f"09:00:0{n}") for n in range(5))
    assert found.missed is None
    assert found.next_at == us("09:00:05")


def test_after_an_outage_the_last_missed_tick_runs_once() -> None:
    found = owed(HOURLY, next_at=us("02:00:00"), now=us("09:40:00"))
    assert found.run == (us("09:00:00"),)
    assert found.missed == Missed(us("02:00:00"), us("08:00:00"), 7)
    assert found.next_at == us("10:00:00")


def test_after_an_outage_ticks_that_are_still_on_time_take_the_place_of_the_missed_ones() -> None:
    found = owed(MINUTELY, next_at=us("02:00:00"), now=us("03:00:00"))
    assert found.run == (us("02:58:00"), us("02:59:00"), us("03:00:00"))
    assert found.missed == Missed(us("02:00:00"), us("02:57:00"), 58)


def test_a_missed_tick_that_is_too_old_is_skipped() -> None:
    found = owed(DAILY, next_at=us("00:00:00"), now=us("01:00:01"))
    assert found == Owed((), Missed(us("00:00:00"), us("00:00:00"), 1), us("00:00:00", day=2))
    assert found.last_at == us("00:00:00")
    assert owed(DAILY, next_at=us("00:00:00"), now=us("01:00:00")).run == (us("00:00:00"),)


def test_a_million_missed_ticks_are_one_record() -> None:
    found = owed(SECONDLY, next_at=us("00:00:00"), now=us("00:00:00", day=13))
    assert len(found.run) == limits.SCHEDULE_ON_TIME_S + 1
    last = found.run[0] - SECOND
    assert found.missed == Missed(us("00:00:00"), last, limits.SCHEDULE_MISSED_MAX)


def test_the_end_of_an_expression_is_no_further_tick() -> None:
    far = parse("0 0 29 2 *", "UTC")
    found = owed(far, next_at=us("00:00:00"), now=us("00:00:10"))
    assert found.run == (us("00:00:00"),), "what was announced stands, whatever the grid says now"


CRONS = st.sampled_from([DAILY, HOURLY, MINUTELY, SECONDLY, parse("0 */7 1,2 * * 1-5", "UTC")])
UNHURRIED = settings(deadline=None, max_examples=60)
SECONDS = st.integers(min_value=0, max_value=3 * 24 * 3600)


@UNHURRIED
@given(CRONS, SECONDS, SECONDS)
def test_every_tick_up_to_now_has_exactly_one_turn(cron: Cron, begin: int, silence: int) -> None:
    next_at = cron.next_after(us("00:00:00") + begin * SECOND)
    assert next_at is not None
    now = next_at + silence * SECOND
    found = owed(cron, next_at=next_at, now=now)
    skipped = (found.missed.at, found.missed.until) if found.missed else (next_at, next_at - 1)
    assert skipped[0] == next_at
    if found.run:
        assert cron.next_after(skipped[1]) == found.run[0]
        assert list(found.run) == cron.first(len(found.run), skipped[1])
    assert found.next_at == cron.next_after(now) == cron.next_after(found.last_at)


@UNHURRIED
@given(CRONS, SECONDS, SECONDS)
def test_the_latest_tick_is_the_last_of_all(cron: Cron, begin: int, silence: int) -> None:
    after = us("00:00:00") + begin * SECOND
    until = after + silence % 300 * SECOND
    ticks = list(takewhile(lambda tick: tick <= until, cron.after(after)))
    assert latest(cron, after=after, until=until) == (ticks[-1] if ticks else None)


def test_a_schedule_that_is_not_due_is_not_asked() -> None:
    with pytest.raises(AssertionError):
        owed(HOURLY, next_at=us("09:00:00"), now=us("08:59:59"))
