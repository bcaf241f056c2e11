"""The long form, printed."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.bench._machine import machine
from tests.bench.overload.run import overload


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.overload", description=__doc__)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=60.0)
    given = parser.parse_args()
    print(f"{given.clients} clients, {given.seconds:g} s, {machine()}", flush=True)
    with tempfile.TemporaryDirectory() as home:
        verdict = asyncio.run(overload(given.clients, given.seconds, Path(home)))
    print(verdict)
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
