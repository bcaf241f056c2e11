"""A due schedule becomes a job, and its next time.

**How a tick happens once.** Any number of schedulers may look at the same moment; nobody leads.
One transaction per schedule advances `next_at` if it is still what was seen, records each tick
under its unique key, and inserts the jobs, whose ids are derived from the schedule and the tick.
Whoever comes second finds `next_at` moved and does nothing; whoever dies leaves all of it or none
of it. A tick that starts no job is recorded with the reason, and when the schedule is at fault it
says so.
"""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass, replace

from windmill_lite.base.errors import Denied, Invalid, NotFound, TooLarge, Unauthenticated
from windmill_lite.base.ids import dated_id
from windmill_lite.core import access
from windmill_lite.core.access import Action
from windmill_lite.core.schedule import cron
from windmill_lite.core.schedule.due import Owed, missed, owed
from windmill_lite.engine import login, signature
from windmill_lite.engine.flows.deployed import flow_job
from windmill_lite.engine.keeping import room
from windmill_lite.engine.keeping.room import NoRoom
from windmill_lite.engine.push import script_job
from windmill_lite.engine.rules.entry import place
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.identity import Login, TokenKind
from windmill_lite.model.job import NewJob, RunOptions
from windmill_lite.model.schedule import Missed, Schedule, Skip, Tick
from windmill_lite.store.db.port import Tx, View
from windmill_lite.store.machine import accounts, code, schedules
from windmill_lite.store.machine.library import flows
from windmill_lite.store.people.scope import Scope

_NOBODY = "no scheduler was there when they were due"
_EDITED = "the schedule was changed before they had their turn"


@dataclass(frozen=True, slots=True)
class Turn:
    """What a schedule gets this time, decided before the transaction. `job` is the first tick's."""

    owed: Owed
    job: NewJob | None  # None: there is nothing to run, or `problem` says why it cannot
    problem: str | None = None


async def tick(world: World) -> int:
    """One batch of due schedules has its turn; how many there were.

    Fails: as the first that failed, after the others had their turn.
    """
    now = world.now()
    async with world.db.view() as view:
        due = await schedules.due(view, now=now, most=limits.SCHEDULE_CHOICE)
    if len(due) > limits.SCHEDULE_BATCH:  # the others that look now take others
        due = random.sample(due, limits.SCHEDULE_BATCH)
    ends = await asyncio.gather(*[_fire(world, each, now) for each in due], return_exceptions=True)
    for end in ends:
        if end is not None:
            raise end
    return len(due)


async def next_tick_s(world: World) -> float | None:
    """Seconds until the earliest tick of all; None when no schedule has one."""
    async with world.db.view() as view:
        next_at = await schedules.next_at(view)
    return None if next_at is None else max(0.0, (next_at - world.now()) / 1_000_000)


async def _fire(world: World, schedule: Schedule, now: int) -> None:
    turn = await _turn(world, schedule, now)

    async def body(tx: Tx) -> None:
        last_at, next_at = turn.owed.last_at, turn.owed.next_at
        if not await schedules.advance(
            tx, schedule, last_at=last_at, next_at=next_at, error=turn.problem
        ):
            return
        if turn.owed.missed is not None:
            await schedules.record(tx, _missed(schedule, turn.owed.missed, now, _NOBODY))
        for at in turn.owed.run:
            await _take(tx, schedule, turn, at, now=now)
        await schedules.trim(tx, schedule.workspace, schedule.path)

    await world.db.write(body)


async def _turn(world: World, schedule: Schedule, now: int) -> Turn:
    assert schedule.next_at is not None, "only a schedule with a next tick is due"
    try:
        grid = cron.parse(schedule.cron, schedule.timezone)
    except Invalid as error:  # it was good when it was stored: the zones of this machine differ
        return Turn(Owed((schedule.next_at,), None, None), None, error.message)
    debt = owed(grid, next_at=schedule.next_at, now=now)
    if not debt.run:
        return Turn(debt, None, schedule.error)
    try:
        await room.require(world)
        whose = ("owner", schedule.workspace, schedule.email)  # one person's are due together
        scope = await world.together.read(whose, lambda: _owner(world, schedule), world.db.changes)
        async with world.db.view() as view:
            job = await first_job(world, view, schedule, scope)
    except (Denied, Invalid, NotFound, TooLarge, Unauthenticated, NoRoom) as error:
        return Turn(debt, None, error.message)
    origin = f"schedule-{schedule.path.replace('/', '-')}"
    return Turn(debt, job._replace(created_by=origin, trigger_kind="schedule"))


