"""Cells by level and language; `python -m tests.bench.sandbox` prints the same."""

from __future__ import annotations

import pytest

from sandbox import LEVELS
from tests.bench.sandbox import measure

pytestmark = [pytest.mark.bench, pytest.mark.timeout(300)]


async def test_cells_by_level_and_language() -> None:
    await measure(LEVELS)
