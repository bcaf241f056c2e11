"""Making, changing and removing schedules, and what they are about to do.

A schedule's jobs have the rights of whoever edited or enabled it last. Its next tick is computed
anew with every edit, strictly after now and after the last tick that had its turn.
"""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import UUID

from windmill_lite.base.codec import dumps
from windmill_lite.base.errors import AlreadyExists, Invalid, NotFound, TooLarge
from windmill_lite.core import access
from windmill_lite.core.access import Action
from windmill_lite.core.schedule import cron
from windmill_lite.engine import push
from windmill_lite.engine.flows import deployed
from windmill_lite.engine.schedule import first_job, leave_out, owner_of
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import RunOptions
from windmill_lite.model.paths import check_path
from windmill_lite.model.schedule import NewSchedule, Plan, Schedule
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import accounts, schedules
from windmill_lite.store.people.scope import Scope

RING = "schedule"


async def create(world: World, scope: Scope, new: NewSchedule) -> None:
    """Fails: `AlreadyExists`; when it is enabled also as a run of what it starts would."""
    check_path(new.path)
    check_path(new.script_path)
    access.require(scope.identity, Action.WRITE, new.path, what="schedule")
    blank = Schedule(
        workspace=scope.workspace,
        path=new.path,
        script_path=new.script_path,
        is_flow=new.is_flow,
        cron="",
        timezone="",
        enabled=new.enabled,
        args=None,
        summary="",
        description="",
        tag=None,
        no_overlap=False,
        paused_until=None,
        options="{}",
        edited_by="",
        edited_at=0,
        permissioned_as="",
        email="",
        next_at=None,
        last_at=None,
        error=None,
    )
    planned = _planned(world, blank, new.plan)

    async def body(tx: Tx) -> None:
        made = await _edited(world, tx, scope, planned, owner=new.plan.owner)
        if not await schedules.insert(tx, made):
            raise AlreadyExists(f"a schedule exists at {new.path} already", field="path")
        tx.ring(RING)

    await world.db.write(body)


async def update(world: World, scope: Scope, path: str, plan: Plan) -> None:
    """Replaces the plan. Enabled stays enabled, and its script stays the same."""
    access.require(scope.identity, Action.WRITE, path, what="schedule")

    async def body(tx: Tx) -> None:
        found = await _found(tx, scope, path)
        planned = _planned(world, found, plan)
        await leave_out(tx, found, now=world.now())
        await schedules.edit(tx, await _edited(world, tx, scope, planned, owner=plan.owner))
        tx.ring(RING)

    await world.db.write(body)


async def set_enabled(world: World, scope: Scope, path: str, *, enabled: bool) -> None:
    access.require(scope.identity, Action.WRITE, path, what="schedule")

    async def body(tx: Tx) -> None:
        found = await _found(tx, scope, path)
        turned = replace(found, enabled=enabled)
        await leave_out(tx, found, now=world.now())
        await schedules.edit(tx, await _edited(world, tx, scope, turned))
        tx.ring(RING)

    await world.db.write(body)


async def delete(world: World, scope: Scope, path: str) -> None:
    """The schedule and the record of its ticks; its jobs stay."""
    access.require(scope.identity, Action.WRITE, path, what="schedule")

    async def body(tx: Tx) -> None:
        if not await schedules.delete(tx, scope.workspace, path):
            raise _missing(path)

    await world.db.write(body)


async def run_now(world: World, scope: Scope, path: str, options: RunOptions) -> UUID:
    """A run with the schedule's arguments and the caller's rights. It is no tick."""
    access.require(scope.identity, Action.READ, path, what="schedule")
    async with world.db.view() as view:
        found = await schedules.get(view, scope.workspace, path)
    if found is None:
        raise _missing(path)
    options = options._replace(tag=found.tag, schedule_path=path)
    args = json.loads(found.args) if found.args is not None else {}
    run = deployed.run_path if found.is_flow else push.run_path
    return await run(world, scope, found.script_path, args=args, options=options)


