"""Jobs for people: one gate for every read of a job, its arguments, logs and result."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from windmill_lite.model.job import JobFilter, JobKind, JobRecord, JobState, Outcome
from windmill_lite.model.page import Page
from windmill_lite.store.db.port import Query, Row, Value, View
from windmill_lite.store.db.sqlfile import load
from windmill_lite.store.people.scope import Scope

Q = load(__package__, "jobs.sql")


async def get(view: View, scope: Scope, job_id: UUID) -> JobRecord | None:
    """The job with its arguments, code and result; None when there is none, or none for you."""
    row = await view.one(Q.get, id=job_id, whole=1, **scope.sees())
    if row is None:
        return None
    return replace(
        _record(row),
        args=row["args"],
        raw_code=row["raw_code"],
        raw_lock=row["raw_lock"],
        result=row["result"],
        retry=row["retry"],
    )


async def peek(view: View, scope: Scope, job_id: UUID) -> JobRecord | None:
    """The job without anything large."""
    row = await view.one(Q.get, id=job_id, whole=None, **scope.sees())
    return None if row is None else _record(row)


async def list_jobs(view: View, scope: Scope, filter_: JobFilter, page: Page) -> list[JobRecord]:
    """One page over queue and completed together, newest first unless the filter says otherwise."""
    most = page.offset + page.limit
    params = _filter_params(filter_, most)
    found: list[JobRecord] = []
    if not _about_completed(filter_):
        rows = await view.all(Q.list_queue, **_known_to(Q.list_queue, params), **scope.sees())
        found += map(_record, rows)
    if filter_.running is not True and filter_.completed is not False:
        rows = await view.all(Q.list_done, **_known_to(Q.list_done, params), **scope.sees())
        found += map(_record, rows)
    found.sort(key=lambda job: job.id, reverse=not filter_.oldest_first)
    return found[page.offset : most]


def _about_completed(filter_: JobFilter) -> bool:
    """Whether a question can only be answered with yes by a job that has completed."""
    asked = (filter_.outcome, filter_.label, filter_.completed_before, filter_.completed_after)
    return filter_.completed is True or any(word is not None for word in asked)


def _known_to(query: Query, params: dict[str, Value]) -> dict[str, Value]:
    """Without the filters that the rows of one side have no columns for."""
    return {name: value for name, value in params.items() if name in query.params}


def _flag(condition: object) -> int | None:
    """Optional lines are kept by presence."""
    return 1 if condition else None


def _filter_params(filter_: JobFilter, most: int) -> dict[str, Value]:
    return {
        "running": _flag(filter_.running is True),
        "not_running": _flag(filter_.running is False),
        "scheduled_until": filter_.scheduled_until,
        "outcomes": filter_.outcome,
        "trouble": _flag(filter_.outcome is not None and "success" not in filter_.outcome),
        "created_by": filter_.created_by,
        "path": filter_.path,
        "path_prefix": filter_.path_prefix,
        "script_hash": filter_.script_hash,
        "parent_id": filter_.parent_id,
        "roots": _flag(filter_.has_parent is False),
        "children": _flag(filter_.has_parent is True),
        "kinds": filter_.kinds,
        "created_before": filter_.created_before,
        "created_after": filter_.created_after,
        "started_before": filter_.started_before,
        "started_after": filter_.started_after,
        "completed_before": filter_.completed_before,
        "completed_after": filter_.completed_after,
        "tag": filter_.tag,
        "worker": filter_.worker,
        "label": None if filter_.label is None else json.dumps(filter_.label),
        "schedule_path": filter_.schedule_path,
        "trigger_kind": filter_.trigger_kind,
        "newest_first": _flag(not filter_.oldest_first),
        "oldest_first": _flag(filter_.oldest_first),
        "limit": most,
    }


def _record(row: Row) -> JobRecord:
    columns = row.keys()
    facts: dict[str, Any] = {
        "id": row["id"],
        "workspace": row["workspace"],
        "kind": JobKind(row["kind"]),
        "path": row["path"],
        "script_hash": row["script_hash"],
        "language": row["language"],
        "created_by": row["created_by"],
        "permissioned_as": row["permissioned_as"],
        "email": row["email"],
        "created_at": row["created_at"],
        "scheduled_for": row["scheduled_for"],
        "tag": row["tag"],
        "priority": row["priority"],
        "timeout_s": row["timeout_s"],
        "parent_id": row["parent_id"],
        "root_id": row["root_id"],
        "step_id": row["step_id"],
        "schedule_path": row["schedule_path"],
        "trigger_kind": row["trigger_kind"],
        "visible_to_owner": bool(row["visible_to_owner"]),
    }
    if "outcome" in columns and row["outcome"] is not None:
        return JobRecord(**facts, **_ending(row))
    return JobRecord(
        **facts,
        state=JobState(row["state"]),
        attempt=row["queue_attempt"],
        retries=row["queue_retries"],
        started_at=row["queue_started_at"],
        canceled_by=row["queue_canceled_by"],
        canceled_reason=row["queue_canceled_reason"],
        worker=row["worker_name"],
        last_ping_at=row["last_seen_at"],
    )


def _ending(row: Row) -> dict[str, Any]:
    return {
        "state": JobState.COMPLETED,
        "attempt": row["done_attempt"],
        "retries": row["done_retries"],
        "started_at": row["done_started_at"],
        "canceled_by": row["canceled_by"],
        "canceled_reason": row["canceled_reason"],
        "worker": row["worker"],
        "outcome": Outcome(row["outcome"]),
        "completed_at": row["completed_at"],
        "duration_ms": row["duration_ms"],
        "memory_peak_kb": row["memory_peak_kb"],
        "sandbox": row["sandbox"],
        "deleted": bool(row["deleted"]),
        "labels": tuple(json.loads(row["labels"])) if row["labels"] else (),
    }


async def logs(view: View, scope: Scope, job_id: UUID, *, from_char: int = 0) -> str | None:
    """The log from a character on; None when there is no such job for you."""
    if await peek(view, scope, job_id) is None:
        return None
    rows = await view.all(Q.log_chunks, id=job_id, from_char=from_char)
    if not rows:
        return ""
    skip = max(0, from_char - int(rows[0]["start"]))
    text: str = "".join(row["chunk"] for row in rows)
    return text[skip:]


async def log_tail(view: View, scope: Scope, job_id: UUID, chars: int) -> str | None:
    """The last `chars` characters of the log."""
    row = await view.one(Q.log_length, id=job_id)
    length = int(row["length"]) if row else 0
    return await logs(view, scope, job_id, from_char=max(0, length - chars))


async def log_length(view: View, scope: Scope, job_id: UUID) -> int | None:
    """Characters logged so far."""
    if await peek(view, scope, job_id) is None:
        return None
    row = await view.one(Q.log_length, id=job_id)
    return int(row["length"]) if row else 0


async def counts(view: View, scope: Scope) -> tuple[int, int]:
    """How many jobs of the workspace wait, and how many run."""
    waiting = await view.one(Q.count_queue, workspace=scope.workspace)
    running = await view.one(Q.count_running, workspace=scope.workspace)
    return (waiting["queued"] if waiting else 0, running["running"] if running else 0)


async def queued_before(view: View, scope: Scope, moment: int) -> int:
    """How many queued jobs of the workspace are due before `moment` (µs)."""
    row = await view.one(Q.ahead, workspace=scope.workspace, moment=moment)
    return row["ahead"] if row else 0
