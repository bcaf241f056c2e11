"""A worker of flows by hand: turns are taken, steps end as the test says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tests.api.conftest import WORKER, Answer, Api
from tests.api.flows._write import F, body
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.finish import Report
from windmill_lite.engine.flows.turns import report, take_turn
from windmill_lite.model.job import FLOW_KINDS, Claim, Finished, Outcome

Code = Mapping[str, Callable[..., Any]]


class Failing(Exception):  # noqa: N818  it tells what happens
    """A step that raises this fails."""


async def turn(api: Api) -> Claim | None:
    """The next step that is to be worked on, after every flow has had its turn."""
    while found := await claim(api.world, Ask(WORKER.id, WORKER.tags, 1)):
        if found[0].job.kind not in FLOW_KINDS:
            return found[0]
        assert (await take_turn(api.world, found[0])).accepted
    return None


async def end(api: Api, step: Claim, value: Any, *, failed: bool = False) -> None:
    """`value` is the result, or the words of the failure."""
    if failed:
        error = {"error": {"name": "Error", "message": str(value)}}
        finished = Finished(Outcome.FAILURE, json.dumps(error))
    else:
        finished = Finished(Outcome.SUCCESS, json.dumps(value))
    told = Report(step.job.id, step.attempt, WORKER.name, finished)
    assert (await report(api.world, step.job, told)).accepted


async def play(api: Api, code: Code | None = None) -> list[str]:
    """Works until nothing is left; a step without code gives its argument x. Which steps ran."""
    ran = []
    while (step := await turn(api)) is not None:
        name, args = step.job.step_id or "", json.loads(step.job.args)
        ran.append(name)
        act = (code or {}).get(name)
        try:
            value = act(**args) if act is not None else args.get("x")
        except Failing as error:
            await end(api, step, error, failed=True)
        else:
            await end(api, step, value)
    return ran


async def while_asking(
    api: Api, asking: asyncio.Task[Answer], act: Callable[[], Awaitable[bool]]
) -> None:
    """Calls `act` at every news of the queue until it says that it is enough, or there is an
    answer.
    """
    with api.world.db.bell.listen("queue") as ear:
        while not asking.done() and not await act():
            news = asyncio.create_task(ear.wait(20))
            await asyncio.wait((asking, news), return_when=asyncio.FIRST_COMPLETED)
            news.cancel()


async def deployed(
    api: Api, path: str = "f/ops/flow", *modules: dict[str, Any], **more: Any
) -> int:
    """The number of the version."""
    answer = await api.post(f"{F}/create", json=body(path, *modules, **more))
    assert answer.status == 201, answer
    version: int = (await api.get(f"{F}/get_latest_version/{path}")).json["id"]
    return version
