"""What the preprocessor of a script made of an event: the arguments of its main."""

from __future__ import annotations

from windmill_lite.base.codec import dumps, loads
from windmill_lite.base.errors import Invalid, TooLarge
from windmill_lite.core import arguments
from windmill_lite.core.flow.inside import prepared_args
from windmill_lite.engine.world import World
from windmill_lite.model import limits
from windmill_lite.model.job import NewJob
from windmill_lite.store.machine import code


async def arguments_of(world: World, job: NewJob, result: str) -> str:
    """JSON. Fails: `Invalid`, naming what main does not take; `TooLarge`; `Unavailable`."""
    args = prepared_args(loads(result, what="the result of the preprocessor"))
    async with world.db.view() as view:
        script = await code.version(view, job.workspace, job.script_hash or "")
    if script is not None and script.schema is not None:
        problems = arguments.check(loads(script.schema, what="schema"), args)
        if problems:
            told = "; ".join(str(problem) for problem in problems)
            raise Invalid(f"what the preprocessor gives: {told}", field=problems[0].path)
    text = dumps(args)
    if len(text) > limits.ARGS_BYTES_MAX or len(text.encode()) > limits.ARGS_BYTES_MAX:
        raise TooLarge(f"what the preprocessor gives is larger than {limits.ARGS_BYTES_MAX} bytes")
    return text
