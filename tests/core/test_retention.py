"""Which completed runs may go: the most specific rule speaks, and what lives stays."""

from __future__ import annotations

from uuid import UUID

import pytest

from windmill_lite.core.jobs.retention import DAY, days_for, horizon, over, spared
from windmill_lite.model.retention import Rule, Tree

RULES = (
    Rule("", 20),
    Rule("f/*", 15),
    Rule("f/ops/*", 7),
    Rule("f/ops/audit/*", 0),
    Rule("f/ops/nightly", 1),
    Rule("u/ada/*", 90),
)
NOW = 1000 * DAY


def tree(path: str | None = "f/ops/x", *, age_days: float, alive: int = 0) -> Tree:
    return Tree(UUID(int=1), path, NOW - int(age_days * DAY), alive)


@pytest.mark.parametrize(
    ("path", "days"),
    [
        (None, 20),
        ("u/bob/x", 20),
        ("u/ada/x", 90),
        ("f/lab/x", 15),
        ("f/ops/x", 7),
        ("f/ops/nightly", 1),
        ("f/ops/nightly/more", 7),
        ("f/opsx/x", 15),
        ("f/ops/audit/x", 0),
        ("f/ops/audit", 7),
    ],
)
def test_the_most_specific_rule_speaks(path: str | None, days: int) -> None:
    assert days_for(RULES, path, default=30) == days


def test_where_no_rule_speaks_the_instance_does() -> None:
    assert days_for((), "f/ops/x", default=30) == 30
    assert days_for((Rule("f/lab/*", 1),), "f/ops/x", default=30) == 30


@pytest.mark.parametrize(
    ("rules", "default", "days"),
    [
        ((), 30, 30),
        ((), 0, None),
        ((Rule("", 0),), 30, None),
        ((Rule("", 0), Rule("f/x/y", 5)), 30, 5),
        ((Rule("f/x/y", 50),), 30, 30),
        ((Rule("f/x/y", 50),), 0, 50),
        (RULES, 30, 1),
    ],
)
def test_the_horizon_is_the_shortest_time_of_any_rule(
    rules: tuple[Rule, ...], default: int, days: int | None
) -> None:
    assert horizon(rules, NOW, default=default) == (None if days is None else NOW - days * DAY)


@pytest.mark.parametrize(
    ("found", "goes"),
    [
        (tree(age_days=6.9), False),
        (tree(age_days=7.1), True),
        (tree(age_days=7.1, alive=1), False),
        (tree("f/ops/audit/x", age_days=900), False),
        (tree(None, age_days=19), False),
        (tree(None, age_days=21), True),
    ],
)
def test_a_tree_goes_when_it_is_over(found: Tree, *, goes: bool) -> None:
    assert over(RULES, found, NOW, default=30) is goes
    assert not over((), found, NOW, default=0)


@pytest.mark.parametrize(
    ("found", "stays"),
    [
        (tree(age_days=1), False),
        (tree(age_days=1, alive=1), True),
        (tree(age_days=0), True),
        (tree("f/ops/audit/x", age_days=900), True),
    ],
)
def test_what_stays_although_room_is_needed(found: Tree, *, stays: bool) -> None:
    assert spared(RULES, found, NOW - DAY // 2) is stays
    if found.path != "f/ops/audit/x":
        assert spared((), found, NOW - DAY // 2) is stays
