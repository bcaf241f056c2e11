"""Nothing is lost, stuck or doubled while processes are killed at random. `kills` tells how it is
tried; `python -m tests.roles.kills` tries it with more jobs, and replays a seed."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.roles._process import PATIENCE_S, environment
from tests.roles.kills import flows
from tests.roles.kills.judge import Child, End, Evidence, Facts, judge
from tests.roles.kills.plan import Fault, Step, Trial, steps
from tests.roles.kills.recorder import Mark
from tests.roles.kills.run import run


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
async def test_every_promised_job_ends_once_and_right_whoever_is_killed(
    tmp_path: Path, database: str
) -> None:
    cluster = database == "postgres"
    seed = random.randrange(10**6)  # noqa: S311  (no secret)
    trial = Trial(
        database,
        jobs=150,
        seed=seed,
        seconds_between=0.7,
        freezes=cluster,
        outages=cluster,
        busy=1.0 if cluster else 0.25,
        lease_s=5.0,
        quiet_s=120.0,
        inspected=not cluster,
        clocks=seed % 2 == 0,  # the other half has times that can be compared
    )
    verdict = await run(trial, tmp_path)
    print(f"{trial}\n{verdict}")  # noqa: T201  (shown when it fails)
    assert verdict.wrong == []


@pytest.mark.timeout(600)
async def test_every_step_of_a_flow_counts_once_whoever_is_killed(tmp_path: Path) -> None:
    seed = random.randrange(10**6)  # noqa: S311  (no secret)
    trial = Trial("sqlite", 4, seed, seconds_between=0.5, quiet_s=120.0, flows=True, faults_max=2)
    verdict = await run(trial, tmp_path)
    print(f"{trial}\n{verdict}")  # noqa: T201  (shown when it fails)
    assert verdict.wrong == []


def test_a_process_can_be_given_a_clock_that_is_set(tmp_path: Path) -> None:
    """In a process of its own, since it stays."""
    tells = "print(time.time(), time.time_ns() / 10**9, SystemClock().now().timestamp())"
    words = (
        "import time; from pathlib import Path; from windmill_lite.base.clock import SystemClock",
        "from tests.roles.kills.clocked import run_with, set_clock; file = Path('clock')",
        f"set_clock(file, 86400); run_with(file); {tells}; set_clock(file, -3600); {tells}",
    )
    right_s = time.time()
    told = subprocess.run(
        [sys.executable, "-c", "; ".join(words)],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    ahead, behind = ([float(word) for word in line.split()] for line in told.stdout.splitlines())
    assert all(86_400 <= second - right_s < 86_400 + PATIENCE_S for second in ahead)
    assert all(-3_600 <= second - right_s < -3_600 + PATIENCE_S for second in behind)


def test_a_seed_is_a_plan() -> None:
    trial = Trial("postgres", 10, 7, freezes=True, outages=True)
    first, again = steps(trial), steps(trial)
    planned = [next(first) for _ in range(200)]
    assert planned == [next(again) for _ in range(200)]
    assert {step.fault for step in planned} == set(Fault) - {Fault.JUMP}
    jumps = steps(Trial("postgres", 10, 7, clocks=True, kills=False))
    assert {next(jumps).fault for _ in range(20)} == {Fault.JUMP}
    assert {step.victim for step in planned} == {*trial.victims, "postgres"}


def good() -> Evidence:
    """Two jobs. The first one's worker was killed once."""
    one, two = {"number": 0, "square": 0}, {"number": 1, "square": 1}
    return Evidence(
        trial=Trial("sqlite", 2, 0, slots=1),
        faults=[Step(0.0, Fault.KILL, "solo", early=False, lasts_s=0.0)],
        promised={0: "a", 1: "b"},
        answers=Counter({201: 2, 0: 1, 503: 1}),
        broken=[],
        marks=[
            Mark(10, "a", 1, "start"),
            Mark(20, "a", 1, "gone"),
            Mark(30, "a", 2, "start"),
            Mark(40, "a", 2, "end"),
            Mark(45, "b", 1, "start"),
            Mark(50, "b", 1, "end"),
        ],
        overlaps=[],
        facts=Facts(
            jobs={"a", "b"},
            queue={},
            done={"a": End("success", 2, one, 41), "b": End("success", 1, two, 51)},
        ),
    )


