"""More of the product with one guard less (see `planted`): about waking who has something to do."""

from __future__ import annotations

import pytest

from windmill_lite.engine.rules import entry
from windmill_lite.model import limits
from windmill_lite.model.job import NewJob
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import claims, queue
from windmill_lite.store.machine.places import Spot

Patch = pytest.MonkeyPatch


def a_push_rings_nobody(patch: Patch) -> None:
    async def silently(tx: Tx, job: NewJob) -> bool:
        return await queue.insert(tx, job, Spot(job.begins))

    patch.setattr(entry, "place", silently)


def nobody_polls(patch: Patch) -> None:
    patch.setattr(limits, "CLAIM_POLL_S", 1e9)
    patch.setattr(limits, "CLAIM_POLL_SOLO_S", 1e9)


def delayed_jobs_are_forgotten(patch: Patch) -> None:
    async def never(tx: Tx, *, now: int, most: int) -> int:
        return 0

    patch.setattr(claims, "come_due", never)
