"""What a completed job carried, taken away before its time."""

from __future__ import annotations

from uuid import UUID

from windmill_lite.base.errors import Conflict, NotFound
from windmill_lite.core import access
from windmill_lite.engine.world import World
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import answers
from windmill_lite.store.machine.library import loans
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope


async def erase(world: World, scope: Scope, job_id: UUID) -> None:
    """Arguments, log and result are gone for good; that the job was, and how it ended, stays.

    For admins. Fails: `NotFound`; `Conflict` while a flow may still read the result.
    """
    access.require_admin(scope.identity)
    async with world.db.view() as view:
        job = await jobs.peek(view, scope, job_id)
        if job is None or not job.completed:
            raise NotFound(f"completed job {job_id} does not exist")
        root = await jobs.peek(view, scope, job.root_id) if job.root_id is not None else None
    if root is not None and not root.completed:
        raise Conflict(f"flow {root.id} still runs and may read what job {job_id} told")

    async def body(tx: Tx) -> None:
        if await loans.lent(tx, [job_id, *([root.id] if root is not None else [])]):
            raise Conflict(f"a restarted flow goes on from job {job_id}")
        await answers.delete(tx, [job_id])

    await world.db.write(body)
