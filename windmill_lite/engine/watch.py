"""Waiting for a job to end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar
from uuid import UUID

from windmill_lite.base.bell import Ear, Ears
from windmill_lite.base.errors import NotFound
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import JobRecord
from windmill_lite.store.machine.places import Ending
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope

T = TypeVar("T")


def ends_of(world: World, job_id: UUID) -> Ears:
    """Hears the end of a job, which need not be there yet."""
    return world.db.bell.listen(f"ended:{job_id}")


async def until(
    world: World, job_id: UUID, timeout_s: float, look: Callable[[], Awaitable[T | None]]
) -> T | None:
    """What `look` finds, at first or when the job ends; None when it finds nothing in time."""
    deadline = world.clock.monotonic_s() + timeout_s
    with ends_of(world, job_id) as ear:
        while (found := await look()) is None:
            left = deadline - world.clock.monotonic_s()
            if left <= 0:
                return None
            await ear.wait(min(left, limits.CLAIM_POLL_S))
        return found


async def wait(world: World, scope: Scope, job_id: UUID, timeout_s: float) -> JobRecord | None:
    """The completed job with its result; None when it has not completed in time."""
    return await until(world, job_id, timeout_s, partial(_completed, world, scope, job_id))


async def wait_for_own(
    world: World, scope: Scope, job_id: UUID, timeout_s: float, *, ear: Ear
) -> Ending | JobRecord | None:
    """The same for who asked for the job; `ear` listens for its end since before it was there. So
    nothing is read before it rings: such a look would find that it has not ended. Nor after that,
    when this process ended it: its commit says how, and who asked for a job may read it.
    """
    began_s = world.clock.monotonic_s()
    if await ear.wait(min(timeout_s, limits.CLAIM_POLL_S)) and isinstance(ear.said, Ending):
        return ear.said
    return await wait(world, scope, job_id, timeout_s - (world.clock.monotonic_s() - began_s))


async def _completed(world: World, scope: Scope, job_id: UUID) -> JobRecord | None:
    async with world.db.view() as view:
        record = await jobs.get(view, scope, job_id)
    if record is None:
        raise NotFound(f"job {job_id} does not exist")
    return record if record.completed else None
