"""The lock of a version, and the job that finds it.

A version that needs packages is deployed without a lock, together with a job of kind
"dependencies". The first lock that anybody finds is the version's for good: that job, or a run,
which does not wait for it and finds its own. So no version is stuck, whatever becomes of the job.
Only when the job ends with an error the version does not run, and the one before it does.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from windmill_lite.base.errors import TooLarge
from windmill_lite.base.ids import dated_id
from windmill_lite.core.dependencies import golang, typescript
from windmill_lite.core.dependencies.wanted import wanted
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import JobKind, NewJob
from windmill_lite.model.script import Script
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import code
from windmill_lite.store.people.scope import Scope

KIND = JobKind.DEPENDENCIES
BECAUSE_OF = "because_of"  # the argument of a job that finds a lock anew: what was deployed
_INLINE_CHARS = 2_000  # of a text that is read at once; a longer one would hold up the event loop


async def needed(language: str, sources: Sequence[str]) -> bool:
    """Whether a script, the first of these texts, needs packages, also for what it imports.

    Fails: `Invalid` when it asks for what is no package of a registry.
    """
    if sum(map(len, sources)) <= _INLINE_CHARS:
        return _needed(language, sources)
    return await asyncio.to_thread(_needed, language, sources)


def _needed(language: str, sources: Sequence[str]) -> bool:
    match language:
        case "python3":
            return bool(wanted(sources, sys.stdlib_module_names).packages)
        case "bun" | "nativets" | "deno":
            return any(map(typescript.packages, sources))
        case "go":
            return any(map(golang.packages, sources))
        case _:
            return False


def job_of(scope: Scope, script: Script) -> NewJob:
    """What finds the lock of a version that was just deployed. Its id follows from the version."""
    name = f"dependencies {script.workspace} {script.hash}"
    return NewJob(
        id=dated_id(script.created_at, name),
        workspace=script.workspace,
        kind=KIND,
        created_by=scope.identity.username,
        permissioned_as=scope.identity.permissioned_as,
        email=scope.identity.email,
        created_at=script.created_at,
        scheduled_for=script.created_at,
        # Of those workers that will run it: what they resolve for is their machine.
        tag=script.tag or script.language,
        args="{}",
        path=script.path,
        script_hash=script.hash,
        language=script.language,
        timeout_s=limits.BUILD_TIMEOUT_S,
    )


async def settle_lock(world: World, job: NewJob, lock: str) -> str:
    """The lock that holds for the job: the first that anybody found for its version, and this one
    for code that was never deployed.

    Fails: `TooLarge`.
    """
    if len(lock) > limits.CODE_BYTES_MAX:
        raise TooLarge(f"the lock is larger than {limits.CODE_BYTES_MAX} bytes")
    hash_ = job.script_hash
    if hash_ is None:
        return lock

    async def body(tx: Tx) -> str:
        await code.settle_lock(tx, job.workspace, hash_, lock)
        script = await code.version(tx, job.workspace, hash_)
        return (script.lock if script is not None else None) or lock

    return await world.db.write(body)
