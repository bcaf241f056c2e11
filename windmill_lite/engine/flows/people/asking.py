"""A step that asks people, as whoever was asked finds it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from windmill_lite.base.codec import Json, loads
from windmill_lite.base.errors import Conflict, NotFound
from windmill_lite.core.approval import ANYBODY, Moment, Rules, moment
from windmill_lite.core.flow.plan import part_of
from windmill_lite.core.flow.refs import ChildName, child_id, parsed
from windmill_lite.core.flow.status import Phase
from windmill_lite.engine.flows.show import Opened, opened
from windmill_lite.engine.world import World
from windmill_lite.model.job import FLOW_KINDS, NewJob
from windmill_lite.model.openflow.shape import Module, Static, Suspend
from windmill_lite.store.db.port import View
from windmill_lite.store.machine import flows
from windmill_lite.store.machine.library import voices


@dataclass(frozen=True, slots=True)
class Asking:
    """`module` None: no step but the flow is spoken to, for whichever of its steps will ask."""

    gate: UUID  # under which what is said is kept
    flow: NewJob  # that waits, or will
    what: Opened
    moment: Moment
    module: Module | None = None
    form: Json = None  # the schema of what is to be filled in
    rules: Rules = ANYBODY


async def asking_of(world: World, workspace: str, job_id: UUID) -> Asking:
    """What stands behind the id in a link. Fails: `NotFound`."""
    async with world.db.view() as view:
        return await _asking(world, view, workspace, job_id)


async def asking_in(world: World, workspace: str, flow_id: UUID) -> tuple[NewJob, Asking]:
    """The flow, and what it or one inside of it waits for. Fails: `NotFound`, `Conflict`."""
    async with world.db.view() as view:
        flow = await voices.find_job(view, flow_id)
        if flow is None or flow.workspace != workspace or flow.kind not in FLOW_KINDS:
            raise NotFound(f"job {flow_id} does not exist or is not a flow")
        return flow, await _waiting(world, view, flow)


async def _asking(world: World, view: View, workspace: str, job_id: UUID) -> Asking:
    job = await voices.find_job(view, job_id)
    if job is None or job.workspace != workspace:
        raise NotFound(f"job {job_id} does not exist")
    if job.kind in FLOW_KINDS:
        return await _whole(world, view, job)
    if job.child_name is None or job.parent_id is None:
        raise NotFound(f"job {job_id} is no step of a flow")
    what = await _opened(world, view, job.parent_id)
    name = parsed(job.child_name)
    index = what.plan.index(name.step)
    if index is None or what.plan.steps[index].suspend is None:
        raise NotFound(f"step {name.step} does not wait for anybody")
    flow = await flows.job(view, job.parent_id)
    return await _of_step(view, flow, what, name)


async def _waiting(world: World, view: View, flow: NewJob) -> Asking:
    """The step that a flow, or what runs inside of it, waits behind.

    Fails: `Conflict` when there is none, or more than one.
    """
    found = []
    for run in await voices.gated_runs(view, flow.workspace, flow.id):
        what = await _opened(world, view, run)
        if what.status.phase is Phase.GATED:
            module = what.plan.steps[what.status.at - 1]
            name = ChildName(module.id, what.status.steps[what.status.at - 1].attempt)
            found.append(await _of_step(view, await flows.job(view, run), what, name))
    if not found:
        raise Conflict(f"flow {flow.id} does not wait for anybody")
    if len(found) > 1:
        runs = ", ".join(str(each.flow.id) for each in found)
        raise Conflict(f"{len(found)} flows inside of {flow.id} wait; name one of them: {runs}")
    return found[0]


async def _opened(world: World, view: View, run: UUID) -> Opened:
    what = await opened(world, view, run)
    if what is None:
        raise NotFound(f"job {run} is no flow")
    return what


async def _whole(world: World, view: View, job: NewJob) -> Asking:
    what = await _opened(world, view, job.id)
    if what.status.phase is Phase.GATED:
        module = what.plan.steps[what.status.at - 1]
        name = ChildName(module.id, what.status.steps[what.status.at - 1].attempt)
        step = await _of_step(view, job, what, name)
        return Asking(job.id, job, what, step.moment, step.module, step.form, step.rules)
    now = Moment.OVER if what.status.phase is Phase.DONE else Moment.EARLY
    rules = ANYBODY
    for module in what.plan.steps:
        if module.suspend is not None:
            rules = _stricter(rules, _static_rules(module.suspend))
    return Asking(job.id, job, what, now, rules=rules)


def _stricter(one: Rules, other: Rules) -> Rules:
    """What is said to a whole flow counts for every step: so whoever says it may speak to all."""
    groups = None if one.groups is None or other.groups is None else one.groups or other.groups
    return Rules(one.login or other.login, one.others or other.others, groups)


async def _of_step(view: View, flow: NewJob, what: Opened, name: ChildName) -> Asking:
    index = what.plan.index(name.step)
    assert index is not None, "the step was found before"
    module = what.plan.steps[index]
    assert module.suspend is not None, "it asks people"
    gate = child_id(what.run.id, name)
    parked = await voices.gate_rules(view, gate)
    return Asking(
        gate,
        flow,
        what,
        moment(what.status, index, name.attempt),
        module=module,
        form=part_of(what.flow.document, f"{module.at}.suspend.resume_form.schema"),
        rules=_static_rules(module.suspend) if parked is None else _rules(parked),
    )


def _rules(parked: voices.GateRules) -> Rules:
    return Rules(parked.login, parked.others, parked.groups)


def _static_rules(suspend: Suspend) -> Rules:
    groups: tuple[str, ...] | None = ()
    if suspend.groups is not None:
        told = suspend.groups.value if isinstance(suspend.groups, Static) else None
        groups = tuple(told) if isinstance(told, list) else None
    return Rules(suspend.login, suspend.others, groups)


def form_of(result: str | None, form: Json) -> dict[str, Json]:
    """What the page of the approver shows besides the schema: the step's result may fill it in."""
    told = loads(result, what="result") if result is not None else None
    given = told if isinstance(told, dict) else {}
    return {
        "form": form,
        "default_args": given.get("default_args"),
        "enums": given.get("enums"),
        "description": given.get("description"),
    }
