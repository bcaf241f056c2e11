"""What the children of a flow are as jobs."""

from __future__ import annotations

import math
from dataclasses import replace

from windmill_lite.base.codec import dumps
from windmill_lite.base.errors import Bug
from windmill_lite.core.flow.effects import PushStep
from windmill_lite.core.flow.refs import child_id, parsed
from windmill_lite.engine.flows.scene import Act
from windmill_lite.model import limits
from windmill_lite.model.job import JobKind, NewJob
from windmill_lite.model.openflow.shape import RawScript

FLOW_TAG = "flow"


def child_of(act: Act, *, now: int) -> NewJob:
    """What every child shares with the flow it belongs to: whose it is, and its rights."""
    flow_job = act.asked.job
    return replace(
        flow_job,
        created_at=now,
        scheduled_for=now,
        parent_id=act.run.id,
        root_id=flow_job.root_id or flow_job.id,
        timeout_s=None,
        schedule_path=None,
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
        debounce=None,
        max_attempts=limits.JOB_ATTEMPTS_DEFAULT,
    )


def path_in(act: Act, step: str) -> str | None:
    """Where a step of the flow is: whoever may see the flow may see what it does."""
    path = act.asked.job.path
    return None if path is None else f"{path}/{step}"


def body_job(act: Act, *, now: int) -> NewJob:
    assert act.run.parent is not None, "a body has a parent"
    shared = child_of(act, now=now)
    return replace(
        shared,
        id=act.run.id,
        kind=JobKind.FLOW,
        path=path_in(act, parsed(act.run.name).step),
        parent_id=act.run.parent,
        tag=FLOW_TAG,
        args="{}",
        step_id=parsed(act.run.name).step,
        child_name=act.run.name,
    )


def step_job(act: Act, push: PushStep, *, args: str | None, now: int) -> NewJob:
    """`args` of the try before, when the push says so."""
    module, kind = push.module, push.module.kind
    if not isinstance(kind, RawScript):
        raise Bug(f"step {module.id}: only inline scripts are joined")
    text = args if args is not None else dumps(dict(push.args or {}))
    return replace(
        child_of(act, now=now),
        id=child_id(act.run.id, push.name),
        kind=JobKind.PREVIEW,
        language=kind.language,
        raw_code=kind.content,
        raw_lock=kind.lock,
        path=kind.path or path_in(act, module.id),
        tag=kind.tag or kind.language,
        args=text,
        scheduled_for=now + push.delay_us,
        priority=module.priority or act.asked.job.priority,
        timeout_s=math.ceil(push.timeout_s) if push.timeout_s else None,
        step_id=module.id,
        child_name=str(push.name),
    )
