"""Waiting for a job to end."""

from __future__ import annotations

from contextlib import nullcontext
from uuid import UUID

from windmill_lite.base.bell import Ear, Ears
from windmill_lite.base.errors import NotFound
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import JobRecord
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope


def ends_of(world: World, job_id: UUID) -> Ears:
    """Hears the end of a job, which need not be there yet."""
    return world.db.bell.listen(f"ended:{job_id}")


async def wait(
    world: World, scope: Scope, job_id: UUID, timeout_s: float, *, heard: Ear | None = None
) -> JobRecord | None:
    """The completed job with its result; None when it has not completed in time.

    `heard` has listened for its end since before the job was there. So nothing is read before it
    rings: a look at a job that has just been asked for finds that it has not ended.
    """
    deadline = world.clock.monotonic_s() + timeout_s
    with ends_of(world, job_id) if heard is None else nullcontext(heard) as ear:
        while True:
            if heard is not None:
                heard = None
            elif (record := await _completed(world, scope, job_id)) is not None:
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
