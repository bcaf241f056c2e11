"""A small cluster, everything that can break, one seed after the other."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.sim.cluster.plan import STEPS, WITH_FLOWS, draw
from tests.sim.cluster.run import simulate
from tests.sim.cluster.search import shortest, told
from tests.sim.cluster.server import PostgresServer
from windmill_lite.model import limits
from windmill_lite.store.db.connect import connect

#: `SIM_SEEDS=5000 SIM_FIRST=100000 pytest tests/sim` looks further.
SEEDS = int(os.environ.get("SIM_SEEDS", "240"))
FIRST = int(os.environ.get("SIM_FIRST", "0"))
PARTS = 8
REPO = Path(__file__).parents[2]


@pytest.mark.timeout(max(60, SEEDS))
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_breaks_every_job_ends_once_and_as_it_was_told(
    part: int, counted: Counter[str]
) -> None:
    for seed in range(FIRST + part, FIRST + SEEDS, PARTS):
        verdict = simulate(seed)
        counted["seeds"] += 1
        counted["simulated jobs"] += verdict.jobs
        counted["simulated commits"] += verdict.commits
        if verdict.faults:
            pytest.fail(told(seed, shortest(seed, STEPS)), pytrace=False)


@pytest.mark.timeout(max(60, SEEDS))
@pytest.mark.parametrize("part", range(4))
def test_whatever_breaks_every_flow_ends_as_it_does_in_memory(
    part: int, counted: Counter[str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "DRIVE_EVENTS", 5)
        patch.setattr(limits, "PUSH_BATCH", 3)
        for seed in range(FIRST + part, FIRST + SEEDS // 8, 4):
            verdict = simulate(seed, more=WITH_FLOWS)
            counted["seeds with flows"] += 1
            if verdict.faults:
                steps = shortest(seed, STEPS, more=WITH_FLOWS)
                pytest.fail(told(seed, steps, more=WITH_FLOWS), pytrace=False)


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(2))
def test_seeds_with_flows_hold_on_postgres(
    seed: int, postgres_url: str, counted: Counter[str]
) -> None:
    server = PostgresServer(connect(postgres_url, Path()))
    verdict = simulate(seed, 15, server=server, more=WITH_FLOWS)
    counted["seeds with flows on Postgres"] += 1
    assert verdict.faults == ()


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(12))
def test_the_same_seeds_hold_on_postgres(
    seed: int, postgres_url: str, counted: Counter[str]
) -> None:
    verdict = simulate(seed, server=PostgresServer(connect(postgres_url, Path())))
    counted["seeds on Postgres"] += 1
    assert verdict.faults == ()
    assert verdict.jobs > 0


def test_a_seed_is_the_same_run_in_every_process() -> None:
    command = [sys.executable, "-m", "tests.sim", "--seed", "7"]
    stories = {
        subprocess.run(
            command, cwd=REPO, env=os.environ | {"PYTHONHASHSEED": salt}, check=True, stdout=-1
        ).stdout
        for salt in ("1", "2")
    }
    assert len(stories) == 1
    assert b"begins" in stories.pop()


def test_fewer_steps_are_the_beginning_of_the_same_plan() -> None:
    whole, short = draw(11), draw(11, 9)
    assert whole.steps[:9] == short.steps
    assert (whole.workers, whole.lease_s) == (short.workers, short.lease_s)