async def first_job(world: World, view: View, schedule: Schedule, scope: Scope) -> NewJob:
    """The job of a tick that would be now, of `owner_of`. Fails: as a run by its owner would, and
    `NotFound` for a script or a flow that is archived.
    """
    args = json.loads(schedule.args) if schedule.args is not None else {}
    options = RunOptions(tag=schedule.tag, schedule_path=schedule.path)
    path = schedule.script_path
    what = "flow" if schedule.is_flow else "script"
    access.require(scope.identity, Action.RUN, path, what=what)
    if schedule.is_flow:
        flow = await flows.head(view, schedule.workspace, path)
        if flow is None or flow.deleted or flow.archived:
            gone = "is archived" if flow is not None and not flow.deleted else "does not exist"
            raise NotFound(f"flow {path} {gone}")
        return flow_job(world, scope, flow, args=args, options=options)
    head = await code.head(view, schedule.workspace, path)
    if head is not None and head.archived:
        raise NotFound(f"script {path} is archived")
    runnable = await code.deployed(view, schedule.workspace, path)
    if runnable is None:
        raise NotFound(f"deployed script not found at name {path}")
    try:
        return script_job(world, scope, runnable, args=args, options=options)
    except Invalid:
        again = await signature.as_written(world, view, schedule.workspace, runnable)
        return script_job(world, scope, again, args=args, options=options)


async def _owner(world: World, schedule: Schedule) -> Scope:
    async with world.db.view() as view:
        return await owner_of(view, schedule)


async def owner_of(view: View, schedule: Schedule) -> Scope:
    """Whose rights the jobs have, by what that person is today."""
    found = await accounts.credentials(view, schedule.email)
    if found is None or found.account.disabled:
        raise Denied(f"the account {schedule.email} is gone or disabled")
    person = Login(schedule.email, TokenKind.USER, prefix="", super_admin=found.account.super_admin)
    return await login.inside(view, person, schedule.workspace)


async def _take(tx: Tx, schedule: Schedule, turn: Turn, at: int, *, now: int) -> None:
    """One tick: a job, or the reason why there is none."""
    record = Tick(
        schedule.workspace, schedule.path, at, until=at, count=1, recorded_at=now,
        job_id=None, skipped=None, reason=None,
    )  # fmt: skip
    if turn.job is None:
        record = replace(record, skipped=Skip.ERROR, reason=turn.problem)
    elif schedule.no_overlap and await schedules.has_live_job(
        tx, schedule.workspace, schedule.path
    ):
        reason = "a job of an earlier tick had not ended"
        record = replace(record, skipped=Skip.OVERLAP, reason=reason)
    else:
        job_id = dated_id(at, f"schedule/{schedule.workspace}/{schedule.path}")
        record = replace(record, job_id=job_id)
    if not await schedules.record(tx, record) or record.job_id is None or turn.job is None:
        return
    await place(tx, turn.job._replace(id=record.job_id, scheduled_for=at, created_at=now))


async def leave_out(tx: Tx, seen: Schedule, *, now: int) -> None:
    """For an edit, which decides anew what comes from now on: records the ticks whose time has come
    and that had no turn yet; none when a scheduler has just given them theirs.
    """
    if seen.next_at is None or seen.next_at > now:
        return
    try:
        late = missed(cron.parse(seen.cron, seen.timezone), seen.next_at, now)
    except Invalid:  # the zones of this machine differ
        late = None
    if await schedules.advance(tx, seen, last_at=seen.last_at, next_at=None, error=seen.error):
        late = late or Missed(seen.next_at, seen.next_at, 1)
        await schedules.record(tx, _missed(seen, late, now, _EDITED))


def _missed(schedule: Schedule, missed: Missed, now: int, why: str) -> Tick:
    more = " or more" if missed.count == limits.SCHEDULE_MISSED_MAX else ""
    return Tick(
        schedule.workspace, schedule.path, missed.at, until=missed.until, count=missed.count,
        job_id=None, skipped=Skip.MISFIRE, recorded_at=now,
        reason=f"{missed.count}{more} missed: {why}",
    )  # fmt: skip
