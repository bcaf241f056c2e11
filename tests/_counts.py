"""At the end of a run: how many tests ran on each database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

_DATABASES = ("postgres", "sqlite")


def by_database(node_ids: Iterable[str]) -> Counter[str]:
    """Tests per database, told by a parameter of theirs: `test_claim[sqlite-3]`."""
    parameters = (i.partition("[")[2].removesuffix("]").split("-") for i in node_ids)
    return Counter(d for found in parameters for d in _DATABASES if d in found)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for outcome in ("passed", "failed"):
        counts = by_database(r.nodeid for r in terminalreporter.stats.get(outcome, []))
        if counts:
            words = ", ".join(f"{n} on {name}" for name, n in sorted(counts.items()))
            terminalreporter.write_line(f"databases: {outcome} {words}")
