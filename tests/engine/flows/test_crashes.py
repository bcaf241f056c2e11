"""Flows whose worker dies, or whose database goes away, at any point: they end as if nothing had
happened, with nothing left over.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tests.core.flow._build import branchall, flow, handler, leaf, loop, whil
from tests.engine.conftest import JumpingClock, worker_named
from tests.engine.flows._mill import TAGS, Mill, fail
from tests.engine.flows.test_random import ALIVE
from tests.sim.faulty import CrashError, Fault, FaultyDb, Kind
from windmill_lite.base.errors import Unavailable
from windmill_lite.engine import rescue
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.ping import register
from windmill_lite.engine.world import World
from windmill_lite.model.job import Claim

B = leaf("b", v="flow_input.iter.index")
RETRIED = leaf("bad") | {"retry": {"constant": {"attempts": 2}}}
SCENARIOS: dict[str, Any] = {
    "sequence": flow(leaf("a", x="flow_input.n"), leaf("b", y="results.a.x"), leaf("c", z="2")),
    "a loop of many at once": flow(loop("l", B, over="[1, 2, 3]", parallel=True), leaf("z", r="3")),
    "a loop": flow(loop("l", B, leaf("c", w="results.b.v"), over="[1, 2]")),
    "until": flow(whil("w", B | {"stop_after_if": {"expr": "result.v == 1"}})),
    "branches": flow(branchall("e", [leaf("p", x="1")], [leaf("q", x="2")]), leaf("z", e="4")),
    "tries, then a handler": flow(RETRIED, failure_module=handler(told="error.message")),
    "one fails of many": flow(
        loop("l", leaf("bad"), over="[1, 2]", parallel=True), failure_module=handler(n="5")
    ),
    "a pause": flow(leaf("a", x="1") | {"sleep": 5}, leaf("b", y="results.a.x")),
}
#: On Postgres a statement is a round trip.
EVERY = {"sqlite": 12, "postgres": 60}


@pytest.mark.parametrize("name", SCENARIOS)
async def test_a_flow_may_be_broken_at_any_point(
    mill: Mill, clock: JumpingClock, name: str
) -> None:
    crew = Crew(mill, clock, SCENARIOS[name])
    calm = Fault()
    wanted = await crew.play(calm)
    every = EVERY[mill.world.db.dialect]
    first = list(SCENARIOS).index(name) % every
    for fault in _faults(range(first, len(calm.reached), every)):
        found = await crew.play(fault)
        assert found == wanted, f"{fault.kind} {fault.reached[fault.at or 0]}: {found}"


def _faults(points: range) -> Iterator[Fault]:
    for at in points:
        yield Fault(at, Kind.CRASH)
        yield Fault(at, Kind.OUTAGE)


class Crew:
    """Workers that take over from each other."""

    def __init__(self, mill: Mill, clock: JumpingClock, document: Any) -> None:
        self.mill = mill
        self.clock = clock
        self.document = document
        self.calm = mill.world
        self._hired = 0
        mill.code = {"bad": fail}

    async def play(self, fault: Fault) -> Any:
        id = await self.mill.push(self.document, {"n": 1})
        await self._hire()
        self.mill.world = self._over(fault)
        try:
            await self._to_the_end()
        except CrashError:
            pass
        finally:
            self.mill.world = self.calm
        for _ in range(3):
            await rescue.rescue_from_dead(self.calm, self.mill.worker.id)
            await self._hire()
            await self._to_the_end()
        record = await self.mill.record(id)
        assert record.completed, f"{fault} leaves it {record.state}"
        assert await self._left() == []
        return record.outcome, json.loads(record.result or "")

    def _over(self, fault: Fault) -> World:
        return replace(self.calm, db=FaultyDb(self.calm.db, fault))

    async def _hire(self) -> None:
        self._hired += 1
        new = worker_named(f"w{self._hired}", now=self.calm.now())
        self.mill.worker = replace(new, id=UUID(int=self._hired), tags=TAGS)
        await register(self.calm, self.mill.worker)

    async def _to_the_end(self) -> None:
        """When there is nothing to do, time passes."""
        for _ in range(3):
            while found := await self._claimed():
                await self._work_off(deque(found))
            self.clock.jump(10)

    async def _claimed(self) -> list[Claim]:
        """What an answer brought that did not arrive is found when the worker is missed."""
        try:
            return await claim(self.mill.world, Ask(self.mill.worker.id, TAGS, 2))
        except Unavailable:
            return await claim(self.mill.world, Ask(self.mill.worker.id, TAGS, 2))

    async def _work_off(self, held: deque[Claim]) -> None:
        ask = Ask(self.mill.worker.id, TAGS, 1)
        while held:
            one = held.popleft()
            try:
                settled = await self.mill.work(one, ask)
            except Unavailable:
                settled = await self.mill.work(one, ask)
            held += settled.next

    async def _left(self) -> list[UUID]:
        async with self.calm.db.view() as view:
            return [row["id"] for row in await view.all(ALIVE)]
