"""A database with the exam's table."""

from __future__ import annotations

import pytest

from tests.store._exam import Q, running
from windmill_lite.store.db.port import Db


@pytest.fixture
async def exam(db: Db) -> Db:
    """A database of either kind with the empty table `exam`."""
    await db.write(running(Q["make"]))
    return db
