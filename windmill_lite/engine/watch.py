"""Waiting for a job to end."""

from __future__ import annotations

from uuid import UUID

from windmill_lite.base.errors import NotFound
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import JobRecord
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope


async def wait(world: World, scope: Scope, job_id: UUID, timeout_s: float) -> JobRecord | None:
    """The completed job with its result; None when it has not completed in time."""
    deadline = world.clock.monotonic_s() + timeout_s
    with world.db.bell.listen(f"ended:{job_id}") as ear:
        while True:
            record = await _completed(world, scope, job_id)
            if record is not None:
                return record
            left = deadline - world.clock.monotonic_s()
            if left <= 0:
                return None
            await ear.wait(min(left, limits.CLAIM_POLL_S))


async def _completed(world: World, scope: Scope, job_id: UUID) -> JobRecord | None:
    async with world.db.view() as view:
        record = await jobs.get(view, scope, job_id)
    if record is None:
        raise NotFound(f"job {job_id} does not exist")
    return record if record.completed else None
