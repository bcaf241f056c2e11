"""A flow enters the queue: its job, and beside it a run that nothing has happened to."""

from __future__ import annotations

from windmill_lite.core.flow import stored
from windmill_lite.core.flow.status import Level, Status, Step
from windmill_lite.model.flow_run import FlowRun
from windmill_lite.model.job import NewJob


def first_run(job: NewJob) -> FlowRun:
    """Of a whole flow. The body of a loop or a branch begins with what is decided about it."""
    child = job.child_name is not None
    status = Status(
        job.id,
        Level.FLOW if child else Level.ROOT,
        preprocessor=Step() if job.prepares else None,
    )
    return FlowRun(
        id=job.id,
        version=0,
        status=stored.written(status),
        owner=job.id,
        place=None,
        scope=job.id,
        parent=job.parent_id if child else None,
        name=job.child_name or "",
    )
