"""Every verb, broken at every statement and every commit: nothing is lost, doubled or stuck."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.sim.scenarios import SCENARIOS, Scenario
from tests.sim.sweep import sweep
from windmill_lite.store.db.port import Db

#: On Postgres a statement is a round trip; each scenario begins at another of its points.
POSTGRES_EVERY = 5


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
async def test_a_verb_may_be_broken_at_any_point(
    quick_db: Db, scenario: Scenario, counted: Counter[str]
) -> None:
    every = POSTGRES_EVERY if quick_db.dialect == "postgres" else 1
    swept = await sweep(quick_db, scenario, every=every, first=SCENARIOS.index(scenario) % every)
    assert swept > 0, "nothing was broken"
    counted[f"points on {quick_db.dialect}"] += swept
