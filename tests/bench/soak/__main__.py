"""The long form: minutes of mixed load, printed."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.bench._machine import machine
from tests.bench.soak.run import soak
from tests.roles.kills.plan import DATABASES


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    given = parser.parse_args()
    print(f"{given.database}, {given.minutes:g} minutes, {machine()}", flush=True)
    with tempfile.TemporaryDirectory() as home:
        outcome = asyncio.run(soak(given.database, given.minutes * 60, Path(home)))
    print(outcome)
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
