"""`python -m tests.sim --seed 1234 --steps 40`: one run again, told from beginning to end.

Without `--seed` it looks for a seed that fails, from `--first` on.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.sim.cluster.plan import STEPS, WITH_FLOWS
from tests.sim.cluster.run import simulate
from tests.sim.cluster.search import shortest, told


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--flows", action="store_true", help="mostly flows are pushed")
    given = parser.parse_args()
    more = WITH_FLOWS if given.flows else None
    if given.seed is not None:
        verdict = simulate(given.seed, given.steps, telling=True, more=more)
        _say("\n".join([*verdict.story, *verdict.faults]))
        return 1 if verdict.faults else 0
    began = time.perf_counter()
    failed = 0
    for seed in range(given.first, given.first + given.count):
        verdict = simulate(seed, given.steps, more=more)
        if verdict.faults:
            failed += 1
            _say(told(seed, shortest(seed, given.steps, more=more), more=more))
    took = time.perf_counter() - began
    _say(f"{given.count} seeds, {failed} failed, {given.count / took:.1f} seeds/s")
    return 1 if failed else 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
