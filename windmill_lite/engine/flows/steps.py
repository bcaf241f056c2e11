"""What a step is as a job: inline code, a version of a script, or another flow, each as it is when
the step is pushed, and with the rights of whom the flow runs as.

A step that cannot be what it says, and one whose answer is known, are completed as they are pushed.
What a script's version says about debouncing is for its own runs: no step may take the place of
another flow's.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace

from windmill_lite.base.codec import dumps, loads
from windmill_lite.base.errors import Bug, Invalid
from windmill_lite.base.ids import content_hash
from windmill_lite.core.flow import errors
from windmill_lite.core.flow.effects import PushStep
from windmill_lite.core.flow.pushing import is_evaluated
from windmill_lite.core.flow.refs import child_id
from windmill_lite.core.jobs import cell, entry, keys, settings
from windmill_lite.core.jobs.flow_settings import run_settings
from windmill_lite.core.jobs.settings import with_settings
from windmill_lite.engine.flows.jobs import FLOW_TAG, child_of, path_in
from windmill_lite.engine.flows.scene import Act, Pushed, Scene
from windmill_lite.engine.hub import scripts
from windmill_lite.expr.names import Failed
from windmill_lite.model import limits
from windmill_lite.model.job import JobKind, NewJob
from windmill_lite.model.openflow.shape import Module, RawScript, Script, SubFlow
from windmill_lite.model.script import CellRules, Concurrency, RunSettings
from windmill_lite.store.machine.code import Runnable


async def pushed(scene: Scene, act: Act, push: PushStep) -> Pushed:
    push, args = await _given(scene, act, push)
    job = _bare(scene, act, push, args)
    made = await _as_kind(scene, act, push, job)
    site = scene.site_of(act)
    if site is not None and isinstance(made, NewJob) and made.kind is not JobKind.FLOW:
        made = made._replace(tag=site)
    if isinstance(made, Failed):
        told = errors.failed(made.name, made.message, step=push.module.id)
        return Pushed(job, result=told.text)
    if len(made.args) > limits.ARGS_BYTES_MAX or len(made.args.encode()) > limits.ARGS_BYTES_MAX:
        words = f"the arguments of the step have more than {limits.ARGS_BYTES_MAX} bytes"
        told = errors.failed("TooLarge", words, step=push.module.id)
        return Pushed(job._replace(args="{}"), result=told.text)
    if made.cache_key is not None:
        source = scene.answers.get(made.cache_key) or await scene.shelf.answer(made)
        if source is not None:
            return Pushed(made, await scene.result(source), source)
    return Pushed(made)


async def _given(scene: Scene, act: Act, push: PushStep) -> tuple[PushStep, str]:
    """With its arguments: a try after another has what that one had, which is not evaluated again.
    A preprocessor that asks for nothing gets all.
    """
    module = push.module
    if push.like is not None:
        before = await scene.shelf.tried(child_id(act.run.id, push.like))
        tag = before.tag if is_evaluated(module.kind) else None
        push = replace(push, timeout_s=before.timeout_s, tag=tag)
        args = before.args
    elif push.preprocessor and not push.args:
        args = dumps(dict(act.asked.args))
    elif push.args is not None:
        args = dumps(dict(push.args))
    else:
        raise Bug(f"step {module.id} is pushed without arguments")
    if push.tag is not None and isinstance(module.kind, RawScript | Script):
        push = replace(push, module=replace(module, kind=replace(module.kind, tag=push.tag)))
    return push, args


def _bare(scene: Scene, act: Act, push: PushStep, args: str) -> NewJob:
    """What every step has, whatever it runs."""
    module, kind = push.module, push.module.kind
    assert isinstance(kind, RawScript | Script | SubFlow), "other kinds are no jobs"
    return child_of(act, now=scene.now)._replace(
        id=child_id(act.run.id, push.name),
        kind=JobKind.FLOW if isinstance(kind, SubFlow) else JobKind.SCRIPT,
        path=kind.path,
        args=args,
        scheduled_for=scene.now + push.delay_us,
        step_id=module.id,
        child_name=str(push.name),
    )


async def _as_kind(scene: Scene, act: Act, push: PushStep, job: NewJob) -> NewJob | Failed:
    match push.module.kind:
        case RawScript() as kind:
            made = _inline(act, kind, job)
            found = _preparing(made) if push.preprocessor else made
            return found if isinstance(found, Failed) else _as_module(act, push, found)
        case Script() as kind if scripts.is_hub(kind.path):
            of_hub = await scene.shelf.hub(kind.path)
            if isinstance(of_hub, Failed):
                return of_hub
            path = path_in(act, push.module.id) or kind.path
            made = scripts.job_of(job, path, of_hub)
            made = made._replace(tag=_tag(act, made, kind.tag, of_hub.language))
            found = _preparing(made) if push.preprocessor else made
            return found if isinstance(found, Failed) else _as_module(act, push, found)
        case Script() as kind:
            version = await scene.shelf.script(act.asked.job, kind)
            if isinstance(version, Failed):
                return version
            script = _script(act, kind, version, job, prepares=push.preprocessor)
            return script if isinstance(script, Failed) else _as_module(act, push, script)
        case SubFlow() as kind:
            flow = await _flow(scene, act, kind, job)
            return flow if isinstance(flow, Failed) else _as_module(act, push, flow)
    raise AssertionError("other kinds are no jobs")


def _inline(act: Act, kind: RawScript, job: NewJob) -> NewJob:
    own = path_in(act, job.step_id or "")
    made = job._replace(
        kind=JobKind.PREVIEW,
        path=kind.path or own,
        language=kind.language,
        raw_code=kind.content,
        raw_lock=kind.lock,
        tag=_tag(act, job, kind.tag, kind.language),
        cell=cell.written(CellRules(network=kind.network)),
    )
    if kind.concurrency is None:
        return made
    rule, key = kind.concurrency, kind.concurrency.key
    own_key = f"$workspace/step/{own or act.run.owner}/{job.step_id}"
    asked = RunSettings(concurrency=Concurrency(rule.limit, rule.window_s, key or own_key))
    return with_settings(made, asked, loads(job.args, what="args"))


def _preparing(job: NewJob) -> NewJob | Failed:
    code = entry.preparing(job.language or "", job.raw_code or "")
    if code is None:
        return _unprepared(job)
    return job._replace(raw_code=code)


def _unprepared(job: NewJob) -> Failed:
    words = "a preprocessor is written in Python or TypeScript, and not in"
    return Failed("NotSupported", f"{words} {job.language}")


def _script(
    act: Act, kind: Script, found: Runnable, job: NewJob, *, prepares: bool
) -> NewJob | Failed:
    made = job._replace(
        path=found.path,
        script_hash=found.hash,
        language=found.language,
        timeout_s=found.timeout_s,
        tag=_tag(act, job, kind.tag or found.tag, found.language),
    )
    asked = replace(settings.read(json.loads(found.options)), debouncing=None)
    if prepares:
        if entry.preparing(found.language, "") is None:
            return _unprepared(made)
        # A kept process begins at `main`, and what is known of `main` is no answer here.
        rules = replace(asked.cell, dedicated=False, prepares=True)
        asked = replace(asked, cell=rules, cache_ttl_s=None)
    return with_settings(made, asked, loads(job.args, what="args"))


async def _flow(scene: Scene, act: Act, kind: SubFlow, job: NewJob) -> NewJob | Failed:
    chain = await _chain(scene, act)
    if kind.path in chain:
        told = " → ".join([*reversed(chain), kind.path])
        return Failed("FlowCycle", f"flow {kind.path} would run itself: {told}")
    if len(chain) >= limits.FLOW_NESTING_MAX:
        told = " → ".join([*reversed(chain), kind.path])
        return Failed("TooDeep", f"more than {limits.FLOW_NESTING_MAX} flows in flows: {told}")
    found = await scene.shelf.flow(act.asked.job, kind)
    if isinstance(found, Failed):
        return found
    made = job._replace(
        script_hash=str(found.id),
        tag=_tag(act, job, found.tag, FLOW_TAG),
        cell=cell.written(found.cell),
    )
    try:
        asked = replace(run_settings(found.flow), debouncing=None)
    except Invalid as refusal:
        return Failed("NotSupported", f"flow {kind.path}: {refusal}")
    version = content_hash("flow", job.workspace, str(found.id))
    return with_settings(made, asked, loads(job.args, what="args"), version=version)


async def _chain(scene: Scene, act: Act) -> list[str]:
    """The paths of the flows around, the innermost first."""
    paths: list[str] = []
    while True:
        paths.append(act.asked.job.path or "preview")
        outer = (await scene.act(act.run.owner)).run.parent
        if outer is None:
            return paths
        act = await scene.act(outer)


def _as_module(act: Act, push: PushStep, job: NewJob) -> NewJob:
    """What the step says wins over what it runs says."""
    module, wish = push.module, push.module.delete_after_s
    priority = module.priority
    if priority is None:
        priority = job.priority or act.asked.job.priority
    kept = cell.read(act.asked.job.cell).dedicated
    made = job._replace(
        priority=priority,
        timeout_s=math.ceil(push.timeout_s) if push.timeout_s else job.timeout_s,
        max_attempts=min(job.max_attempts, act.asked.job.max_attempts),
        delete_after_s=job.delete_after_s if wish is None else wish,
        cell=cell.kept(job.cell, job.language) if kept else job.cell,
        prepares=False,
    )
    return made if module.cache_s is None else _cached(made, module)


def _cached(job: NewJob, module: Module) -> NewJob:
    version = job.script_hash or content_hash(job.language or "", job.raw_code or "")
    if job.kind is JobKind.FLOW:
        version = content_hash("flow", job.workspace, job.script_hash or "")
    if cell.read(job.cell).prepares:
        version = content_hash("preprocessor", version)
    asked = RunSettings(cache_ttl_s=module.cache_s)
    made = with_settings(job, asked, loads(job.args, what="args"), version=version)
    return job._replace(cache_key=made.cache_key, cache_ttl_s=made.cache_ttl_s)


def _tag(act: Act, job: NewJob, own: str | None, default: str) -> str:
    """A flow that was given a tag gives it to its steps."""
    given = act.asked.job.tag
    if given != FLOW_TAG and not (own and act.flow.preserve_step_tags):
        return given
    if own is None or "$" not in own:
        return own or default
    return keys.fill(own, job.workspace, loads(job.args, what="args"))
