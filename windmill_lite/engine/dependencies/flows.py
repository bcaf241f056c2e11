"""Locks of the code of a flow's steps, found by one job when the flow is deployed.

A flow with a step that needs packages and has no lock is deployed together with a job of kind
"flowdependencies". It keeps each lock that it finds where a run of the step looks first, under what
the code is (locks.py); versions of flows never change. A run does not wait for it, and the first
lock is the last, so nothing becomes of a flow that a lost, failed or canceled job could spoil: what
it leaves is found by runs. Steps whose lock cannot be found do not keep it from the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from windmill_lite.base.codec import Json, dumps, loads
from windmill_lite.base.errors import Invalid, Refusal, TooLarge, Unavailable
from windmill_lite.base.ids import dated_id
from windmill_lite.core import access
from windmill_lite.core.dependencies import scripts as reading
from windmill_lite.core.dependencies.steps import StepCode, unlocked, with_locks
from windmill_lite.core.jobs import results
from windmill_lite.engine.dependencies import imports, locks
from windmill_lite.engine.dependencies.imports import Text
from windmill_lite.engine.push import new_job, push, request_of
from windmill_lite.engine.values.references import scope_of
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.flow import FlowVersion
from windmill_lite.model.job import (
    Claim,
    FlowPreview,
    JobKind,
    NewJob,
    Outcome,
    RunOptions,
    Unlocked,
)
from windmill_lite.model.openflow import read
from windmill_lite.model.openflow.shape import Flow
from windmill_lite.model.paths import check_path
from windmill_lite.store.machine.library import flows
from windmill_lite.store.people import jobs
from windmill_lite.store.people.scope import Scope

KIND = JobKind.FLOW_DEPENDENCIES


async def first_without(
    world: World, scope: Scope, flow: Flow, path: str | None
) -> StepCode | None:
    """The first step whose lock has to be found; None: nothing has to be looked for.

    Fails: never for what a step says; what cannot be read is told by the job.
    """
    for step in unlocked(flow, path):
        try:
            texts = await _imported(world, scope, step)
            if await locks.needed(step.language, [step.code, *texts.values()]):
                return step
        except (Invalid, TooLarge):
            return step
    return None


async def imported(world: World, scope: Scope, flow: Flow, path: str) -> list[str]:
    """The paths that its steps import, those that have no lock of their own."""
    found: dict[str, None] = {}
    for step in unlocked(flow, path):
        if not reading.may_import(step.language, step.code):
            continue
        try:
            text = Text(step.language, step.path, step.code)
            found |= dict.fromkeys((await imports.gather(world, scope, text)).direct)
        except (Invalid, TooLarge):  # told by the job
            continue
    return list(found)


async def _imported(world: World, scope: Scope, step: StepCode) -> Mapping[str, str]:
    await asyncio.sleep(0)  # between thousands of short steps, others have their turn
    if not reading.may_import(step.language, step.code):
        return {}
    return (await imports.gather(world, scope, Text(step.language, step.path, step.code))).texts


def job_of(scope: Scope, flow: FlowVersion, first: StepCode) -> NewJob:
    """What finds the locks of a version that is being deployed, pushed in the same transaction."""
    return NewJob(
        id=id_of(flow),
        workspace=flow.workspace,
        kind=KIND,
        created_by=scope.identity.username,
        permissioned_as=scope.identity.permissioned_as,
        email=scope.identity.email,
        created_at=flow.created_at,
        scheduled_for=flow.created_at,
        tag=_tag(flow.tag, first),
        args="{}",
        path=flow.path,
        script_hash=str(flow.id),
        timeout_s=limits.BUILD_TIMEOUT_S,
    )


def id_of(flow: FlowVersion) -> UUID:
    """Of the job that finds the locks of a version, whether there is one or not."""
    return dated_id(flow.created_at, f"flowdependencies {flow.workspace} {flow.id}")


def _tag(given: str | None, first: StepCode) -> str:
    """Of workers that will run the first of the steps: what they resolve for is their machine."""
    own = given or first.tag
    return first.language if own is None or "$" in own else own


@dataclass(frozen=True, slots=True)
class Told:
    """Of the job that finds the locks of a version: None and None when there is none."""

    job_id: UUID | None = None
    error: str | None = None  # why a lock could not be found, with the step


async def told(world: World, scope: Scope, flow: FlowVersion) -> Told:
    """As far as this person sees it. A run that was pruned has nothing to tell any more."""
    async with world.db.view() as view:
        job = await jobs.get(view, scope, id_of(flow))
    if job is None:
        return Told()
    if job.outcome in (None, Outcome.SUCCESS) or job.result is None:
        return Told(job.id)
    return Told(job.id, results.reason(loads(job.result), limits.TEXT_CHARS_MAX))


async def run(world: World, scope: Scope, preview: FlowPreview, *, options: RunOptions) -> UUID:
    """A job that finds the locks of a flow that is not deployed; its result has the flow with them.

    Fails: `Invalid` with the place in the definition; `TooLarge`.
    """
    access.require_author(scope.identity)
    text = dumps(preview.value)
    if len(text) > limits.FLOW_BYTES_MAX or len(text.encode()) > limits.FLOW_BYTES_MAX:
        raise TooLarge(f"value is larger than {limits.FLOW_BYTES_MAX} bytes", field="value")
    path = check_path(preview.path) if preview.path else None
    steps = unlocked(read(preview.value), path)
    job = new_job(world, scope, KIND, args={}, options=options)
    tag = preview.tag or (_tag(None, steps[0]) if steps else "python3")
    job = job._replace(path=path, tag=tag, raw_code=text, timeout_s=limits.BUILD_TIMEOUT_S)
    return await push(world, job, options, request_of(scope, options, {}, "locks", text))


def found(steps: Sequence[str], document: str | None, locks: Mapping[str, str]) -> Json:
    """The result of such a job; `locks` by the place of their step in the flow that was given."""
    told: dict[str, Json] = {"status": "Successful lock file generation", "steps": list(steps)}
    if document is not None:
        told["updated_flow_value"] = with_locks(loads(document, what="flow"), locks)
    return told


async def steps_of(world: World, claim: Claim) -> tuple[Unlocked, ...]:
    """What such a job has to do: the steps that need packages, with all that they import, as whom
    the job runs as reads it.

    Fails: `Unauthenticated` for somebody who is gone; `Unavailable`.
    """
    job, text = claim.job, claim.code
    if job.raw_code is None:
        async with world.db.view() as view:
            version = await flows.version(view, job.workspace, int(job.script_hash or "0"))
        text = version.value if version is not None else '{"modules":[]}'
    scope = await scope_of(world, job)
    steps = unlocked(read(loads(text, what="flow")), job.path)
    made = [await _unlocked(world, scope, claim, step) for step in steps]
    return tuple(each for each in made if each is not None)


async def _unlocked(world: World, scope: Scope, claim: Claim, step: StepCode) -> Unlocked | None:
    """None for a step that needs nothing."""
    job = claim.job._replace(
        kind=JobKind.PREVIEW,
        path=step.path or None,
        script_hash=None,
        language=step.language,
        raw_code=step.code,
        parent_id=claim.job.id,
        step_id=step.module.id,
    )
    inner = claim._replace(job=job, code=step.code, lock=None)
    try:
        texts = await _imported(world, scope, step)
        if not await locks.needed(step.language, [step.code, *texts.values()]):
            return None
        texts = await imports.of_job(world, job, step.code)
        return Unlocked(step.module.at, inner._replace(imported=texts))
    except Unavailable:
        raise
    except Refusal as refusal:
        return Unlocked(step.module.at, inner, str(refusal))
