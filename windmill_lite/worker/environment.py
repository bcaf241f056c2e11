"""What a job sees in its environment: Windmill's names, all of them always set."""

from __future__ import annotations

from dataclasses import dataclass

from windmill_lite.engine import job_token
from windmill_lite.engine.world import World
from windmill_lite.model.job import Claim


@dataclass(frozen=True, slots=True)
class Place:
    """Where the job runs, as far as the job may know; addresses have neither path nor slash at the
    end.
    """

    base_url: str
    internal_url: str  # how a job on this machine reaches the API
    worker_group: str = "default"


def job_environment(world: World, claim: Claim, place: Place) -> dict[str, str]:
    """Built from nothing: whatever the worker itself was started with stays its own.

    What belongs to the place (HOME, TMPDIR, PATH, the locale) comes from the cell and the runtime.
    """
    job, name = claim.job, str(claim.job.id)
    return {
        "TZ": "UTC",
        "BASE_URL": place.base_url,
        "BASE_INTERNAL_URL": place.internal_url,
        "WM_BASE_URL": place.base_url,
        "WM_TOKEN": job_token.issue(world.instance_key, job.id, claim.attempt),
        "WM_WORKSPACE": job.workspace,
        "WM_JOB_ID": name,
        "WM_JOB_PATH": job.path or "",
        "WM_RUNNABLE_ID": job.script_hash or "",
        "WM_FLOW_JOB_ID": str(job.parent_id or "") if job.step_id else "",
        "WM_FLOW_PATH": claim.flow_path or "" if job.step_id else "",
        "WM_FLOW_STEP_ID": job.step_id or "",
        "WM_ROOT_FLOW_JOB_ID": str(job.root_id or ""),
        "WM_ROOT_JOB_ID": str(job.root_id or name),
        "WM_SCHEDULE_PATH": job.schedule_path or "",
        "WM_SCHEDULED_FOR": str(job.scheduled_for // 1_000_000),
        "WM_STATE_PATH": state_path(claim),
        "WM_OBJECT_PATH": object_path(claim),
        "WM_EMAIL": job.email,
        "WM_END_USER_EMAIL": "",
        "WM_USERNAME": job.permissioned_as.removeprefix("u/"),
        "WM_PERMISSIONED_AS": job.permissioned_as,
        "WM_WORKER_GROUP": place.worker_group,
        "WM_ATTEMPT": str(claim.attempt),
    }


def state_path(claim: Claim) -> str:
    """Where the job keeps its state between runs, a resource: a step for its flow, a script for
    itself; apart for each schedule.
    """
    job = claim.job
    trigger = job.created_by if job.schedule_path else "user"
    if job.step_id and claim.flow_path:
        return f"{claim.flow_path}/{job.step_id}_{trigger}"
    if job.path is None:
        return f"{job.permissioned_as}/tmp_state"  # noqa: S108  a path of ours, not a file
    return f"{job.path}/{trigger}"


def object_path(claim: Claim) -> str:
    """A place for this run's files in object storage: `{path}/{schedule or manual}/{ms}_{job}`, of
    a step `{flow}/{schedule or manual}/{step}/{ms}_{job}`.
    """
    job = claim.job
    in_flow = job.step_id and claim.flow_path
    place = claim.flow_path if in_flow else job.path
    parts = [place or "", job.schedule_path or "manual", *([job.step_id or ""] if in_flow else [])]
    names = "/".join(part.replace("/", "_") for part in parts)
    return f"{names}/{job.created_at // 1000}_{job.id}"
