"""Steps that share a folder run where it is."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import UUID

import pytest

from tests.core.flow._build import flow, leaf, loop
from tests.engine.conftest import JumpingClock, worker_named
from tests.engine.flows._mill import TAGS, Mill
from windmill_lite.core.flow.refs import child_id
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.flows.stranded import free_stranded
from windmill_lite.engine.ping import leave, register
from windmill_lite.model import limits
from windmill_lite.model.job import Claim
from windmill_lite.store.machine import queue

HERE, THERE = "@here", "@there"


@pytest.fixture
async def asks(mill: Mill) -> dict[str, Ask]:
    """Of a worker at each of two sites."""
    found = {}
    for number, site in enumerate((HERE, THERE), start=70):
        id = UUID(int=number)
        made = worker_named(site, now=mill.world.now())
        await register(mill.world, replace(made, id=id, site=site.removeprefix("@")))
        found[site] = Ask(id, (*TAGS, site), 1)
    return found


async def taken(mill: Mill, ask: Ask) -> Claim | None:
    return next(iter(await claim(mill.world, ask)), None)


async def test_every_step_and_turn_is_where_the_flow_had_its_first_turn(
    mill: Mill, asks: dict[str, Ask], clock: JumpingClock
) -> None:
    waits = leaf("b") | {"sleep": 5}
    document = flow(leaf("a"), loop("l", waits, over="[1, 2]"), leaf("c"), same_worker=True)
    id = await mill.push(document, {})
    turn = await taken(mill, asks[HERE])
    assert turn is not None
    await mill.work(turn, asks[HERE]._replace(wanted=0))
    for _ in range(8):
        assert await taken(mill, asks[THERE]) is None
        clock.jump(6)
        held = await taken(mill, asks[HERE])
        if held is not None:
            await mill.work(held, asks[HERE]._replace(wanted=0))
    assert (await mill.record(id)).completed
    assert mill.seen == ["a", "b", "b", "c"]


async def test_a_flow_that_shares_nothing_runs_anywhere(mill: Mill, asks: dict[str, Ask]) -> None:
    id = await mill.push(flow(leaf("a")), {})
    turn = await taken(mill, asks[HERE])
    assert turn is not None
    await mill.work(turn)
    step = await taken(mill, asks[THERE])
    assert step is not None
    assert step.job.parent_id == id
    await mill.work(step)
    assert (await mill.record(id)).completed


async def test_what_waits_for_a_site_that_is_gone_fails_and_the_flow_goes_on_elsewhere(
    mill: Mill, asks: dict[str, Ask], clock: JumpingClock
) -> None:
    handler = leaf("failure", told="error.message")
    id = await mill.push(flow(leaf("a"), same_worker=True, failure_module=handler), {})
    turn = await taken(mill, asks[HERE])
    assert turn is not None
    await mill.work(turn, asks[HERE]._replace(wanted=0))
    clock.jump(limits.STRANDED_S + 1)
    await _look(mill, clock)
    assert not await _ended(mill, id), "its worker is there"
    await leave(mill.world, asks[HERE].worker_id)
    await _look(mill, clock, jump_s=limits.STRANDED_S - 1)
    assert not await _ended(mill, id), "another may come"
    await _look(mill, clock, jump_s=2)
    while held := await taken(mill, asks[THERE]):
        await mill.work(held, asks[THERE]._replace(wanted=0))
    record = await mill.record(id)
    assert record.completed
    assert "the folder that the steps of its flow share" in json.loads(record.result or "")["told"]


async def test_a_worker_that_stops_gives_no_first_turn_to_a_flow_that_shares(
    mill: Mill, asks: dict[str, Ask]
) -> None:
    await mill.push(flow(leaf("a"), same_worker=True), {})
    turn = await taken(mill, asks[HERE])
    assert turn is not None
    assert not (await mill.work(turn, None)).accepted


async def _look(mill: Mill, clock: JumpingClock, *, jump_s: float = 1) -> None:
    """Now, and again after a while."""
    await free_stranded(mill.world)
    clock.jump(jump_s)
    await free_stranded(mill.world)


async def _ended(mill: Mill, flow: UUID) -> bool:
    async with mill.world.db.view() as view:
        state = await queue.state_of(view, child_id(flow, "a/0"))
    assert state is not None
    return state.outcome is not None