def lost(seen: Evidence) -> None:
    seen.promised[2] = "c"


def stuck(seen: Evidence) -> None:
    del seen.facts.done["b"]
    seen.facts.queue["b"] = "running, attempt 1"


def doubled(seen: Evidence) -> None:
    seen.facts.jobs.add("c")


def confused(seen: Evidence) -> None:
    seen.promised[1] = "a"
    seen.facts.jobs.discard("b")


def wrong(seen: Evidence) -> None:
    seen.facts.done["b"] = End("success", 1, {"number": 0, "square": 0}, 51)


def given_up_early(seen: Evidence) -> None:
    error = {"error": {"name": "WorkerLost"}}
    seen.facts.done["a"] = End("failure", 2, error, 41)


def invented(seen: Evidence) -> None:
    del seen.marks[-1]


def run_again(seen: Evidence) -> None:
    seen.marks.append(Mark(60, "a", 3, "start"))


def overlapping(seen: Evidence) -> None:
    seen.overlaps.append("a attempt 2")


def too_many(seen: Evidence) -> None:
    seen.faults.clear()


def refused(seen: Evidence) -> None:
    seen.answers[500] += 1


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lost, "1 jobs got lost: c"),
        (stuck, "1 jobs are stuck"),
        (doubled, "1 jobs nobody was promised: c"),
        (confused, "1 jobs share an id: a"),
        (wrong, "1 results are wrong: b"),
        (given_up_early, "1 results are wrong: a"),
        (invented, "1 jobs succeeded without having run: b"),
        (run_again, "1 signs of life came after the end"),
        (overlapping, "1 attempts began while another was alive: a attempt 2"),
        (too_many, "1 further attempts, though 0 could have been lost"),
        (refused, "1 answers are out of place: 500"),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_the_judge_finds_what_is_wrong(spoil: Callable[[Evidence], Any], found: str) -> None:
    seen = good()
    assert judge(seen).wrong == []
    spoil(seen)
    assert any(each.startswith(found) for each in judge(seen).wrong), judge(seen).wrong


def good_flow() -> Facts:
    """The flow of number 3, which came to its end."""
    steps = [*(flows.CODE + flows.BODIES).elements(), "x"]
    ends = {f"j{n}": End("success", 1, None, 1) for n in range(len(steps))}
    return Facts(
        jobs={"a"},
        queue={},
        done={"a": End("success", 0, flows.right(3), 9), **ends},
        children={f"j{n}": Child("a", step) for n, step in enumerate(steps)},
    )


def without_a_step(facts: Facts) -> None:
    del facts.children["j0"], facts.done["j0"]


def with_a_step_too_many(facts: Facts) -> None:
    facts.children["more"], facts.done["more"] = Child("a", "u"), End("success", 1, None, 1)


def with_a_step_that_failed(facts: Facts) -> None:
    facts.done["j0"] = End("failure", 1, {"error": {"name": "Error"}}, 1)


def with_another_sum(facts: Facts) -> None:
    facts.done["a"] = End("success", 0, flows.right(4), 9)


def that_failed_by_itself(facts: Facts) -> None:
    facts.done["a"] = End("failure", 0, {"error": {"name": "Error"}}, 9)


@pytest.mark.parametrize(
    "spoil",
    [
        without_a_step,
        with_a_step_too_many,
        with_a_step_that_failed,
        with_another_sum,
        that_failed_by_itself,
    ],
)
def test_the_judge_finds_what_is_wrong_with_a_flow(spoil: Callable[[Facts], None]) -> None:
    facts = good_flow()
    assert list(flows.faults({3: "a"}, facts)) == []
    spoil(facts)
    assert len(list(flows.faults({3: "a"}, facts))) == 1


def test_a_flow_may_fail_when_a_step_was_lost_once_too_often() -> None:
    facts = good_flow()
    facts.done["j0"] = End("failure", 3, {"error": {"name": "WorkerLost"}}, 1)
    facts.done["a"] = End("failure", 0, [{"error": {"name": "WorkerLost"}}], 9)
    assert list(flows.faults({3: "a"}, facts)) == []
