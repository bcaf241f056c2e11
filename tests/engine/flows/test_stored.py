"""Flows on real databases: claimed, decided, stored, finished."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from tests.core.flow._build import flow, leaf, loop
from tests.engine.conftest import JumpingClock, read, worker_named
from tests.engine.flows.test_drive import FLOWS
from windmill_lite.base.ids import new_id
from windmill_lite.core.flow import stored
from windmill_lite.core.flow.refs import child_id
from windmill_lite.core.flow.status import Status
from windmill_lite.engine.cancel import cancel
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.finish import Report
from windmill_lite.engine.flows.turns import finish_step, take_turn
from windmill_lite.engine.ping import register
from windmill_lite.engine.world import World
from windmill_lite.expr import evaluators as expr
from windmill_lite.expr.names import Failed, Names
from windmill_lite.model import limits
from windmill_lite.model.flow_run import FlowRun
from windmill_lite.model.job import Claim, Finished, JobKind, JobRecord, JobState, NewJob, Outcome
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import flows, queue
from windmill_lite.store.machine.places import Spot
from windmill_lite.store.people.scope import Scope

TAGS = ("flow", "python3")


@dataclass
class Mill:
    """A worker whose steps are Python functions of ours."""

    world: World
    scope: Scope
    worker: Worker
    evaluators: expr.Evaluators
    code: dict[str, Callable[..., Any]]
    seen: list[str]

    async def evaluate(self, source: str, names: Names, *, truth: bool) -> Any | Failed:
        return await self.evaluators.evaluate("main", expr.Ask(source, truth), names)

    async def push(self, document: Any, args: Any) -> UUID:
        now = self.world.now()
        id = new_id(now)
        who = self.scope.identity
        job = NewJob(
            id=id,
            workspace="main",
            kind=JobKind.FLOW_PREVIEW,
            created_by=who.username,
            permissioned_as=who.permissioned_as,
            email=who.email,
            created_at=now,
            scheduled_for=now,
            tag="flow",
            args=json.dumps(args),
            raw_code=json.dumps(document),
        )

        async def body(tx: Tx) -> None:
            await queue.insert(tx, job, Spot(JobState.QUEUED))
            status = stored.written(Status(id))
            await flows.begin(tx, FlowRun(id, 0, status, id, None, id))

        await self.world.db.write(body)
        return id

    async def work(self, claimed: Claim) -> bool:
        if claimed.job.kind in (JobKind.FLOW, JobKind.FLOW_PREVIEW):
            return await take_turn(self.world, self.evaluate, claimed)
        step = claimed.job.step_id or ""
        self.seen.append(step)
        try:
            code: Callable[..., Any] = self.code.get(step, _echo)
            value = code(**json.loads(claimed.job.args))
            ended = Finished(Outcome.SUCCESS, json.dumps(value))
        except RuntimeError as error:
            told = {"error": {"name": "Error", "message": str(error)}}
            ended = Finished(Outcome.FAILURE, json.dumps(told))
        report = Report(claimed.job.id, claimed.attempt, self.worker.name, ended)
        return (await finish_step(self.world, self.evaluate, claimed.job, report)).accepted

    async def play(self) -> None:
        ask = Ask(self.worker.id, TAGS, 1)
        while found := await claim(self.world, ask):
            assert await self.work(found[0])

    async def record(self, id: UUID) -> JobRecord:
        return await read(self.world, self.scope, id)


def _echo(**args: Any) -> Any:
    return args


def _fail(**args: Any) -> Any:
    raise RuntimeError("no")


@pytest.fixture
async def mill(world: World, admin: Scope) -> AsyncIterator[Mill]:
    worker = replace(worker_named("one", now=world.now()), tags=TAGS)
    await register(world, worker)
    made = expr.Evaluators()
    yield Mill(world, admin, worker, made, {"bad": _fail}, [])
    await made.stop()


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
    assert await mill.work(start)
    assert not await mill.work(start)
    (first,) = await claim(mill.world, ask)
    assert await mill.work(first)
    assert not await mill.work(first)
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
    assert await mill.work(start)
    found = await claim(mill.world, ask)
    assert len(found) == 8
    assert all(await asyncio.gather(*map(mill.work, found)))
    await mill.play()
    assert mill.seen.count("z") == 1
    assert (await mill.record(id)).completed


async def test_a_flow_that_was_canceled_pushes_nothing_more(mill: Mill) -> None:
    id = await mill.push(flow(leaf("a"), leaf("b")), {})
    ask = Ask(mill.worker.id, TAGS, 1)
    (start,) = await claim(mill.world, ask)
    assert await mill.work(start)
    (running,) = await claim(mill.world, ask)
    await cancel(mill.world, mill.scope, id, reason="enough", force=False)
    assert await mill.work(running)
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
    assert await mill.work(start)
    step = child_id(id, "a/0")
    held = await claim(mill.world, ask) if running else []
    await cancel(mill.world, mill.scope, step, reason="enough", force=True)
    if held:
        assert not await mill.work(held[0])
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
    assert await mill.work(start)
    await cancel(mill.world, mill.scope, child_id(id, "l/0/1"), reason=None, force=False)
    await mill.play()
    found = json.loads((await mill.record(id)).result or "null")
    assert found[0] == {"v": 1}
    assert found[1]["error"]["name"] == "Canceled"
    assert found[2] == {"v": 3}
