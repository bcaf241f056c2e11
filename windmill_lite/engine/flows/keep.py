"""A decision becomes rows, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from windmill_lite.base.codec import dumps
from windmill_lite.core.flow import stored
from windmill_lite.core.flow.effects import (
    AddResume,
    CancelChildren,
    Effect,
    Finish,
    KeepItems,
    Park,
    PushStep,
    Record,
    Wake,
)
from windmill_lite.core.flow.refs import child_id
from windmill_lite.core.flow.status import Ending, Phase
from windmill_lite.engine.flows.jobs import body_job, step_job
from windmill_lite.engine.flows.scene import Act, Scene
from windmill_lite.engine.rules import entry
from windmill_lite.model.flow_run import FlowRun
from windmill_lite.model.job import JobState, NewJob, Outcome
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import cancels, flows, places, queue


class Moved(Exception):  # noqa: N818 - it tells what happened
    """A run is no longer as it was when the decision was made: decide again."""


class NotYours(Exception):  # noqa: N818 - the same
    """Whoever decided no longer holds what made it decide: nothing is stored."""


class Over(Exception):  # noqa: N818 - the same
    """The flow was ended from outside: nothing follows any more."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A flow that a worker took from the queue to start or to wake it; it goes back with this."""

    run: UUID
    attempt: int


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is stored, and for whom."""

    scene: Scene
    jobs: Mapping[UUID, NewJob]  # the flows' own jobs, by owner
    likes: Mapping[UUID, str]  # arguments of earlier tries, by the job that takes them again
    now: int
    holding: Holding | None = None
    letters: Mapping[UUID, Sequence[str]] = field(default_factory=dict)  # that were heard


async def keep(tx: Tx, what: Keeping) -> None:
    """Fails: `Moved`, `NotYours`, `Over`, and nothing is stored."""
    if what.holding is not None:
        await _let_go(tx, what, what.holding)
    await _take_letters(tx, what)
    for act in what.scene.changed():
        due_at = _due_at(act, what.now)
        run = replace(act.run, status=stored.written(act.status), due_at=due_at)
        if act.begun:
            await _begin(tx, what, act, run=run)
        elif not await flows.lives(tx, run.id):
            raise Over
        elif not await flows.store(tx, run):
            raise Moved
        elif act.status.phase is not Phase.DONE:
            await flows.wait(tx, run.id, due_at)
        for effect in act.effects:
            await _do(tx, what, act, effect)


async def _take_letters(tx: Tx, what: Keeping) -> None:
    for run, names in what.letters.items():
        for name in names:
            if not await flows.take_letter(tx, run, name):
                raise Moved


async def _let_go(tx: Tx, what: Keeping, held: Holding) -> None:
    """Before all else: then the row is like any other that waits."""
    due_at = what.scene.acts[held.run].run.due_at
    if not await flows.let_go(tx, held.run, held.attempt, due_at):
        raise NotYours


async def _begin(tx: Tx, what: Keeping, act: Act, *, run: FlowRun) -> None:
    job = body_job(what.jobs[act.run.owner], act, now=what.now)
    started = act.status.phase is not Phase.NEW
    waits = JobState.SUSPENDED if run.due_at is None else JobState.DELAYED
    state = waits if started else JobState.QUEUED
    if run.due_at is not None:
        job = replace(job, scheduled_for=run.due_at)
    if not await queue.insert(tx, job, places.Spot(state)):
        raise Moved
    await flows.begin(tx, run)
    if not started:
        tx.ring("queue")


def _due_at(act: Act, now: int) -> int | None:
    """The time it asked for last, as long as it is due."""
    due_at = act.run.due_at
    for effect in act.effects:
        if isinstance(effect, Wake):
            due_at = now + round(effect.after_s * 1_000_000)
        elif isinstance(effect, Park):
            due_at = now + round(effect.timeout_s * 1_000_000)
    return due_at if act.status.due else None


async def _do(tx: Tx, what: Keeping, act: Act, effect: Effect) -> None:
    run = act.run
    match effect:
        case PushStep():
            id = child_id(run.id, effect.name)
            flow_job = what.jobs[run.owner]
            job = step_job(flow_job, act, effect, args=what.likes.get(id), now=what.now)
            await entry.place(tx, job)
        case KeepItems(step=step, attempt=attempt, items=items):
            await flows.keep_items(tx, run.id, step, attempt, items=[dumps(i) for i in items])
        case Record(step=step):
            await flows.record(tx, run.scope, step, what.scene.records[run.scope, step])
        case AddResume(gate=gate, text=text):
            await flows.say(tx, child_id(run.id, gate), "note", text, by=None, now=what.now)
        case Finish(ending=ending):
            await _finish(tx, what, run.id, ending)
        case CancelChildren():
            pass  # whoever cancels a flow ends all that is below it in one statement


async def _finish(tx: Tx, what: Keeping, id: UUID, ending: Ending) -> None:
    left = (await cancels.leave(tx, [id], unstarted=False)).get(id)
    assert left is not None, "a run that could be stored is in the queue"
    outcome = Outcome.SUCCESS if ending.success else Outcome.FAILURE
    if ending.success and ending.skipped:
        outcome = Outcome.SKIPPED
    told = places.Ending(
        outcome,
        what.scene.results[id],
        completed_at=what.now,
        started_at=left.started_at,
        attempt=left.attempt,
        delete_after_s=left.delete_after_s,
    )
    await queue.complete(tx, id, told)
    tx.ring(f"job:{id}")
