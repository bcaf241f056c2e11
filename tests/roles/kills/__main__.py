"""The long form, and the replay of a seed."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.roles.kills.plan import DATABASES, Trial
from tests.roles.kills.run import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.roles.kills", description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--seed", type=int, default=None, help="of the faults; else any")
    parser.add_argument("--seconds-between", type=float, default=1.0, help="faults, on average")
    parser.add_argument("--slots", type=int, default=4, help="of each worker")
    parser.add_argument("--busy", type=float, default=0.25, help="the share of jobs that take long")
    parser.add_argument("--freezes", action="store_true", help="SIGSTOP workers, too")
    parser.add_argument("--outages", action="store_true", help="crash Postgres, too")
    parser.add_argument("--faults", type=int, default=1_000_000, help="at most")
    parser.add_argument("--inspect", action="store_true", help="SQLite's file, after every kill")
    parser.add_argument("--clocks", action="store_true", help="set clocks by an hour, a day, too")
    parser.add_argument("--no-kills", action="store_true", help="only the other faults")
    parser.add_argument("--flows", action="store_true", help="the jobs are flows of twenty steps")
    parser.add_argument("--marks", type=Path, help="a folder for what was recorded, and kept")
    given = parser.parse_args()
    seed = random.randrange(10**6) if given.seed is None else given.seed  # noqa: S311  (no secret)
    trial = Trial(
        given.database,
        given.jobs,
        seed,
        seconds_between=given.seconds_between,
        slots=given.slots,
        busy=given.busy,
        freezes=given.freezes,
        outages=given.outages,
        flows=given.flows,
        faults_max=given.faults,
        inspected=given.inspect,
        clocks=given.clocks,
        kills=not given.no_kills,
    )
    print(trial, flush=True)  # noqa: T201  (for who replays it)
    with tempfile.TemporaryDirectory() as folder:
        home = given.marks or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        verdict = asyncio.run(run(trial, home))
    print(verdict)  # noqa: T201
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
