"""Runs of deployed flows, and what a flow that runs was asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from windmill_lite.base.codec import Json, loads
from windmill_lite.base.errors import Invalid, NotFound
from windmill_lite.core import access, arguments
from windmill_lite.core.access import Action
from windmill_lite.core.jobs import cell
from windmill_lite.core.jobs.flow_settings import run_settings
from windmill_lite.core.jobs.settings import with_settings
from windmill_lite.engine.flows.jobs import FLOW_TAG
from windmill_lite.engine.flows.push import check_options
from windmill_lite.engine.push import Event, known_job, new_job, push, request_of
from windmill_lite.engine.world import World
from windmill_lite.model.flow import FlowVersion
from windmill_lite.model.job import JobKind, NewJob, RunOptions
from windmill_lite.store.machine.library import flows
from windmill_lite.store.people.scope import Scope

Args = Mapping[str, Json]


async def run_path(
    world: World,
    scope: Scope,
    path: str,
    *,
    args: Args,
    options: RunOptions,
    event: Event | None = None,
) -> UUID:
    """A run of the newest version of a flow, archived or not. With `event`, a flow that has a
    preprocessor begins with it.
    """
    access.require(scope.identity, Action.RUN, path, what="flow")
    request = request_of(scope, options, args, "flow", path)
    if (known := await known_job(world, request)) is not None:
        return known
    workspace = scope.workspace
    flow = await world.together.read(
        ("flow", workspace, path), lambda: _head(world, workspace, path)
    )
    job = await _asked(world, scope, flow, args, options=options, event=event)
    return await push(world, job, options, request)


async def _head(world: World, workspace: str, path: str) -> FlowVersion:
    async with world.db.view() as view:
        flow = await flows.head(view, workspace, path)
    if flow is None or flow.deleted:
        raise NotFound(f"flow not found at name {path}")
    return flow


async def run_version(
    world: World,
    scope: Scope,
    version: int,
    *,
    args: Args,
    options: RunOptions,
    event: Event | None = None,
) -> UUID:
    """A run of one version, be it the newest or not; `event` as above."""
    request = request_of(scope, options, args, "flow version", str(version))
    if (known := await known_job(world, request)) is not None:
        return known
    flow = await visible_version(world, scope, version)
    access.require(scope.identity, Action.RUN, flow.path, what="flow")
    job = await _asked(world, scope, flow, args, options=options, event=event)
    return await push(world, job, options, request)


async def visible_version(world: World, scope: Scope, version: int) -> FlowVersion:
    """Fails: `NotFound`, also for one that this person may not see."""
    async with world.db.view() as view:
        flow = await flows.version(view, scope.workspace, version)
    seen = flow is not None and access.may(scope.identity, Action.READ, flow.path)
    if flow is None or flow.deleted or not seen:
        raise NotFound(f"flow not found with version {version}")
    return flow


async def _asked(
    world: World,
    scope: Scope,
    flow: FlowVersion,
    args: Args,
    *,
    options: RunOptions,
    event: Event | None,
) -> NewJob:
    if event is not None and world.definitions.version(flow).flow.preprocessor is not None:
        args, options = await event(), options._replace(prepares=True)
    return flow_job(world, scope, flow, args=args, options=options)


def flow_job(
    world: World, scope: Scope, flow: FlowVersion, *, args: Args, options: RunOptions
) -> NewJob:
    """What a run of this version is. Fails: `Invalid`, naming the argument that does not fit."""
    check_options(options)
    if flow.schema is not None and not options.prepares:
        problems = arguments.check(loads(flow.schema, what="schema"), dict(args))
        if problems:
            told = "; ".join(str(problem) for problem in problems)
            raise Invalid(f"arguments of {flow.path}: {told}", field=problems[0].path)
    version = world.definitions.version(flow)
    job = new_job(world, scope, JobKind.FLOW, args=args, options=options)
    job = job._replace(
        path=flow.path,
        script_hash=str(flow.id),
        tag=options.tag or flow.tag or FLOW_TAG,
        prepares=options.prepares,
        cell=cell.written(version.cell),
    )
    job = with_settings(job, run_settings(version.flow), args)
    told_priority = loads(flow.options, what="options").get("priority")
    priority = options.priority if options.priority is not None else told_priority
    return job if priority is None else job._replace(priority=priority)
