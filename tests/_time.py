"""One time for all: Postgres decides some things by its own clock, which no test can move."""

from __future__ import annotations

import pytest

from windmill_lite.store.db.port import View
from windmill_lite.store.machine import leases


def share_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the database's clock is the one of whoever asks."""

    async def ours_counts(view: View, *, ours: int) -> int:
        return ours

    monkeypatch.setattr(leases, "now", ours_counts)
