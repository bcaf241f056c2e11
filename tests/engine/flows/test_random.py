"""Any flow, on real databases, with several workers at once: it ends as it does in memory."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any
from uuid import UUID

import pytest

from tests.core.flow._build import flow, handler
from tests.core.flow.test_random_flows import Maker
from tests.engine.conftest import JumpingClock
from tests.engine.flows._mill import TAGS, Mill
from tests.engine.flows._stage import Stage
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.model import limits
from windmill_lite.store.db.sqlfile import parse

#: The maker of flows writes Python.
JAVASCRIPT = {
    "True": "true",
    "False": "false",
    "1 / 0": "nobody.x",
    "error['message']": "error.message",
    "len(result) > 2": "result.length > 2",
}
ALIVE = parse("-- name: alive\nselect id from job_queue", "here")["alive"]
WAITS = ("sleep", "suspend")


def _made(seed: int) -> Any:
    dice = random.Random(seed)  # noqa: S311 - a plan of a test
    maker = Maker(dice)
    document = flow(*[maker.module(2) for _ in range(dice.randrange(1, 4))])
    if dice.random() < 0.5:
        document["failure_module"] = handler()
    return _translated(document)


def _translated(value: Any) -> Any:
    match value:
        case {"type": "flow"}:
            return {"type": "identity"}
        case dict():
            return {k: _translated(v) for k, v in value.items() if k not in WAITS}
        case list():
            return [_translated(v) for v in value]
        case str() if value.startswith("len(all_iters)"):
            return value.replace("len(all_iters)", "all_iters.length")
        case str():
            return JAVASCRIPT.get(value, value)
    return value


def _code(seed: int) -> dict[str, Any]:
    return {f"s{n}": _sometimes(seed + n) for n in range(60)}


def _sometimes(seed: int) -> Any:
    """Fails or not by what it is given."""

    def code(**args: Any) -> Any:
        told = json.dumps(args, sort_keys=True)
        if random.Random(f"{seed}{told}").random() < 0.2:  # noqa: S311 - the same
            raise RuntimeError("no")
        return args

    return code


@pytest.mark.parametrize("seed", range(12))
async def test_a_random_flow_ends_as_in_memory(
    mill: Mill, clock: JumpingClock, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(limits, "ITERATIONS_MAX", 5)
    monkeypatch.setattr(limits, "DRIVE_EVENTS", 4)
    document, code = _made(seed), _code(seed)
    stage = await Stage(document, {"k": 1}, **code).play(mill.evaluators)
    mill.code = code
    id = await mill.push(document, {"k": 1})
    await _play_together(mill, clock)
    record = await mill.record(id)
    assert record.completed, record
    assert json.loads(record.result or "null") == stage.value
    assert (record.outcome != "failure") is stage.ending.success
    assert sorted(mill.seen) == sorted(stage.steps)
    assert await _left_over(mill) == []


async def _play_together(mill: Mill, clock: JumpingClock) -> None:
    """To the end; when there is nothing to do, a next try may be a second away."""
    ask = Ask(mill.worker.id, TAGS, 4)
    for _ in range(20):
        while found := await claim(mill.world, ask):
            assert all(each.accepted for each in await asyncio.gather(*map(mill.work, found)))
        if not await _left_over(mill):
            return
        clock.jump(2)


async def _left_over(mill: Mill) -> list[UUID]:
    async with mill.world.db.view() as view:
        return [row["id"] for row in await view.all(ALIVE)]
