"""Evaluators that are stopped again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from windmill_lite.expr.evaluators import Evaluators


@pytest.fixture
async def evaluators() -> AsyncIterator[Evaluators]:
    made = Evaluators()
    await made.start()
    yield made
    await made.stop()
