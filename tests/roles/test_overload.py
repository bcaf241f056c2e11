"""More callers than there are hands, for seconds; `python -m tests.bench.overload` does more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.overload.run import overload

SECONDS = 2.0
CLIENTS = 16


@pytest.mark.timeout(300)
async def test_whoever_is_told_yes_is_served_and_nobody_hears_of_an_error(tmp_path: Path) -> None:
    verdict = await overload(CLIENTS, SECONDS, tmp_path)
    print(verdict)  # noqa: T201  (shown when it fails)
    assert verdict.wrong == []
    assert verdict.promised
