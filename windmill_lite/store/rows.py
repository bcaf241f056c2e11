"""Rows that both doors read, as nouns of the model."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

from windmill_lite.model.flow import FlowVersion
from windmill_lite.model.job import JobKind, JobRecord, JobState, Outcome
from windmill_lite.model.resource import Resource, ResourceType
from windmill_lite.model.schedule import Schedule
from windmill_lite.model.script import Script
from windmill_lite.model.variable import Variable
from windmill_lite.store.db.port import Row

N = TypeVar("N")


def reader(kind: type[N]) -> Callable[[Row], N]:
    """Reads a noun from a row with a column for each of its fields.

    Neither database has lists, and both keep truth as a number: 0 and 1 become what a field says
    that is a bool, JSON text becomes a tuple.
    """
    columns = [(field.name, _read_as(str(field.type))) for field in fields(kind)]  # type: ignore[arg-type]

    def read(row: Row) -> N:
        return kind(**{name: as_(row[name]) if as_ else row[name] for name, as_ in columns})

    return read


def _read_as(type_: str) -> Callable[[Any], object] | None:
    if type_ == "bool":
        return bool
    return _list if type_.startswith("tuple") else None


def _list(text: str) -> tuple[Any, ...]:
    return tuple(json.loads(text))


script_of = reader(Script)
flow_of = reader(FlowVersion)
schedule_of = reader(Schedule)
variable_of = reader(Variable)
resource_of = reader(Resource)
resource_type_of = reader(ResourceType)


#: Of a job, as they lie in its row.
_FACTS = (
    *("id", "workspace", "path", "script_hash", "language", "created_by", "permissioned_as"),
    *("email", "created_at", "scheduled_for", "tag", "priority", "timeout_s", "parent_id"),
    *("root_id", "step_id", "schedule_path", "trigger_kind"),
)


def record_of(row: Row, **more: Any) -> JobRecord:
    """A job from a row of its facts, and of its place in the queue or its end; `more` are further
    fields.
    """
    columns = row.keys()
    facts: dict[str, Any] = {
        **{name: row[name] for name in _FACTS},
        "kind": JobKind(row["kind"]),
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
        suspend=_approvals(row.get("gated")),
    )


def _approvals(status: str | None) -> int | None:
    """How many are waited for by a flow with this status, when it waits for any."""
    if status is None:
        return None
    told = json.loads(status)
    missing: int | None = told["steps"][told.get("at", 0)].get("missing")
    return missing


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
