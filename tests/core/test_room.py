"""How many jobs of a concurrency key may start, and when more may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windmill_lite.core.jobs.room import Room, Rule, room

NOW = 1_000


@pytest.mark.parametrize(
    ("rule", "running", "starts", "found"),
    [
        (Rule(2, None), 0, [], Room(2, None)),
        (Rule(2, None), 1, [], Room(1, None)),
        (Rule(2, None), 2, [], Room(0, None)),
        (Rule(1, None), 3, [], Room(-2, None)),  # the limit was lowered meanwhile
        (Rule(2, 100), 0, [950], Room(1, None)),
        (Rule(2, 100), 0, [950, 930], Room(0, 1_030)),
        (Rule(2, 100), 2, [950, 930], Room(0, 1_030)),
        (Rule(2, 100), 0, [950, 900], Room(1, None)),  # the older one has just left the window
        (Rule(2, 100), 2, [500, 400], Room(0, None)),  # long ones still run
        (Rule(1, 100), 0, [990, 980], Room(0, 1_090)),
    ],
)
def test_a_key_has_room_by_what_runs_and_by_what_started_lately(
    rule: Rule, running: int, starts: list[int], found: Room
) -> None:
    assert room(rule, running=running, starts=starts, now=NOW) == found


@given(
    st.integers(1, 5),
    st.integers(1, 50),
    st.lists(st.integers(1, 30), max_size=60),
)
def test_whoever_starts_only_when_there_is_room_never_breaks_the_window(
    limit: int, window: int, steps: list[int]
) -> None:
    rule, starts, now = Rule(limit, window), list[int](), 0
    for step in steps:
        now += step
        found = room(rule, running=0, starts=starts[:limit], now=now)
        if found.free > 0:
            starts.insert(0, now)
        else:
            assert found.at is not None
            assert found.at > now
            later = room(rule, running=0, starts=starts[:limit], now=found.at)
            assert later.free > 0, "at the moment that was told there is room"
    for start in starts:
        assert len([s for s in starts if start - window < s <= start]) <= limit
