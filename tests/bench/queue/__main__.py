"""`python -m tests.bench.queue [--quick] [sqlite] [postgres]`"""

from __future__ import annotations

import argparse

import uvloop

from tests.bench.queue.measure import FULL, QUICK, compare, measure
from tests.bench.queue.place import site


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.queue", description=__doc__)
    parser.add_argument("dialects", nargs="*", help="sqlite, postgres; both when none is named")
    parser.add_argument("--quick", action="store_true", help="few jobs, few rows")
    chosen = parser.parse_args()
    whole = []
    for dialect in chosen.dialects or ("sqlite", "postgres"):
        with site(dialect) as here:
            whole.append(uvloop.run(measure(here, QUICK if chosen.quick else FULL)))
    if not chosen.dialects:
        compare(*whole)


if __name__ == "__main__":
    main()
