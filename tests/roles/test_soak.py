"""Everything that users do at once, for seconds; `python -m tests.bench.soak` does it longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.soak.run import soak

SECONDS = 12.0


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
)
async def test_nothing_breaks_or_stays_open_under_mixed_load(tmp_path: Path, database: str) -> None:
    outcome = await soak(database, SECONDS, tmp_path)
    print(outcome)  # noqa: T201  (shown when it fails)
    assert outcome.wrong == []
