"""Jobs that are canceled end, whatever they do against it; `python -m tests.roles.cancels` tries
hundreds.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.roles.cancels.run import canceled

COUNT = 20
MOST_S = 8.0  # what is promised even of the stubborn


@pytest.mark.timeout(300)
async def test_canceled_jobs_end_with_all_they_started(tmp_path: Path) -> None:
    verdict = await canceled(COUNT, tmp_path, slots=4)
    print(verdict)  # noqa: T201  (shown when it fails)
    assert verdict.wrong == []
    assert verdict.at_s(1.0) < MOST_S
