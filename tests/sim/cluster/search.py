"""From a seed that fails to the shortest run of it that fails, and to what a person reads."""

from __future__ import annotations

from collections.abc import Mapping

from tests.sim.cluster.run import Verdict, simulate

STORY_LINES = 60  # the last ones tell


def shortest(seed: int, steps: int, *, more: Mapping[str, int] | None = None) -> int:
    """The smallest number of steps, found by halving, with which the seed fails."""
    good, bad = 0, steps
    while bad - good > 1:
        middle = (good + bad) // 2
        if simulate(seed, middle, more=more).faults:
            bad = middle
        else:
            good = middle
    return bad


def told(seed: int, steps: int, *, more: Mapping[str, int] | None = None) -> str:
    """What went wrong, what happened before, and how to see all of it again."""
    verdict: Verdict = simulate(seed, steps, telling=True, more=more)
    story = "\n".join(verdict.story[-STORY_LINES:])
    faults = "\n".join(verdict.faults[:3])
    flows = " --flows" if more else ""
    return f"{story}\n{faults}\n\n    python -m tests.sim --seed {seed} --steps {steps}{flows}\n"
