"""A run of a flow: its job, and beside it the run that its workers decide about."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from windmill_lite.base.codec import Json, dumps
from windmill_lite.base.errors import Invalid, TooLarge
from windmill_lite.base.ids import content_hash
from windmill_lite.core import access
from windmill_lite.core.jobs.flow_settings import run_settings
from windmill_lite.core.jobs.settings import with_settings
from windmill_lite.engine.flows.jobs import FLOW_TAG
from windmill_lite.engine.push import known_job, new_job, push, request_of
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import FlowPreview, JobKind, RunOptions
from windmill_lite.model.openflow import read
from windmill_lite.model.paths import check_path
from windmill_lite.store.people.scope import Scope


async def run_preview(
    world: World,
    scope: Scope,
    preview: FlowPreview,
    *,
    args: Mapping[str, Json],
    options: RunOptions,
) -> UUID:
    """A run of a flow that is not deployed: writing code, so not for operators.

    Fails: `Invalid` with the place in the definition, or with the option that a flow has not.
    """
    access.require_author(scope.identity)
    check_options(options)
    text = written(preview)
    flow = read(preview.value)
    path = check_path(preview.path) if preview.path else None
    request = request_of(scope, options, args, "flowpreview", text)
    if (known := await known_job(world, request)) is not None:
        return known
    job = new_job(world, scope, JobKind.FLOW_PREVIEW, args=args, options=options)
    tag = options.tag or preview.tag or FLOW_TAG
    job = job._replace(path=path, tag=tag, raw_code=text)
    version = content_hash("flowpreview", text)
    job = with_settings(job, run_settings(flow), args, version=version)
    if options.priority is not None:
        job = job._replace(priority=options.priority)
    return await push(world, job, options, request)


def written(preview: FlowPreview) -> str:
    """Fails: `TooLarge`."""
    text = dumps(preview.value)
    if len(text) > limits.FLOW_BYTES_MAX or len(text.encode()) > limits.FLOW_BYTES_MAX:
        raise TooLarge(f"value is larger than {limits.FLOW_BYTES_MAX} bytes", field="value")
    return text


def check_options(options: RunOptions) -> None:
    """Fails: `Invalid`, naming what a run of a script may have and a run of a flow may not."""
    if options.timeout_s is not None:
        raise Invalid(
            "timeout: the steps of a flow have time limits, the flow has none", field="timeout"
        )
    if options.retry is not None:
        raise Invalid("retry: the steps of a flow are tried again, the flow is not", field="retry")
