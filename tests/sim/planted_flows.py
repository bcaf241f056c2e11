"""More of the product with one guard less (see `planted`): about flows."""

from __future__ import annotations

from uuid import UUID

import pytest

from windmill_lite.engine import finish
from windmill_lite.engine.claim import Ask
from windmill_lite.engine.finish import Report, Settled
from windmill_lite.engine.flows import turns
from windmill_lite.engine.flows.happen import Cause, happen
from windmill_lite.engine.world import World
from windmill_lite.model.job import NewJob
from windmill_lite.store.db.port import Tx
from windmill_lite.store.db.sqlfile import parse
from windmill_lite.store.machine import flows

Patch = pytest.MonkeyPatch


def statuses_are_stored_over_each_other(patch: Patch) -> None:
    source = """
-- name: store_run
update flow_run set version = version + 1, status = :status, due_at = :due_at
where id = :id and :version >= 0
"""
    patch.setattr(flows.Q, "store_run", parse(source, "planted")["store_run"])


def nobody_tells_a_flow_what_it_lost(patch: Patch) -> None:
    async def nothing(tx: Tx, id: UUID, *, final: bool, now: int) -> None:
        return

    patch.setattr(flows, "post", nothing)


def a_step_ends_apart_from_its_flow(patch: Patch) -> None:
    async def apart(world: World, job: NewJob, told: Report, *, ask: Ask | None = None) -> Settled:
        settled = await finish.finish(world, told, ask)
        if settled.accepted and job.parent_id is not None:
            ended = {job.id: told.finished.result}
            cause = Cause(job.parent_id, (turns._heard(job, told),), ended)
            await happen(world, cause, lambda keep: keep)
        return settled

    patch.setattr(turns, "_finish_child", apart)
