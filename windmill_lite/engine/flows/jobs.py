"""What the children of a flow are as jobs; of the steps among them, steps.py knows the rest."""

from __future__ import annotations

from windmill_lite.core.flow.refs import parsed
from windmill_lite.engine.flows.scene import Act
from windmill_lite.model import limits
from windmill_lite.model.job import JobKind, NewJob

FLOW_TAG = "flow"


def child_of(act: Act, *, now: int) -> NewJob:
    """What every child shares with the flow it belongs to: whose it is, and its rights."""
    flow_job = act.asked.job
    return flow_job._replace(
        created_at=now,
        scheduled_for=now,
        parent_id=act.run.id,
        root_id=flow_job.root_id or flow_job.id,
        priority=0,
        timeout_s=None,
        trigger_kind=None,
        path=None,
        script_hash=None,
        language=None,
        raw_code=None,
        raw_lock=None,
        retry=None,
        concurrency_key=None,
        concurrent_limit=None,
        concurrency_window_s=None,
        cache_key=None,
        cache_ttl_s=None,
        delete_after_s=None,
        cell=None,
        debounce=None,
        max_attempts=limits.JOB_ATTEMPTS_DEFAULT,
    )


def path_in(act: Act, step: str) -> str | None:
    """Where a step of the flow is: whoever may see the flow may see what it does."""
    path = act.asked.job.path
    return None if path is None else f"{path}/{step}"


def body_job(act: Act, *, now: int) -> NewJob:
    assert act.run.parent is not None, "a body has a parent"
    flow_job = act.asked.job
    return child_of(act, now=now)._replace(
        id=act.run.id,
        kind=JobKind.FLOW,
        path=path_in(act, parsed(act.run.name).step),
        parent_id=act.run.parent,
        tag=flow_job.tag,
        priority=flow_job.priority,
        args="{}",
        step_id=parsed(act.run.name).step,
        child_name=act.run.name,
    )
