"""Rows that both doors read, as nouns of the model."""

from __future__ import annotations

import json
from typing import Any

from windmill_lite.model.flow import FlowVersion
from windmill_lite.model.job import JobKind, JobRecord, JobState, Outcome
from windmill_lite.model.resource import Resource, ResourceType
from windmill_lite.model.schedule import Schedule
from windmill_lite.model.script import Script
from windmill_lite.model.variable import Variable
from windmill_lite.store.db.port import Row


def script_of(row: Row) -> Script:
    """A version from a row with all columns of `script`."""
    return Script(
        workspace=row["workspace"],
        hash=row["hash"],
        path=row["path"],
        parent_hash=row["parent_hash"],
        summary=row["summary"],
        description=row["description"],
        content=row["content"],
        language=row["language"],
        kind=row["kind"],
        schema=row["schema"],
        lock=row["lock"],
        lock_error=row["lock_error"],
        tag=row["tag"],
        timeout_s=row["timeout_s"],
        options=row["options"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        deployment_message=row["deployment_message"],
        archived=bool(row["archived"]),
        deleted=bool(row["deleted"]),
        head=bool(row["head"]),
    )


def flow_of(row: Row) -> FlowVersion:
    """A version from a row with all columns of `flow_version`."""
    return FlowVersion(
        workspace=row["workspace"],
        id=row["id"],
        path=row["path"],
        summary=row["summary"],
        description=row["description"],
        value=row["value"],
        uses=row["uses"],
        schema=row["schema"],
        tag=row["tag"],
        options=row["options"],
        created_by=row["created_by"],
        created_at=row["created_at"],
        deployment_message=row["deployment_message"],
        archived=bool(row["archived"]),
        deleted=bool(row["deleted"]),
        head=bool(row["head"]),
    )


def schedule_of(row: Row) -> Schedule:
    """A schedule from a row with all columns of `schedule`."""
    return Schedule(
        workspace=row["workspace"],
        path=row["path"],
        script_path=row["script_path"],
        is_flow=bool(row["is_flow"]),
        cron=row["cron"],
        timezone=row["timezone"],
        enabled=bool(row["enabled"]),
        args=row["args"],
        summary=row["summary"],
        description=row["description"],
        tag=row["tag"],
        no_overlap=bool(row["no_overlap"]),
        paused_until=row["paused_until"],
        options=row["options"],
        edited_by=row["edited_by"],
        edited_at=row["edited_at"],
        permissioned_as=row["permissioned_as"],
        email=row["email"],
        next_at=row["next_at"],
        last_at=row["last_at"],
        error=row["error"],
    )


def variable_of(row: Row) -> Variable:
    """A variable from a row with all columns of `variable`."""
    return Variable(
        workspace=row["workspace"],
        path=row["path"],
        value=row["value"],
        is_secret=bool(row["is_secret"]),
        description=row["description"],
        labels=tuple(json.loads(row["labels"])),
        edited_by=row["edited_by"],
        edited_at=row["edited_at"],
    )


def resource_of(row: Row) -> Resource:
    """A resource from a row with all columns of `resource`."""
    return Resource(
        workspace=row["workspace"],
        path=row["path"],
        value=row["value"],
        resource_type=row["resource_type"],
        description=row["description"],
        labels=tuple(json.loads(row["labels"])),
        created_by=row["created_by"],
        edited_by=row["edited_by"],
        edited_at=row["edited_at"],
    )


def resource_type_of(row: Row) -> ResourceType:
    """A type from a row with all columns of `resource_type`."""
    return ResourceType(
        workspace=row["workspace"],
        name=row["name"],
        schema=row["schema"],
        description=row["description"],
        format_extension=row["format_extension"],
        created_by=row["created_by"],
        edited_at=row["edited_at"],
    )


def record_of(row: Row, **more: Any) -> JobRecord:
    """A job from a row of its facts, and of its place in the queue or its end; `more` are further
    fields.
    """
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
        "concurrency_key": row.get("concurrency_key"),
        "at_most_once": row.get("max_attempts") == 1,
    }
    if "outcome" in columns and row["outcome"] is not None:
        return JobRecord(**facts, **_ending(row), **more)
    return JobRecord(
        **facts,
        **more,
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
        "cpu_ms": row["cpu_ms"],
        "sandbox": row["sandbox"],
        "deleted": bool(row["deleted"]),
        "cached_from": row["cached_from"],
        "labels": tuple(json.loads(row["labels"])) if row["labels"] else (),
    }
