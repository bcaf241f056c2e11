"""Script versions: reading what runs, writing a new one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from windmill_lite.model.script import Script
from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.rows import script_of

Q = load(__package__, "code.sql")


@dataclass(frozen=True, slots=True)
class Runnable:
    """What the queue needs to know of a script version; `schema` and `options` are JSON text."""

    hash: str
    path: str
    language: str
    kind: str
    tag: str | None
    timeout_s: int | None
    schema: str | None
    options: str


def runnable_of(script: Script) -> Runnable:
    return Runnable(
        hash=script.hash,
        path=script.path,
        language=script.language,
        kind=script.kind,
        tag=script.tag,
        timeout_s=script.timeout_s,
        schema=script.schema,
        options=script.options,
    )


@dataclass(frozen=True, slots=True)
class JobVersion:
    """Which version a job is of, and who asked for it."""

    workspace: str
    hash: str
    created_by: str


async def head(view: View, workspace: str, path: str) -> Script | None:
    row = await view.one(Q.head, workspace=workspace, path=path)
    return script_of(row) if row else None


async def version(view: View, workspace: str, hash_: str) -> Script | None:
    row = await view.one(Q.version, workspace=workspace, hash=hash_)
    return script_of(row) if row else None


async def deployed(view: View, workspace: str, path: str) -> Runnable | None:
    row = await view.one(Q.deployed, workspace=workspace, path=path)
    if row is None:
        return None
    return Runnable(
        hash=row["hash"],
        path=path,
        language=row["language"],
        kind=row["kind"],
        tag=row["tag"],
        timeout_s=row["timeout_s"],
        schema=row["schema"],
        options=row["options"],
    )


async def insert(tx: Tx, script: Script) -> None:
    """Makes this version the head of its path. The caller has looked at the old head."""
    await tx.run(Q.unhead, workspace=script.workspace, path=script.path)
    await tx.run(
        Q.insert_version,
        workspace=script.workspace,
        hash=script.hash,
        path=script.path,
        parent_hash=script.parent_hash,
        summary=script.summary,
        description=script.description,
        content=script.content,
        language=script.language,
        kind=script.kind,
        schema=script.schema,
        lock=script.lock,
        tag=script.tag,
        timeout_s=script.timeout_s,
        options=script.options,
        created_by=script.created_by,
        created_at=script.created_at,
        deployment_message=script.deployment_message,
    )


async def settle_lock(tx: Tx, workspace: str, hash_: str, lock: str) -> None:
    """Changes nothing when the version has a lock."""
    await tx.run(Q.settle_lock, workspace=workspace, hash=hash_, lock=lock)


async def refuse_lock(tx: Tx, workspace: str, hash_: str, error: str) -> None:
    """Changes nothing when the version has a lock."""
    await tx.run(Q.refuse_lock, workspace=workspace, hash=hash_, error=error)


async def version_of_job(view: View, job_id: UUID) -> JobVersion | None:
    """None for a job of code that was never deployed."""
    row = await view.one(Q.version_of_job, job_id=job_id)
    return JobVersion(**row) if row else None


async def archive_path(tx: Tx, workspace: str, path: str) -> int:
    return await tx.run(Q.archive_path, workspace=workspace, path=path)


async def archive_version(tx: Tx, workspace: str, hash_: str) -> int:
    return await tx.run(Q.archive_version, workspace=workspace, hash=hash_)


async def describe(tx: Tx, workspace: str, hash_: str, message: str) -> None:
    await tx.run(Q.describe, workspace=workspace, hash=hash_, message=message)


async def delete_path(tx: Tx, workspace: str, path: str) -> int:
    return await tx.run(Q.delete_path, workspace=workspace, path=path)


async def delete_version(tx: Tx, script: Script) -> None:
    """The version's code goes; when it was the head, the newest one left becomes it."""
    await tx.run(Q.delete_version, workspace=script.workspace, hash=script.hash)
    await tx.run(Q.restore_head, workspace=script.workspace, path=script.path)


async def has_live_runs(view: View, workspace: str, path: str) -> bool:
    return await view.one(Q.live_runs_of_path, workspace=workspace, path=path) is not None


@dataclass(frozen=True, slots=True)
class CodeLock:
    """The lock of code that is no script; `used_at` in µs."""

    lock: str
    used_at: int


async def code_lock(view: View, workspace: str, digest: str) -> CodeLock | None:
    row = await view.one(Q.code_lock, workspace=workspace, digest=digest)
    return CodeLock(**row) if row else None


async def keep_code_lock(tx: Tx, workspace: str, digest: str, *, lock: str, now: int) -> None:
    """Changes nothing when there is one."""
    await tx.run(Q.keep_code_lock, workspace=workspace, digest=digest, lock=lock, now=now)


async def touch_code_lock(tx: Tx, workspace: str, digest: str, *, now: int) -> None:
    await tx.run(Q.touch_code_lock, workspace=workspace, digest=digest, now=now)


async def forget_code_locks(tx: Tx, *, before: int) -> int:
    return await tx.run(Q.forget_code_locks, before=before)
