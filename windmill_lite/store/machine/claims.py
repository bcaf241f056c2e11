"""From ready to running: verbs of the claim; the engine composes them in one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from windmill_lite.base.errors import Bug
from windmill_lite.model.job import Claim, JobKind, NewJob
from windmill_lite.store.db.port import Row, Tx, View
from windmill_lite.store.db.sqlfile import load

Q = load(__package__, "claims.sql")


@dataclass(frozen=True, slots=True)
class Turn:
    """Who claims, for which tags, and the workspace it served last."""

    worker_id: UUID
    tags: Sequence[str]
    after: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A job that runs from now on."""

    id: UUID
    attempt: int
    retries: int
    workspace: str
    concurrency_key: str | None


async def come_due(tx: Tx, *, now: int, most: int) -> int:
    """How many delayed jobs became ready; with `most` of them there may be more."""
    return await tx.run(Q.come_due, now=now, most=most)


async def next_due_at(view: View) -> int | None:
    """When the earliest delayed job becomes ready, or should have."""
    row = await view.one(Q.next_due_at)
    return row["due_at"] if row else None


async def take(tx: Tx, turn: Turn, *, now: int) -> Taken | None:
    """The next ready job, now running for this worker; None when there is none for its tags."""
    wanted = json.dumps(dict.fromkeys(turn.tags, 0))
    row = await tx.one(Q.claim, worker_id=turn.worker_id, tags=wanted, after=turn.after, now=now)
    return None if row is None else Taken(**row)


async def claims_of(tx: Tx, taken: Sequence[Taken], *, now: int) -> list[Claim]:
    """What a worker needs to know of the jobs it has just taken, in the same order."""
    if not taken:
        return []
    rows = await tx.all(Q.claimed, ids=tuple(each.id for each in taken))
    jobs = {row["id"]: row for row in rows}
    return [claim_of(jobs[each.id], each, now) for each in taken]


def claim_of(row: Row, taken: Taken, now: int) -> Claim:
    code = row["raw_code"] if row["raw_code"] is not None else row["content"]
    if code is None and row["kind"] in (JobKind.FLOW, JobKind.FLOW_DEPENDENCIES):
        code = ""  # it is the flow's
    if code is None:
        raise Bug(f"job {row['id']} has no code: neither its own nor that of a script version")
    return Claim(
        job=job_of(row),
        attempt=taken.attempt,
        retries=taken.retries,
        started_at=now,
        code=code,
        lock=row["raw_lock"] if row["raw_code"] is not None else row["lock"],
        log_length=row["log_length"],
        flow_path=row["flow_path"],
        flow_id=row["flow_id"],
    )


def job_of(row: Row) -> NewJob:
    """What was asked, from a row that carries all columns of `job`."""
    return NewJob(
        id=row["id"],
        workspace=row["workspace"],
        kind=JobKind(row["kind"]),
        created_by=row["created_by"],
        permissioned_as=row["permissioned_as"],
        email=row["email"],
        created_at=row["created_at"],
        scheduled_for=row["scheduled_for"],
        tag=row["tag"],
        args=row["args"],
        path=row["path"],
        script_hash=row["script_hash"],
        language=row["language"],
        priority=row["priority"],
        timeout_s=row["timeout_s"],
        parent_id=row["parent_id"],
        root_id=row["root_id"],
        step_id=row["step_id"],
        child_name=row["child_name"],
        schedule_path=row["schedule_path"],
        trigger_kind=row["trigger_kind"],
        visible_to_owner=bool(row["visible_to_owner"]),
        max_attempts=row["max_attempts"],
        raw_code=row["raw_code"],
        raw_lock=row["raw_lock"],
        retry=row["retry"],
        concurrency_key=row["concurrency_key"],
        concurrent_limit=row["concurrent_limit"],
        concurrency_window_s=row["concurrency_window_s"],
        cache_key=row["cache_key"],
        cache_ttl_s=row["cache_ttl_s"],
        delete_after_s=row["delete_after_s"],
        cell=row["cell"],
    )
