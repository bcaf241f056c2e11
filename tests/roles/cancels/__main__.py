"""The long form, printed."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.bench._machine import machine
from tests.roles.cancels.run import canceled


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.roles.cancels", description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--slots", type=int, default=6)
    given = parser.parse_args()
    print(f"{given.count} cancellations, {machine()}", flush=True)  # noqa: T201
    with tempfile.TemporaryDirectory() as home:
        verdict = asyncio.run(canceled(given.count, Path(home), slots=given.slots))
    print(verdict)  # noqa: T201
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
