"""The harness can fail: take one guard away from the product, and it does."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.sim.cluster.run import simulate
from tests.sim.invariants import ViolationError
from tests.sim.planted import PLANTED, SEEDS, Planted
from tests.sim.scenarios import SCENARIOS
from tests.sim.sweep import sweep
from windmill_lite.store.db.port import Db

SWEPT = [planted for planted in PLANTED if planted.scenario]
SIMULATED = [planted for planted in PLANTED if not planted.scenario]


@pytest.mark.parametrize("planted", SIMULATED, ids=lambda planted: planted.name)
def test_a_planted_fault_is_noticed_in_a_cluster(
    planted: Planted, monkeypatch: pytest.MonkeyPatch, counted: Counter[str]
) -> None:
    planted.plant(monkeypatch)
    for seed in range(planted.first, planted.first + SEEDS):
        if simulate(seed, more=planted.more).faults:
            counted["planted faults noticed"] += 1
            return
    pytest.fail(f"{SEEDS} seeds have seen nothing")


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("planted", SWEPT, ids=lambda planted: planted.name)
async def test_a_planted_fault_is_noticed_in_a_sweep(
    planted: Planted, quick_db: Db, monkeypatch: pytest.MonkeyPatch, counted: Counter[str]
) -> None:
    planted.plant(monkeypatch)
    scenario = next(each for each in SCENARIOS if each.name == planted.scenario)
    with pytest.raises(ViolationError):
        await sweep(quick_db, scenario)
    counted["planted faults noticed"] += 1
