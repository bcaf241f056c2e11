"""A flow that has ended starts again in the middle, as another run of the same definition.

The new run reads what came before from the earlier one, which therefore stays as long
(`flow_loan`). Everything is one transaction: the job, its status as it goes on, what it inherits,
the loan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from windmill_lite.base.codec import Json, dumps
from windmill_lite.base.errors import AlreadyExists, Conflict, Invalid, NotFound
from windmill_lite.base.ids import new_id
from windmill_lite.core import access
from windmill_lite.core.access import Action
from windmill_lite.core.flow import stored
from windmill_lite.core.flow.compose import gates
from windmill_lite.core.flow.plan import Plan, bodies, plan_of
from windmill_lite.core.flow.restart import inherited, restarted
from windmill_lite.core.flow.status import From, Status
from windmill_lite.engine.flows.beginning import first_run
from windmill_lite.engine.flows.facts.stored_shelf import StoredShelf
from windmill_lite.engine.flows.jobs import FLOW_TAG
from windmill_lite.engine.flows.push import check_options, written
from windmill_lite.engine.flows.scene import Scene
from windmill_lite.engine.keeping import room
from windmill_lite.engine.push import known_job, request_of
from windmill_lite.engine.rules.entry import Entry, repeated
from windmill_lite.engine.rules.entry import place as enter
from windmill_lite.engine.world import World
from windmill_lite.model.flow import RestartAt
from windmill_lite.model.job import FLOW_KINDS, FlowPreview, JobKind, NewJob, RunOptions
from windmill_lite.model.openflow import read
from windmill_lite.model.openflow.shape import Module
from windmill_lite.model.paths import check_path
from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.machine import flows
from windmill_lite.store.machine.library import loans
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope


@dataclass(frozen=True, slots=True)
class Again:
    """Where a run goes on. `args` None: those of the earlier run."""

    flow_id: UUID
    places: tuple[RestartAt, ...]  # the outermost step first
    args: Mapping[str, Json] | None = None
    version: int | None = None  # of the flow; only the one that ran can go on
    edited: FlowPreview | None = None  # a definition that takes the place of the one that ran


@dataclass(frozen=True, slots=True)
class _Next:
    """The run to be, what it inherits, and which gate of the earlier one each of its gates was."""

    job: NewJob
    status: Status
    steps: frozenset[str]
    gates: Mapping[UUID, UUID]


async def restart(world: World, scope: Scope, again: Again, options: RunOptions) -> UUID:
    """The new run. Fails: `NotFound`, `Conflict` for a flow that has not ended, and `Invalid` for a
    step that is not there or did not get that far.
    """
    _check(options)
    text = None if again.edited is None else written(again.edited)
    what = (again.flow_id, again.places, again.args is None, again.version, text)
    request = request_of(scope, options, again.args or {}, "restart", repr(what))
    if (known := await known_job(world, request)) is not None:
        return known
    next_ = await _next(world, scope, again, options)
    await room.require(world)
    new, old = next_.job, again.flow_id

    async def body(tx: Tx) -> UUID:
        if (known := await repeated(tx, Entry(new, request, world.key_time()))) is not None:
            return known
        if not await loans.lend(tx, new.id, old):
            raise NotFound(f"job {old} does not exist")
        if not await enter(tx, new):
            raise AlreadyExists(f"a job with id {new.id} exists already", field="job_id")
        run = replace(first_run(new), version=1, status=stored.written(next_.status))
        await flows.store(tx, run)
        await loans.inherit(tx, new.id, old, steps=sorted(next_.steps))
        for gate, before in next_.gates.items():
            await loans.hear_again(tx, gate, before)
        return new.id

    return await world.db.write(body)


def _check(options: RunOptions) -> None:
    """Fails: `Invalid` for what a run may be told and a restart may not."""
    check_options(options)
    told = {
        "cache_ttl": options.cache_ttl_s,
        "queue_limit": options.queue_limit,
        "on_worker_loss": options.at_most_once or None,
    }
    for name, value in told.items():
        if value is not None:
            words = f"{name}: a run that goes on from another one cannot be told this"
            raise Invalid(words, field=name)


async def _next(world: World, scope: Scope, again: Again, options: RunOptions) -> _Next:
    """Fails: as `restart`."""
    place = _place(again.places)
    async with world.db.view(snapshot=True) as view:
        seen = await jobs.peek(view, scope, again.flow_id)
        if seen is None or seen.kind not in FLOW_KINDS:
            raise NotFound(f"job {again.flow_id} does not exist or is not a flow")
        job = await flows.job(view, seen.id)
        _require_whole(scope, job, again)
        if not seen.completed:
            raise Conflict(f"flow {seen.id} has not ended; cancel it or wait for its end")
        scene = Scene(StoredShelf(world, view), {}, now=world.now())
        old = await scene.act(seen.id)
        args = dumps(dict(old.args if again.args is None else again.args))
        if again.edited is not None:
            job = _edited(job, again.edited)
        new = _new_job(world, scope, job, args=args, options=options)
        plan = _plan(old.plan, again.edited, place)
        status = restarted(plan, old.status, place, Status(new.id))
        await _check_inside(scene, view, status)
    asked, now_asked = gates(old.plan, old.status), gates(plan, status)
    heard = {gate: asked[step] for step, gate in now_asked.items() if step in asked}
    return _Next(new, status, inherited(plan, place), heard)


def _edited(job: NewJob, preview: FlowPreview) -> NewJob:
    path = check_path(preview.path) if preview.path else job.path
    made = job._replace(kind=JobKind.FLOW_PREVIEW, path=path, tag=preview.tag or FLOW_TAG)
    return made._replace(script_hash=None, raw_code=written(preview), cell=None)


def _plan(old: Plan, edited: FlowPreview | None, place: From) -> Plan:
    """The list that goes on. Of an edited one what has run must be what ran: its results are read
    by where they stood. Fails: `Invalid`.
    """
    if edited is None:
        return replace(old, preprocessor=None)
    plan = plan_of(read(edited.value))
    run = (plan.index(place.step) or 0) + (place.body is not None)
    for now, then in zip(plan.steps[:run], old.steps[:run], strict=False):
        if _shape(now) != _shape(then):
            words = f"step {now.id!r} is not what ran in its place; go on from there, or before it"
            raise Invalid(words, field="restarted_from")
    return plan


def _shape(module: Module) -> tuple[object, ...]:
    """Its id and kind, and those of all that is in it."""
    inner = tuple(tuple(map(_shape, modules)) for _, modules in bodies(module))
    return (module.id, type(module.kind), getattr(module.kind, "parallel", None), inner)


async def _check_inside(scene: Scene, view: View, status: Status) -> None:
    """What the body that goes on will find there. Fails: `Invalid`."""
    while (into := status.resumption) is not None:
        if await flows.run(view, into.run) is None:
            words = f"step {into.place.step!r} was not reached in that iteration or branch"
            raise Invalid(words, field="nested_path")
        old = await scene.act(into.run)
        status = restarted(old.plan, old.status, into.place, Status(into.run))


def _place(places: tuple[RestartAt, ...]) -> From:
    """A step that others follow is gone into: at its first body, when nothing else is said."""
    place: From | None = None
    for at in reversed(places):
        into = 0 if at.body is None and place is not None else at.body
        place = From(at.step, into, place)
    assert place is not None, "there is at least the outermost step"
    return place


def _require_whole(scope: Scope, job: NewJob, again: Again) -> None:
    if job.parent_id is not None and job.child_name is not None:
        raise Invalid(
            f"job {job.id} is a part of flow {job.root_id}: start that one again, with the place "
            "in nested_path"
        )
    if job.kind is JobKind.FLOW_PREVIEW or again.edited is not None:
        access.require_author(scope.identity)
    if job.path is not None:
        access.require(scope.identity, Action.RUN, job.path, what="flow")
    if again.version is not None and str(again.version) != job.script_hash:
        raise Invalid(
            f"flow_version: the run was of version {job.script_hash}, and only that can go on",
            field="flow_version",
        )


def _new_job(world: World, scope: Scope, job: NewJob, *, args: str, options: RunOptions) -> NewJob:
    """The same definition, for whoever asks now; nothing of how the earlier one came about."""
    now = world.now()
    who = scope.identity
    return NewJob(
        id=options.job_id or new_id(now),
        workspace=job.workspace,
        kind=job.kind,
        created_by=who.username,
        permissioned_as=who.permissioned_as,
        email=who.email,
        created_at=now,
        scheduled_for=options.scheduled_for or now,
        parent_id=options.parent_id,
        root_id=options.root_id,
        tag=options.tag or job.tag,
        args=args,
        path=job.path,
        script_hash=job.script_hash,
        raw_code=job.raw_code,
        cell=job.cell,
        priority=job.priority if options.priority is None else options.priority,
        trigger_kind=options.trigger_kind,
        visible_to_owner=options.visible_to_owner,
    )
