"""Is this a definition that can run here? Asked when it is deployed and when it is previewed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from windmill_lite.base.codec import Json
from windmill_lite.base.errors import Invalid
from windmill_lite.core.flow.named import every_module, languages
from windmill_lite.core.flow.plan import part_of
from windmill_lite.core.jobs.flow_settings import run_settings
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.openflow import expressions, read
from windmill_lite.model.openflow.shape import Flow, RawScript, Script
from windmill_lite.model.script import DEDICATED_LANGUAGES, LANGUAGES

#: Fields beside the definition that we cannot honour, and what they would be.
UNSUPPORTED: Mapping[str, str] = {
    "on_behalf_of_email": "a run has the rights of who starts it",
    "timeout": "the steps of a flow have time limits, the flow has none",
    "visible_to_runner_only": "who may see a run does not depend on its flow",
}

#: Of modules; only Windmill's own wrappers around a single step set them.
_DIRECTLY = "pass_flow_input_directly"
_OF_WRAPPERS = (_DIRECTLY, f"value.{_DIRECTLY}", "apply_preprocessor")


async def check_definition(world: World, workspace: str, value: Json) -> Flow:
    """The flow, read.

    Fails: `Invalid` with the place in front, as in `modules[3].value.iterator.expr: SyntaxError:
    ...`; `TooLarge`; `Unavailable` when no expression can be parsed now.
    """
    flow = read(value)
    run_settings(flow)
    for use in languages(flow):
        if use.path not in LANGUAGES:
            words = f"{use.path!r} does not run here; what does: {', '.join(LANGUAGES)}"
            raise Invalid(f"{use.at}: {words}", field=use.at)
    for module, name in product(every_module(flow), _OF_WRAPPERS):
        if part_of(flow.document, at := f"{module.at}.{name}"):
            raise Invalid(f"{at} is not supported: inputs say what a step gets", field=at)
    written = list(expressions(flow))
    problems = await world.expressions.check(workspace, [each.source for each in written])
    for each, problem in zip(written, problems, strict=True):
        if problem is not None:
            told = problem.told(field=each.at, source=each.source)
            raise Invalid(told, field=each.at)
    return flow


def check_options(options: Mapping[str, Json], flow: Flow) -> None:
    """Fails: `Invalid`, naming the field. What is set to nothing asks for nothing."""
    for name, why in UNSUPPORTED.items():
        if options.get(name):
            raise Invalid(f"{name} is not supported here: {why}", field=name)
    priority = options.get("priority")
    good = isinstance(priority, int) and 0 <= priority <= limits.PRIORITY_MAX
    if priority is not None and (not good or isinstance(priority, bool)):
        most = limits.PRIORITY_MAX
        raise Invalid(f"priority must be a whole number from 0 to {most}", field="priority")
    _check_kept(options.get("dedicated_worker"), flow)


def _check_kept(asked: Json, flow: Flow) -> None:
    """Fails: `Invalid` where no process could be kept. Which language the scripts have that steps
    name, their next versions may change: those that cannot run as ever.
    """
    field = "dedicated_worker"
    if asked is not None and not isinstance(asked, bool):
        raise Invalid(f"{field} must be true or false", field=field)
    if not asked:
        return
    if flow.same_worker:
        words = "a process that is kept has no folder that the steps share"
        raise Invalid(f"{field} is not supported with same_worker: {words}", field=field)
    kinds = [module.kind for module in every_module(flow)]
    inline = {kind.language for kind in kinds if isinstance(kind, RawScript)}
    if not inline & set(DEDICATED_LANGUAGES) and not any(
        isinstance(kind, Script) for kind in kinds
    ):
        words = f"no step runs a script or code in {', '.join(DEDICATED_LANGUAGES)}"
        raise Invalid(f"{field} is not supported here: {words}", field=field)
