"""A decision becomes rows, all of them or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from windmill_lite.base.codec import dumps
from windmill_lite.core.flow import stored
from windmill_lite.core.flow.effects import (
    AddResume,
    Answer,
    CancelChildren,
    Effect,
    Finish,
    KeepItems,
    Park,
    Record,
    ReplaceArgs,
    Wake,
)
from windmill_lite.core.flow.refs import child_id
from windmill_lite.core.flow.status import Ending, Phase
from windmill_lite.core.jobs import results
from windmill_lite.engine.flows.jobs import body_job
from windmill_lite.engine.flows.scene import Act, Pushed, Scene
from windmill_lite.engine.rules import entry, keys
from windmill_lite.model.flow_run import FlowRun
from windmill_lite.model.job import JobState, Outcome
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import answers, cancels, flows, places, queue
from windmill_lite.store.machine.library import voices


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
    leaving: bool = False  # the worker takes no more jobs: it is no site for steps to come


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is stored, and for whom."""

    scene: Scene
    holding: Holding | None = None
    letters: Mapping[UUID, Sequence[str]] = field(default_factory=dict)  # that were heard


async def keep(tx: Tx, what: Keeping) -> bool:
    """Whether a concurrency key is held from here on: jobs that have one are pushed last, as
    `rules/keys.py` wants it. Fails: `Moved`, `NotYours`, `Over`, and nothing is stored.
    """
    if what.holding is not None:
        await _let_go(tx, what, what.holding)
    await _take_letters(tx, what)
    for act in what.scene.changed():
        run = replace(
            act.run,
            status=stored.written(act.status),
            due_at=_due_at(act, what.scene.now),
            begun_at=act.run.begun_at or what.scene.now,
        )
        if act.begun:
            await _begin(tx, what.scene, act, run)
        else:
            await _store(tx, act, run)
        for effect in act.effects:
            await _do(tx, what, act, effect)
    pushed = what.scene.pushed.values()
    for each in sorted(pushed, key=lambda each: each.job.concurrency_key or ""):
        await _push(tx, each)
    ended = [act for act in what.scene.changed() if act.status.phase is Phase.DONE]
    keyed = [act.run.id for act in ended if act.asked.job.concurrency_key is not None]
    left = await flows.leave_keys(tx, keyed) if keyed else []
    holds = await keys.release(tx, left, now=what.scene.now)
    return holds or any(each.job.concurrency_key is not None for each in pushed)


async def _push(tx: Tx, pushed: Pushed) -> None:
    job = pushed.job
    if job.delete_after_s is not None:
        await flows.clean_later(tx, job, job.delete_after_s)
        job = job._replace(delete_after_s=None)
    if pushed.result is None:
        if not await entry.place(tx, job, decided=True):
            raise Moved
        return
    if not await queue.insert_facts(tx, job):
        raise Moved
    if pushed.answer_of is not None:
        if not await answers.answer(tx, job, pushed.answer_of, now=job.created_at):
            raise Moved
    else:
        failed = places.Ending(Outcome.FAILURE, pushed.result, completed_at=job.created_at)
        await queue.complete(tx, job.id, failed)
    tx.ring(f"job:{job.id}")


async def _take_letters(tx: Tx, what: Keeping) -> None:
    for run, names in what.letters.items():
        for name in names:
            if not await flows.take_letter(tx, run, name):
                raise Moved


async def _let_go(tx: Tx, what: Keeping, held: Holding) -> None:
    """Before all else: then the row is like any other that waits."""
    act = what.scene.acts[held.run]
    due_at = act.run.due_at
    site = what.scene.site_of(act)
    if act.flow.same_worker and site is None and held.leaving:
        raise NotYours
    if not await flows.let_go(tx, held.run, held.attempt, due_at, site=site):
        raise NotYours
    key = act.asked.job.concurrency_key
    if key is not None and act.run.begun_at is None and act.run.id == act.run.owner:
        await flows.hold_key(tx, act.run.id, key)


async def _store(tx: Tx, act: Act, run: FlowRun) -> None:
    """Whoever ends a flow from outside touches its version: it lives if it did when it was read."""
    if not act.run.lives:
        raise Over
    if not await flows.store(tx, run):
        raise Moved
    if act.status.phase is not Phase.DONE and run.due_at != act.run.due_at:
        await flows.wait(tx, run.id, run.due_at)


async def _begin(tx: Tx, scene: Scene, act: Act, run: FlowRun) -> None:
    job = body_job(act, now=scene.now)
    site = scene.site_of(act)
    job = job if site is None else job._replace(tag=site)
    started = act.status.phase is not Phase.NEW
    waits = JobState.SUSPENDED if run.due_at is None else JobState.DELAYED
    state = waits if started else JobState.QUEUED
    if run.due_at is not None:
        job = job._replace(scheduled_for=run.due_at)
    if not await queue.insert(tx, job, places.Spot(state)):
        raise Moved
    await flows.begin(tx, run if started else replace(run, begun_at=None))
    if not started or run.due_at is not None:
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
        case KeepItems(step=step, attempt=attempt, items=items):
            await flows.keep_items(tx, run.id, step, attempt, items=[dumps(i) for i in items])
        case Record(step=step):
            await flows.record(tx, run.scope, step, what.scene.records[run.scope, step])
        case AddResume(gate=gate, text=text):
            await flows.say(tx, child_id(run.id, gate), "note", text, by=None, now=what.scene.now)
        case Park(gate=gate, login=login, others=others, groups=groups):
            rules = voices.GateRules(login, others, groups)
            await voices.open_gate(tx, child_id(run.id, gate), run.id, rules)
        case ReplaceArgs():
            await queue.set_args(tx, run.id, dumps(act.args))
        case Answer(ref=ref):
            await flows.answer(tx, run.id, stored.ref_written(ref))
            tx.ring(f"ended:{run.id}")
        case Finish(ending=ending):
            await _finish(tx, what, act, ending)
        case CancelChildren():
            pass  # whoever cancels a flow ends all that is below it in one statement


async def _finish(tx: Tx, what: Keeping, act: Act, ending: Ending) -> None:
    id = act.run.id
    left = (await cancels.leave(tx, [id], unstarted=False)).get(id)
    if left is None or left.canceled_by is not None:
        raise Over
    outcome = Outcome.SUCCESS if ending.success else Outcome.FAILURE
    if ending.success and ending.skipped:
        outcome = Outcome.SKIPPED
    told = places.Ending(
        outcome,
        what.scene.results[id],
        completed_at=what.scene.now,
        started_at=act.run.begun_at or what.scene.now,
        attempt=left.attempt,
        labels=results.labels_of(what.scene.results[id]),
        delete_after_s=left.delete_after_s,
    )
    await queue.complete(tx, id, told)
    if left.cache_key is not None and outcome is Outcome.SUCCESS:
        await answers.keep(tx, id, now=what.scene.now)
    tx.ring(f"job:{id}")
