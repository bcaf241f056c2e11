"""Windmill's `flow_status`, put together when it is read: the stored status knows counters, the
children's rows know the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from windmill_lite.base.codec import Json
from windmill_lite.core.flow.plan import Plan
from windmill_lite.core.flow.refs import Borrowed, Child, ChildName, Many, Ref, body_id, child_id
from windmill_lite.core.flow.status import Phase, Status, Step, StepState
from windmill_lite.model.openflow.shape import (
    BranchAll,
    BranchOne,
    ForLoop,
    Identity,
    Module,
    WhileLoop,
)

NOBODY = str(UUID(int=0))
_LISTS = ForLoop | WhileLoop | BranchAll | BranchOne


@dataclass(frozen=True, slots=True)
class ChildRow:
    """What a child's row says. Times in ms since 1970, and ms."""

    started_at: int | None = None
    duration_ms: int | None = None
    success: bool | None = None  # None: not completed


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known beside the status. `children` by id; one that is missing is not started.
    `approvers` by the step that asked; at most `most` bodies of a step are listed.
    """

    children: Mapping[UUID, ChildRow]
    approvers: Mapping[str, Sequence[Json]]
    groups: tuple[str, ...] = ()  # that may approve what the flow waits for
    most: int = 1_000


def compose(plan: Plan, status: Status, facts: Facts) -> dict[str, Json]:
    """The document as Windmill's clients read it."""
    told: dict[str, Json] = {
        "step": _at(status),
        "modules": [_module(plan, status, i, facts) for i in range(len(plan.steps))],
        "failure_module": _failure(plan, status, facts),
    }
    if plan.preprocessor is not None:
        told["preprocessor_module"] = _lone(plan.preprocessor, status.preprocessor, status, facts)
    if (retry := _retry(plan, status)) is not None:
        told["retry"] = retry
    if status.phase is Phase.GATED:
        told["approval_conditions"] = _conditions(plan, status, facts)
    if status.restarted is not None:
        place = status.restarted.place
        told["restarted_from"] = {
            "flow_job_id": str(status.restarted.run),
            "step_id": place.step,
            "branch_or_iteration_n": place.body,
        }
    return told


def _at(status: Status) -> int:
    """The index of the step to come next: a step that stopped the flow early is behind it."""
    if status.phase is Phase.PREPARING:
        return -1
    if status.phase is Phase.DONE and status.at < len(status.steps):
        return status.at + int(status.steps[status.at].state is StepState.SUCCESS)
    return status.at


def shown_children(plan: Plan, status: Status, most: int) -> list[UUID]:
    """Whose rows `compose` looks at: of each step that was reached its job, or its first bodies."""
    found: list[UUID] = []
    lone = ((plan.preprocessor, status.preprocessor), (plan.failure, status.failure))
    for module, step in (*zip(plan.steps, status.steps, strict=False), *lone):
        if module is None or step is None or step.state is StepState.WAITING:
            continue
        if isinstance(module.kind, _LISTS):
            found += _body_ids(module, step, status.run, most)
        else:
            found.append(child_id(status.run, ChildName(module.id, step.attempt)))
    return found


def gates(plan: Plan, status: Status) -> dict[str, UUID]:
    """The jobs, by step, that asked people and have ended."""
    return {
        module.id: child_id(status.run, ChildName(module.id, step.attempt))
        for module, step in zip(plan.steps, status.steps, strict=False)
        if module.suspend is not None and step.state is StepState.SUCCESS
    }


def _body_ids(module: Module, step: Step, run: UUID, most: int) -> list[UUID]:
    owner = step.ref.run if isinstance(step.ref, Borrowed) else run
    so_far = Many(module.id, step.attempt, step.pushed, step.kept)
    return [body_id(owner, so_far, body) for body in range(min(step.pushed, most))]


def _module(plan: Plan, status: Status, index: int, facts: Facts) -> dict[str, Json]:
    module = plan.steps[index]
    step = status.steps[index] if index < len(status.steps) else None
    if step is not None and step.state is StepState.EVENTS:
        before, gate = plan.steps[index - 1], status.steps[index - 1]
        name = ChildName(before.id, gate.attempt)
        # What takes no job is spoken to through the flow.
        job = child_id(status.run, name) if gate.ref == Child(str(name)) else status.run
        return _typed(step.state, module, count=step.missing, job=str(job))
    told = _lone(module, step, status, facts)
    if step is not None and step.state is StepState.SUCCESS:
        told["approvers"] = list(facts.approvers.get(module.id, ()))
    return told


