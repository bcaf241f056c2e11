"""A flow's status in Windmill's words, put together when somebody reads it.

Who may read the flow's job was asked before. What is read does not grow with the iterations of a
loop: of each step at most the first `STEP_BODIES_SHOWN` bodies are told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from windmill_lite.base.codec import Json, dumps, loads
from windmill_lite.base.errors import NotFound
from windmill_lite.core.flow import stored
from windmill_lite.core.flow.compose import ChildRow, Facts, compose, gates, shown_children
from windmill_lite.core.flow.plan import Plan, body_plan, part_of, plan_of
from windmill_lite.core.flow.status import Phase, Status
from windmill_lite.engine.flows.facts.stored_shelf import StoredShelf
from windmill_lite.engine.flows.scene import Scene
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.flow_run import FlowRun
from windmill_lite.model.job import FLOW_KINDS, JobRecord
from windmill_lite.model.openflow.shape import Flow
from windmill_lite.store.db.port import Row, View
from windmill_lite.store.machine import flows
from windmill_lite.store.machine.library.voices import gate_rules


@dataclass(frozen=True, slots=True)
class Opened:
    """One run with what it is a run of."""

    run: FlowRun
    flow: Flow
    plan: Plan
    status: Status

    @property
    def value(self) -> Json:
        """The definition: of the body of a loop or a branch, its modules alone."""
        if self.run.place is None:
            return self.flow.document
        return {"modules": part_of(self.flow.document, self.run.place)}


async def told(world: World, job: JobRecord, *, code: bool) -> dict[str, Json] | None:
    """What is told of a flow besides its job: how far each step is, and its definition."""
    if job.kind not in FLOW_KINDS:
        return None
    async with world.db.view() as view:
        what = await opened(world, view, job.id)
        if what is None:
            return None
        members: dict[str, Json] = {"flow_status": await flow_status(view, what)}
        if what.status.phase is Phase.GATED and not job.completed:
            members["suspend"] = what.status.steps[what.status.at].missing
    return members | {"raw_flow": what.value} if code else members


async def with_args(world: World, job: JobRecord) -> JobRecord:
    """The body of a loop or a branch has the arguments of what is around it, and its turn: they are
    not stored with it, and put together here.
    """
    if job.kind not in FLOW_KINDS or job.step_id is None or job.args is None or job.deleted:
        return job
    async with world.db.view() as view:
        run = await flows.run(view, job.id)
        if run is None or run.place is None:
            return job
        scene = Scene(StoredShelf(world, view), {})
        args = await scene.flow_input(await scene.act(job.id))
    return replace(job, args=dumps(dict(args)))


async def status_of(world: World, id: UUID) -> dict[str, Json] | None:
    """None when the job is no flow."""
    async with world.db.view() as view:
        what = await opened(world, view, id)
        return None if what is None else await flow_status(view, what)


async def version(world: World, id: UUID) -> int:
    """Another number whenever a flow's status has changed; 0 of what is no flow."""
    async with world.db.view() as view:
        return await flows.run_version(view, id)


async def opened(world: World, view: View, id: UUID) -> Opened | None:
    """None when the job is no flow."""
    run = await flows.run(view, id)
    if run is None:
        return None
    asked = await StoredShelf(world, view).asked(run)
    status = stored.read(run.status)
    if run.place is None:
        plan = plan_of(asked.flow, prepare=status.preprocessor is not None)
    else:
        plan = body_plan(asked.flow, run.place)
    return Opened(run, asked.flow, plan, status)


async def flow_status(view: View, what: Opened) -> dict[str, Json]:
    """Windmill's `flow_status`."""
    plan, status = what.plan, what.status
    most = _most(status)
    rows = await flows.children(view, shown_children(plan, status, most))
    asked = gates(plan, status)
    voices = await flows.approvers(view, list(asked.values()))
    approvers: dict[str, list[Json]] = {
        step: [_approver(row) for row in voices if row["gate"] == gate]
        for step, gate in asked.items()
    }
    rules = None
    if status.phase is Phase.GATED:
        rules = await gate_rules(view, asked[plan.steps[status.at - 1].id])
    children = {id: _child(row) for id, row in rows.items()}
    facts = Facts(children, approvers, () if rules is None else rules.groups, most)
    told = compose(plan, status, facts)
    states = await flows.user_states(view, status.run)
    if states:
        told["user_states"] = {key: loads(value, what=key) for key, value in states.items()}
    return told


async def result_of(world: World, id: UUID, step: str) -> str:
    """What a step gave last, as expressions of the flow see it. Fails: `NotFound`."""
    async with world.db.view() as view:
        if await flows.run(view, id) is None:
            raise NotFound(f"job {id} is no flow")
        scene = Scene(StoredShelf(world, view), {})
        act = await scene.act(id)
        found = await scene.recorded(act, step, {})
        if found is None:
            raise NotFound(f"step {step} of flow {id} has no result")
        return await scene.text(await scene.act(found.run), stored.ref_read(found.ref))


def _most(status: Status) -> int:
    loops = sum(1 for step in status.steps if step.pushed)
    return max(1, min(limits.STEP_BODIES_SHOWN, limits.FLOW_BODIES_SHOWN // max(1, loops)))


def _child(row: Row) -> ChildRow:
    started_at = row["started_at"]
    outcome = row["outcome"]
    return ChildRow(
        started_at=None if started_at is None else started_at // 1000,
        duration_ms=row["duration_ms"],
        success=None if outcome is None else outcome in ("success", "skipped"),
    )


def _approver(row: Row) -> Json:
    return {"resume_id": row["resume_id"], "approver": row["approver"] or "anonymous"}
