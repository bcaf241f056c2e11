"""More of the product with one guard less (see `planted`): about the ends of jobs."""

from __future__ import annotations

from uuid import UUID

import pytest

from windmill_lite.core.jobs import lost
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import cancels

Patch = pytest.MonkeyPatch


def what_is_started_once_is_handed_back(patch: Patch) -> None:
    patch.setattr(lost, "may_hand_back", lambda **_: True)


def canceled_jobs_may_have_new_children(patch: Patch) -> None:
    async def nobody(tx: Tx, parent_id: UUID) -> None:
        return None

    patch.setattr(cancels, "of_parent", nobody)