def _lone(module: Module, step: Step | None, status: Status, facts: Facts) -> dict[str, Json]:
    """A step without what only its neighbours know."""
    if step is None or step.state is StepState.WAITING:
        return _typed(StepState.WAITING, module)
    name = ChildName(module.id, step.attempt)
    told = _typed(step.state, module, job=str(child_id(status.run, name)))
    if isinstance(module.kind, _LISTS) and module.mock is None and not step.skipped:
        told |= _bodies(module, step, status.run, facts)
    elif isinstance(module.kind, Identity) or step.skipped or module.mock is not None:
        told["job"] = NOBODY
    elif step.state is StepState.IN_PROGRESS and not _has_started(told["job"], facts):
        told["type"] = "WaitingForExecutor"
    if step.ref is not None and isinstance(step.ref, Borrowed):
        told["job"] = _borrowed_job(step.ref) or told["job"]
    if step.state is StepState.SUCCESS:
        told["skipped"] = step.skipped
    if step.attempt and step.state is not StepState.IN_PROGRESS:
        told["failed_retries"] = _tries(status.run, module.id, step.attempt)
    return told


def _typed(state: StepState, module: Module, **more: Json) -> dict[str, Json]:
    return {"type": state.value, "id": module.id, **more}


def _has_started(job: str, facts: Facts) -> bool:
    row = facts.children.get(UUID(job))
    return row is not None and row.started_at is not None


def _borrowed_job(ref: Borrowed) -> str | None:
    inner: Ref = ref.ref
    return str(child_id(ref.run, inner.name)) if hasattr(inner, "name") else None


def _bodies(module: Module, step: Step, run: UUID, facts: Facts) -> dict[str, Json]:
    if isinstance(module.kind, BranchOne):
        return _chosen(module.kind, module, step, run)
    jobs = _body_ids(module, step, run, facts.most)
    rows = [facts.children.get(job, ChildRow()) for job in jobs]
    told: dict[str, Json] = {
        "job": str(jobs[-1]) if jobs else NOBODY,
        "flow_jobs": [str(job) for job in jobs],
        "flow_jobs_success": [row.success for row in rows],
        "flow_jobs_duration": {
            "started_at": [row.started_at for row in rows],
            "duration_ms": [row.duration_ms for row in rows],
        },
        "parallel": isinstance(module.kind, ForLoop | BranchAll) and module.kind.parallel,
    }
    if isinstance(module.kind, BranchAll):
        told["branchall"] = {"branch": max(step.pushed - 1, 0), "len": len(module.kind.branches)}
    else:
        told["iterator"] = {"index": max(step.pushed - 1, 0), "itered_len": step.count}
        told["while_loop"] = isinstance(module.kind, WhileLoop)
    return told


def _chosen(kind: BranchOne, module: Module, step: Step, run: UUID) -> dict[str, Json]:
    if step.branch is None:
        return {"job": NOBODY}
    default = step.branch == len(kind.branches)
    chosen: Json = {"type": "default"} if default else {"type": "branch", "branch": step.branch}
    if not (kind.default if default else kind.branches[step.branch].modules):
        return {"job": NOBODY, "branch_chosen": chosen}
    job = str(child_id(run, ChildName(module.id, step.attempt, step.branch)))
    return {"job": job, "flow_jobs": [job], "branch_chosen": chosen}


def _failure(plan: Plan, status: Status, facts: Facts) -> dict[str, Json]:
    if plan.failure is None:
        return {"type": StepState.WAITING.value, "id": "failure", "parent_module": None}
    parent = None if status.failed_at is None else plan.steps[status.failed_at].id
    return _lone(plan.failure, status.failure, status, facts) | {"parent_module": parent}


def _retry(plan: Plan, status: Status) -> dict[str, Json] | None:
    """Of the current step, while it is tried."""
    if status.at >= len(status.steps) or not (step := status.steps[status.at]).attempt:
        return None
    if step.state is not StepState.IN_PROGRESS:
        return None
    failed_jobs = _tries(status.run, plan.steps[status.at].id, step.attempt)
    return {"fail_count": step.attempt, "failed_jobs": failed_jobs}


def _tries(run: UUID, step: str, count: int) -> list[Json]:
    return [str(child_id(run, ChildName(step, attempt))) for attempt in range(count)]


def _conditions(plan: Plan, status: Status, facts: Facts) -> dict[str, Json]:
    suspend = plan.steps[status.at - 1].suspend
    assert suspend is not None, "a flow waits for people after a step that asks them"
    return {
        "user_auth_required": suspend.login,
        "user_groups_required": list(facts.groups),
        "self_approval_disabled": suspend.others,
    }
