"""At the end of a run: how many tests ran on each database."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import pytest

_DATABASE = re.compile(r"[\[-](sqlite|postgres)[\]-]")


def by_database(node_ids: Iterable[str]) -> Counter[str]:
    """Tests per database, told by their parameter, as in `test_claim[sqlite]`."""
    return Counter(found[1] for node_id in node_ids if (found := _DATABASE.search(node_id)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for outcome in ("passed", "failed"):
        counts = by_database(r.nodeid for r in terminalreporter.stats.get(outcome, []))
        if counts:
            words = ", ".join(f"{n} on {name}" for name, n in sorted(counts.items()))
            terminalreporter.write_line(f"databases: {outcome} {words}")