def preview(world: World, expression: str, timezone: str, *, version: str = "v2") -> list[int]:
    """The next ticks (µs). Fails: `Invalid`, saying what is wrong with the expression."""
    grid = cron.parse(expression, timezone)
    _check_version(grid, version)
    return grid.first(limits.SCHEDULE_PREVIEW, world.now())


async def _found(tx: Tx, scope: Scope, path: str) -> Schedule:
    found = await schedules.get(tx, scope.workspace, path)
    if found is None:
        raise _missing(path)
    return found


def _missing(path: str) -> NotFound:
    return NotFound(f"schedule not found at name {path}")


def _planned(world: World, schedule: Schedule, plan: Plan) -> Schedule:
    """The schedule with another plan. Fails: `Invalid`, naming the schedule and the field."""
    texts = (
        ("summary", plan.summary, limits.LINE_CHARS_MAX),
        ("description", plan.description, limits.TEXT_CHARS_MAX),
        ("tag", plan.tag or "", 50),
    )
    for field, text, most in texts:
        if len(text) > most:
            raise Invalid(f"{field} is longer than {most} characters", field=field)
    until = plan.paused_until
    if until is not None and until > world.now() + limits.SCHEDULE_PAUSE_S_MAX * 1_000_000:
        raise Invalid("paused_until is more than ten years away", field="paused_until")
    args = None if plan.args is None else dumps(plan.args)
    options = dumps(plan.options)
    if max(len(args or ""), len(options)) > limits.ARGS_BYTES_MAX:
        raise TooLarge(f"arguments are larger than {limits.ARGS_BYTES_MAX} bytes", field="args")
    planned = replace(
        schedule,
        cron=plan.cron,
        timezone=plan.timezone,
        args=args,
        summary=plan.summary,
        description=plan.description,
        tag=plan.tag,
        no_overlap=plan.no_overlap,
        paused_until=until,
        options=options,
    )
    _check_version(_grid(planned), plan.version)  # of a disabled schedule, too
    return planned


def _grid(schedule: Schedule) -> cron.Cron:
    try:
        return cron.parse(schedule.cron, schedule.timezone)
    except Invalid as error:
        raise Invalid(f"schedule {schedule.path}: {error.message}", field=error.field) from None


def _check_version(grid: cron.Cron, version: str) -> None:
    if version not in ("v1", "v2"):
        raise Invalid(f"cron_version {version!r} is neither v1 nor v2", field="cron_version")
    if version == "v1" and not grid.expression.same_in_v1:
        raise Invalid(
            f"{grid.expression.text!r} means something else in cron_version v1; write it for v2, "
            "where Sunday is 0 and either the day or the weekday is enough",
            field="cron_version",
        )


async def _edited(
    world: World, tx: Tx, scope: Scope, schedule: Schedule, *, owner: str | None = None
) -> Schedule:
    """The schedule as this person leaves it, with its next tick.

    Fails: when it is enabled, as its owner's run of the script would now.
    """
    now = world.now()
    moments = (now, schedule.last_at, (schedule.paused_until or 0) - 1)
    after = max(moment for moment in moments if moment is not None)
    permissioned_as, email = await _rights(tx, scope, owner)
    edited = replace(
        schedule,
        edited_by=scope.identity.username,
        edited_at=max(now, schedule.edited_at + 1),  # no two edits look the same
        permissioned_as=permissioned_as,
        email=email,
        next_at=_grid(schedule).next_after(after) if schedule.enabled else None,
        error=None,
    )
    if edited.enabled:
        await first_job(world, tx, edited, await owner_of(tx, edited))
    return edited


async def _rights(tx: Tx, scope: Scope, owner: str | None) -> tuple[str, str]:
    """Whose rights the jobs have: `u/<username>` and that person's email."""
    if owner is None or owner == scope.me:
        return scope.me, scope.identity.email
    access.require_admin(scope.identity)
    name = owner.removeprefix("u/")
    member = await accounts.member_by_username(tx, scope.workspace, name)
    if member is None or name == owner:
        raise Invalid(
            f"permissioned_as {owner!r} is no member of workspace {scope.workspace}",
            field="permissioned_as",
        )
    return owner, member.email
