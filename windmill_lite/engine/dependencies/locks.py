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
from dataclasses import dataclass

from windmill_lite.base.errors import TooLarge
from windmill_lite.base.ids import content_hash, dated_id
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
_SECOND = 1_000_000
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
        case "deno":
            return any(map(typescript.distant, sources))
        case "bun" | "nativets":
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


@dataclass(frozen=True, slots=True)
class JobLocks:
    """Where a job's lock is kept: with its version; for the code of a step of a flow, under what
    the code and all that it imports are; for other code that was never deployed, nowhere.
    """

    world: World
    job: NewJob

    async def known(self, sources: Sequence[str]) -> str:
        """The lock that holds already; "" when there is none."""
        job, now = self.job, self.world.now()
        async with self.world.db.view() as view:
            if job.script_hash is not None:
                script = await code.version(view, job.workspace, job.script_hash)
                return (script.lock if script is not None else None) or ""
            if not _is_step(job):
                return ""
            digest = _digest(job, sources)
            found = await code.code_lock(view, job.workspace, digest)
        if found is None:
            return ""
        if now - found.used_at > limits.CODE_LOCK_TOUCH_S * _SECOND:

            async def touch(tx: Tx) -> None:
                await code.touch_code_lock(tx, job.workspace, digest, now=now)

            await self.world.db.write(touch)
        return found.lock

    async def keep(self, sources: Sequence[str], lock: str) -> str:
        """The lock that holds from now on: the first that anybody found.

        Fails: `TooLarge`.
        """
        if len(lock) > limits.CODE_BYTES_MAX:
            raise TooLarge(f"the lock is larger than {limits.CODE_BYTES_MAX} bytes")
        if self.job.script_hash is not None:
            return await self._of_version(self.job.script_hash, lock)
        if _is_step(self.job):
            return await self._of_step(_digest(self.job, sources), lock)
        return lock

    async def _of_version(self, hash_: str, lock: str) -> str:
        workspace = self.job.workspace

        async def body(tx: Tx) -> str:
            await code.settle_lock(tx, workspace, hash_, lock)
            script = await code.version(tx, workspace, hash_)
            return (script.lock if script is not None else None) or lock

        return await self.world.db.write(body)

    async def _of_step(self, digest: str, lock: str) -> str:
        workspace, now = self.job.workspace, self.world.now()
        before = now - limits.CODE_LOCK_KEPT_S * _SECOND

        async def body(tx: Tx) -> str:
            await code.forget_code_locks(tx, before=before)
            await code.keep_code_lock(tx, workspace, digest, lock=lock, now=now)
            found = await code.code_lock(tx, workspace, digest)
            return found.lock if found is not None else lock

        return await self.world.db.write(body)


def _is_step(job: NewJob) -> bool:
    return job.raw_code is not None and job.parent_id is not None and job.step_id is not None


def _digest(job: NewJob, sources: Sequence[str]) -> str:
    return content_hash(job.language or "", *sources)
