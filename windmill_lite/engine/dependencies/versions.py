"""The name of a version, and what a job that found a lock makes of one."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from windmill_lite.base.ids import content_hash
from windmill_lite.model.job import Locking
from windmill_lite.model.script import Script
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import code


def hash_of(script: Script) -> str:
    """Of everything that a deployment decides."""
    parts = (
        script.workspace,
        script.path,
        script.parent_hash or "",
        script.content,
        script.language,
        script.kind,
        script.summary,
        script.description,
        script.schema or "",
        script.lock or "",
        script.tag or "",
        str(script.timeout_s or ""),
        script.options,
        str(script.created_at),  # deleted and written again is another version
    )
    return content_hash(*parts)


async def settle(tx: Tx, job_id: UUID, locking: Locking, *, now: int) -> None:
    """What a job found becomes that of its version, if it has one and nobody was faster; or makes
    the next one.
    """
    found = await code.version_of_job(tx, job_id)
    if found is None:
        return
    if locking.because_of is not None:
        if locking.lock is not None:
            await _renew(tx, found, locking, now=now)
    elif locking.lock is not None:
        await code.settle_lock(tx, found.workspace, found.hash, locking.lock)
    else:
        await code.refuse_lock(tx, found.workspace, found.hash, locking.error or "")


async def _renew(tx: Tx, found: code.JobVersion, locking: Locking, *, now: int) -> None:
    """A version's lock never changes: the script gets another one, unless it has one meanwhile or
    needs nothing new.
    """
    old = await code.version(tx, found.workspace, found.hash)
    if old is None or not old.head or old.archived or old.lock in (None, locking.lock):
        return
    new = replace(
        old,
        parent_hash=old.hash,
        lock=locking.lock,
        lock_error=None,
        created_by=found.created_by,
        created_at=now,
        deployment_message=f"packages of {locking.because_of}",
    )
    await code.insert(tx, replace(new, hash=hash_of(new)))
