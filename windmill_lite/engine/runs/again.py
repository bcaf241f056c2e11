"""Jobs that are there already: one is run again as another job, or earlier than it would be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from windmill_lite.base.codec import Json, loads
from windmill_lite.base.errors import Conflict, Invalid, NotFound
from windmill_lite.engine import push
from windmill_lite.engine.flows import deployed
from windmill_lite.engine.world import World
from windmill_lite.model.job import JobKind, JobRecord, RunOptions
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import queue
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What is different this time: the newest version, and arguments of other values."""

    newest: bool = False
    args: Mapping[str, Json] = field(default_factory=dict)


async def rerun(
    world: World,
    scope: Scope,
    job_id: UUID,
    otherwise: Callable[[JobRecord], Otherwise],
    *,
    options: RunOptions,
) -> UUID:
    """The same code with the same arguments, with the rights of who asks now.

    Fails: `NotFound`; `Invalid` for a job that is no run of something; as the run would.
    """
    async with world.db.view() as view:
        job = await jobs.get(view, scope, job_id)
    if job is None:
        raise NotFound(f"job {job_id} does not exist")
    if job.deleted or job.args is None:
        raise Invalid("its arguments were deleted")
    asked = otherwise(job)
    args: Mapping[str, Json] = {**loads(job.args, what="args"), **asked.args}
    path, version = job.path or "", "" if asked.newest else job.script_hash or ""
    match job.kind:
        case JobKind.SCRIPT if version:
            return await push.run_hash(world, scope, version, args=args, options=options)
        case JobKind.SCRIPT | JobKind.SCRIPT_HUB:
            return await push.run_path(world, scope, path, args=args, options=options)
        case JobKind.FLOW if version and job.step_id is None:
            return await deployed.run_version(
                world, scope, int(version), args=args, options=options
            )
        case JobKind.FLOW if job.step_id is None:
            return await deployed.run_path(world, scope, path, args=args, options=options)
    raise Invalid("it is no run of something deployed, or a part of one")


async def run_now(world: World, scope: Scope, job_id: UUID) -> None:
    """Whoever sees a job may have it run early. Fails: `Conflict` when it waits for no time."""
    now = world.now()
    async with world.db.view() as view:
        if await jobs.peek(view, scope, job_id) is None:
            raise NotFound(f"job {job_id} does not exist")

    async def body(tx: Tx) -> None:
        if not await queue.run_now(tx, job_id, now=now):
            raise Conflict(f"job {job_id} does not wait for its time")
        tx.ring("queue")

    await world.db.write(body)
