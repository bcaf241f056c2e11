"""A newer job takes the place of one that waits, but not for ever."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windmill_lite.core.jobs.debounce import Pending, Place, merged, place
from windmill_lite.model.job import Debounce

S = 1_000_000
NOW = 1_000 * S


@pytest.mark.parametrize(
    ("rule", "pending", "found"),
    [
        (Debounce("k", 5), None, Place(NOW + 5 * S, NOW, 0, replaces=False)),
        (
            Debounce("k", 5),
            Pending(NOW - 9 * S, 3),
            Place(NOW + 5 * S, NOW - 9 * S, 4, replaces=True),
        ),
        (
            Debounce("k", 5, max_total_s=9),
            Pending(NOW - 9 * S, 3),
            Place(NOW + 5 * S, NOW, 0, replaces=False),
        ),
        (
            Debounce("k", 5, max_total_s=10),
            Pending(NOW - 9 * S, 3),
            Place(NOW + 5 * S, NOW - 9 * S, 4, replaces=True),
        ),
        (
            Debounce("k", 5, max_count=3),
            Pending(NOW - 9 * S, 3),
            Place(NOW + 5 * S, NOW, 0, replaces=False),
        ),
    ],
)
def test_the_place_of_a_newer_job(rule: Debounce, pending: Pending | None, found: Place) -> None:
    assert place(rule, pending, NOW) == found


@given(st.integers(1, 10), st.integers(1, 30), st.lists(st.integers(0, 12), min_size=1))
def test_nothing_is_put_off_longer_than_the_limit_and_one_delay(
    delay: int, most: int, steps: list[int]
) -> None:
    rule, now, pending, due = Debounce("k", delay, max_total_s=most), 0, None, 0
    for step in steps:
        now += step * S
        if pending is not None and now >= due:
            pending = None  # it has run
        found = place(rule, pending, now)
        pending, due = Pending(found.since, found.count), found.scheduled_for
        assert due - found.since <= (most + delay) * S


@pytest.mark.parametrize(
    ("older", "newer", "found"),
    [
        ({"a": [1], "b": 1}, {"a": [2], "b": 2}, {"a": [1, 2], "b": 2}),
        ({"a": [1]}, {}, {"a": [1]}),
        ({}, {"a": [2]}, {"a": [2]}),
        ({"a": 1}, {"a": [2]}, {"a": [2]}),
        ({"a": [1]}, {"a": "text"}, {"a": "text"}),
    ],
)
def test_lists_go_on_growing(
    older: dict[str, object], newer: dict[str, object], found: dict[str, object]
) -> None:
    assert merged(older, newer, ("a",)) == found
