"""Flows on real databases: claimed, decided, stored, finished."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.core.flow._build import flow, leaf, loop
from tests.engine.conftest import JumpingClock
from tests.engine.flows._mill import TAGS, Mill
from tests.engine.flows.test_drive import FLOWS
from windmill_lite.core.flow.refs import child_id
from windmill_lite.engine.cancel import cancel
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.expr.evaluators import Evaluators
from windmill_lite.model import limits
from windmill_lite.model.job import JobState
from windmill_lite.store.db.port import Db, View


@pytest.mark.parametrize("name", FLOWS)
async def test_a_flow_gives_what_it_gives_in_memory(mill: Mill, name: str) -> None:
    document, args, value = FLOWS[name]
    id = await mill.push(document, args)
    await mill.play()
    record = await mill.record(id)
    assert record.completed
    assert json.loads(record.result or "null") == value


async def test_a_sleep_ends_with_its_time(mill: Mill, clock: JumpingClock) -> None:
    document = flow(leaf("a", x="1") | {"sleep": 60}, leaf("b", y="results.a.x"))
    id = await mill.push(document, {})
    await mill.play()
    assert (await mill.record(id)).state is JobState.DELAYED
    clock.jump(59)
    await mill.play()
    assert mill.seen == ["a"]
    clock.jump(2)
    await mill.play()
    assert json.loads((await mill.record(id)).result or "null") == {"y": 1}


async def test_a_report_that_comes_twice_is_heard_once(mill: Mill) -> None:
    id = await mill.push(flow(leaf("a"), leaf("b")), {})
    ask = Ask(mill.worker.id, TAGS, 1)
    (start,) = await claim(mill.world, ask)
    assert (await mill.work(start)).accepted
    assert not (await mill.work(start)).accepted
    (first,) = await claim(mill.world, ask)
    assert (await mill.work(first)).accepted
    assert not (await mill.work(first)).accepted
    await mill.play()
    assert (await mill.record(id)).completed
    assert mill.seen == ["a", "a", "b"]


@pytest.mark.parametrize("count", [5, 6, 23])
async def test_what_is_too_much_for_one_decision_goes_on(
    mill: Mill, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(limits, "PUSH_BATCH", 5)
    monkeypatch.setattr(limits, "DRIVE_EVENTS", 3)
    body = leaf("b", v="flow_input.iter.value")
    items = f"Array.from({{length: {count}}}, (_, i) => i)"
    id = await mill.push(flow(loop("l", body, over=items, parallel=True)), {})
    await mill.play()
    assert json.loads((await mill.record(id)).result or "null") == [{"v": n} for n in range(count)]


async def test_iterations_at_once_join_once_whoever_is_first(mill: Mill) -> None:
    body = leaf("b", v="flow_input.iter.value")
    document = flow(loop("l", body, over="[1,2,3,4,5,6,7,8]", parallel=True), leaf("z"))
    id = await mill.push(document, {})
    ask = Ask(mill.worker.id, TAGS, 100)
    (start,) = await claim(mill.world, ask)
    assert (await mill.work(start)).accepted
    found = await claim(mill.world, ask)
    assert len(found) == 8
    assert all(each.accepted for each in await asyncio.gather(*map(mill.work, found)))
    await mill.play()
    assert mill.seen.count("z") == 1
    assert (await mill.record(id)).completed


async def test_a_flow_that_was_canceled_pushes_nothing_more(mill: Mill) -> None:
    id = await mill.push(flow(leaf("a"), leaf("b")), {})
    ask = Ask(mill.worker.id, TAGS, 1)
    (start,) = await claim(mill.world, ask)
    assert (await mill.work(start)).accepted
    (running,) = await claim(mill.world, ask)
    assert mill.world.definitions.asked.get(id) is not None
    await cancel(mill.world, mill.scope, id, reason="enough", force=False)
    assert mill.world.definitions.asked.get(id) is None, "nobody asks for it again"
    assert (await mill.work(running)).accepted
    await mill.play()
    assert mill.seen == ["a"]
    assert (await mill.record(id)).canceled_by == "ada"
    assert (await mill.record(running.job.id)).completed


@pytest.mark.parametrize("running", [False, True])
@pytest.mark.parametrize("go_on", [False, True])
async def test_a_step_that_somebody_canceled_is_a_failure_of_the_flow(
    mill: Mill, *, running: bool, go_on: bool
) -> None:
    retry = {"retry": {"constant": {"attempts": 3}}, "continue_on_error": go_on}
    id = await mill.push(flow(leaf("a") | retry, leaf("b", e="previous_result.error.name")), {})
    ask = Ask(mill.worker.id, TAGS, 1)
    (start,) = await claim(mill.world, ask)
    assert (await mill.work(start)).accepted
    step = child_id(id, "a/0")
    held = await claim(mill.world, ask) if running else []
    await cancel(mill.world, mill.scope, step, reason="enough", force=True)
    if held:
        assert not (await mill.work(held[0])).accepted
    await mill.play()
    record = await mill.record(id)
    assert record.completed
    told = json.loads(record.result or "null")
    assert told == {"e": "Canceled"} if go_on else told["error"]["name"] == "Canceled"
    assert mill.seen.count("b") == go_on
    assert "a" not in mill.seen[1:], "it is not tried again"


async def test_an_iteration_that_somebody_canceled_still_joins(mill: Mill) -> None:
    body = leaf("b", v="flow_input.iter.value")
    options = {"parallel": True, "skip_failures": True}
    id = await mill.push(flow(loop("l", body, over="[1, 2, 3]", **options)), {})
    ask = Ask(mill.worker.id, TAGS, 1)
    (start,) = await claim(mill.world, ask)
    assert (await mill.work(start)).accepted
    await cancel(mill.world, mill.scope, child_id(id, "l/0/1"), reason=None, force=False)
    await mill.play()
    found = json.loads((await mill.record(id)).result or "null")
    assert found[0] == {"v": 1}
    assert found[1]["error"]["name"] == "Canceled"
    assert found[2] == {"v": 3}


async def test_no_connection_is_held_while_expressions_are_evaluated(
    mill: Mill, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    watched = Watched(mill.world.db)
    evaluate = Evaluators.evaluate

    async def watch(self: Evaluators, *ask: Any) -> Any:
        held.append(watched.held)
        return await evaluate(self, *ask)

    monkeypatch.setattr(Evaluators, "evaluate", watch)
    mill.world = replace(mill.world, db=watched)  # type: ignore[arg-type]
    step = leaf("b", x="[results.a, flow_input, variable('f/ops/x')].length")
    await mill.push(flow(leaf("a", y="1"), step | {"retry": {"constant": {"attempts": 1}}}), {})
    await mill.play()
    assert held
    assert not any(held)


@dataclass
class Watched:
    """A database that knows how many connections are lent for reading."""

    db: Db
    held: int = 0

    @asynccontextmanager
    async def view(self) -> AsyncIterator[View]:
        self.held += 1
        try:
            async with self.db.view() as view:
                yield view
        finally:
            self.held -= 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self.db, name)
