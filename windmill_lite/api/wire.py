"""From what is stored to what clients read: names, moments and absent members as Windmill has them.

Moments are RFC 3339 in UTC. A member that is null is left out, since clients compare deeply. Large
JSON (arguments, results, schemas) is spliced in as the text it is stored as.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from windmill_lite.api.replies import present, spliced
from windmill_lite.base import codec
from windmill_lite.base.clock import from_us
from windmill_lite.base.codec import Json
from windmill_lite.model.identity import EVERYBODY, Account, Login
from windmill_lite.model.job import FLOW_KINDS, JobKind, JobRecord, JobState, Outcome
from windmill_lite.model.limits import RESULT_BYTES_SHOWN
from windmill_lite.model.schedule import Schedule, ScheduledRun, Tick
from windmill_lite.model.worker import Worker
from windmill_lite.model.workspace import Member, Membership, Workspace

TOO_BIG = '"WINDMILL_TOO_BIG"'


def moment(us: int) -> str:
    """`2026-01-01T00:00:00.123456Z`"""
    return from_us(us).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def maybe_moment(us: int | None) -> str | None:
    return None if us is None else moment(us)


def job_head(job: JobRecord) -> dict[str, Json]:
    """A job without what is large: a line of a list."""
    facts = _asked(job) | (_ended(job) if job.completed else _alive(job))
    return present(**facts)


def _asked(job: JobRecord) -> dict[str, Json]:
    return {
        "type": "CompletedJob" if job.completed else "QueuedJob",
        "id": str(job.id),
        "workspace_id": job.workspace,
        "parent_job": _maybe_text(job.parent_id),
        "root_job": _maybe_text(job.root_id),
        "created_by": job.created_by,
        "created_at": moment(job.created_at),
        "started_at": maybe_moment(job.started_at),
        "scheduled_for": moment(job.scheduled_for),
        "script_path": job.path,
        "script_hash": job.script_hash,
        "canceled": job.canceled,
        "canceled_by": job.canceled_by,
        "canceled_reason": job.canceled_reason,
        "job_kind": job.kind.value,
        "schedule_path": job.schedule_path,
        "permissioned_as": job.permissioned_as,
        "is_flow_step": job.step_id is not None,
        "flow_step_id": job.step_id,
        "language": job.language,
        "email": job.email,
        "visible_to_owner": job.visible_to_owner,
        "mem_peak": job.memory_peak_kb,
        "cpu_ms": job.cpu_ms,
        "tag": job.tag,
        "priority": job.priority or None,
        "timeout": job.timeout_s,
        "trigger_kind": job.trigger_kind,
        "worker": job.worker,
        "sandbox": job.sandbox,
        "attempt": job.attempt if job.attempt > 1 else None,
        "retries": job.retries or None,
        "on_worker_loss": "fail" if job.at_most_once else None,
        "concurrency_key": job.concurrency_key,
        "preprocessed": True if job.preprocessed else None,
    }


def _alive(job: JobRecord) -> dict[str, Json]:
    return {
        "running": job.running,
        "blocked": True if job.state is JobState.BLOCKED else None,
        "suspend": job.suspend,
        "last_ping": maybe_moment(job.last_ping_at),
    }


def _ended(job: JobRecord) -> dict[str, Json]:
    return {
        "success": job.outcome is not None and job.outcome.is_good,
        "is_skipped": job.outcome is Outcome.SKIPPED,
        "completed_at": maybe_moment(job.completed_at),
        "duration_ms": job.duration_ms,
        "deleted": job.deleted,
        "from_cache": True if job.cached_from is not None else None,
        "cached_from": _maybe_text(job.cached_from),
        "labels": list(job.labels) or None,
        # Canceled before any worker took it: Windmill's completed job always has a start.
        "started_at": moment(job.started_at or job.completed_at or job.created_at),
    }


def job_text(
    job: JobRecord, *, logs: str | None, code: bool = True, flow: Mapping[str, Json] | None = None
) -> str:
    """A whole job as JSON text; a large result only says that it is large. `flow` is what is told
    of a flow besides: its status and its definition.
    """
    result = job.result
    if result is not None and len(result) > RESULT_BYTES_SHOWN:
        result = TOO_BIG
    head = job_head(job) | present(logs=logs, **(flow or {}))
    if code and job.kind is JobKind.FLOW_DEPENDENCIES and job.raw_code is not None:
        head |= present(raw_flow=codec.loads(job.raw_code))
    elif code and job.kind not in FLOW_KINDS:
        head |= present(raw_code=job.raw_code)
    return spliced(head, {"args": job.args, "result": result, "retry": job.retry})


def _maybe_text(value: object | None) -> str | None:
    return None if value is None else str(value)


def schedule_text(schedule: Schedule, jobs: Sequence[ScheduledRun] | None = None) -> str:
    """A schedule as JSON text: its plan as it was pushed, and what is so whatever was pushed."""
    options = codec.loads(schedule.options)
    facts = present(
        workspace_id=schedule.workspace,
        path=schedule.path,
        script_path=schedule.script_path,
        is_flow=schedule.is_flow,
        schedule=schedule.cron,
        timezone=schedule.timezone,
        enabled=schedule.enabled,
        edited_by=schedule.edited_by,
        edited_at=moment(schedule.edited_at),
        permissioned_as=schedule.permissioned_as,
        email=schedule.email,
        extra_perms={},
        is_draft=False,
        next_at=maybe_moment(schedule.next_at),
        last_at=maybe_moment(schedule.last_at),
        error=schedule.error,
    )
    if jobs is not None:
        facts["jobs"] = [
            {"id": str(run.id), "success": run.success, "duration_ms": run.duration_ms}
            for run in jobs
        ]
    return spliced(options | facts, {"args": schedule.args})


def tick(entry: Tick) -> dict[str, Json]:
    several = entry.count > 1
    return present(
        at=moment(entry.at),
        until=moment(entry.until) if several else None,
        count=entry.count if several else None,
        job_id=_maybe_text(entry.job_id),
        skipped=entry.skipped,
        reason=entry.reason,
    )


def global_user(account: Account | Login) -> dict[str, Json]:
    return present(
        email=account.email,
        login_type="password",
        super_admin=account.super_admin,
        devops=False,
        verified=True,
        first_time_user=False,
        role_source="manual",
        disabled=account.disabled if isinstance(account, Account) else False,
        name=account.name,
    )


def workspace(space: Workspace) -> dict[str, Json]:
    return present(id=space.id, name=space.name, owner=space.owner, color=space.color)


def user_workspace(entry: Membership) -> dict[str, Json]:
    role = "admin" if entry.is_admin else "operator" if entry.operator else "developer"
    return {
        "color": None,  # clients want it
        **present(
            id=entry.workspace.id,
            name=entry.workspace.name,
            username=entry.username,
            color=entry.workspace.color,
            disabled=entry.disabled,
            role=role,
            is_dev_workspace=False,
        ),
    }


def member(person: Member, groups: Sequence[str] = (EVERYBODY,)) -> dict[str, Json]:
    return {
        "email": person.email,
        "username": person.username,
        "is_admin": person.is_admin,
        "is_super_admin": person.super_admin,
        "operator": person.operator,
        "disabled": person.disabled,
        "created_at": moment(person.created_at),
        "groups": list(groups),
        "folders": [],
        "folders_read": [],
        "folders_owners": [],
    }


def worker(entry: Worker, *, silent_s: int, alive: bool) -> dict[str, Json]:
    return present(
        worker=entry.name,
        worker_instance=entry.host,
        worker_group="default",
        ip=entry.host,
        started_at=moment(entry.started_at),
        last_ping=silent_s,
        alive=alive,
        jobs_executed=entry.jobs_done,
        custom_tags=list(entry.tags),
        wm_version=entry.version,
        memory_usage=None if entry.memory_kb is None else entry.memory_kb * 1024,
        job_isolation=entry.sandbox,
        slots=entry.slots,
        languages=[
            {"name": each.name, "runs": each.runs, "version": each.version, "note": each.note}
            for each in entry.languages
        ],
    )
