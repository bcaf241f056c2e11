"""A walk through everything that may happen to jobs of a few keys: the limits hold at every step,
nobody is forgotten, and in the end the queue is empty.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from tests.engine.conftest import JumpingClock, worker_named
from tests.engine.test_concurrency import keyed, put
from tests.engine.test_queue import DONE, report
from tests.engine.test_retries import FAILED
from windmill_lite.core.jobs import retry
from windmill_lite.engine import cancel, finish, ping, rescue
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.rules.wake import wake
from windmill_lite.engine.world import World
from windmill_lite.model.job import Claim
from windmill_lite.model.retry import Constant, RetryPolicy
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.port import View
from windmill_lite.store.db.sqlfile import parse
from windmill_lite.store.people.scope import Scope

Q = parse(
    """
-- name: rows
select q.id, q.state, q.tag, q.concurrency_key, j.concurrent_limit
from job_queue q join job j on j.id = q.id
-- name: moments
select key from key_wake
""",
    "here",
)
STEPS = 120
TAGS = ("python3", "gpu")
#: limit, window in seconds; a key of several limits is as narrow as the widest
KEYS: dict[str, tuple[int, int | None]] = {"a": (1, None), "b": (2, 10), "c": (3, 5)}


@dataclass
class Walk:
    """One world, a dice, what runs now and when jobs of each key started."""

    world: World
    scope: Scope
    clock: JumpingClock
    crew: list[Worker]
    dice: random.Random
    running: list[tuple[Worker, Claim]] = field(default_factory=list)
    #: by key, when which job started: a job given back and taken again while the clock stands still
    #: started once
    starts: dict[str, set[tuple[int, UUID]]] = field(default_factory=dict)

    async def push(self) -> None:
        key = self.dice.choice(list(KEYS))
        limit, window_s = KEYS[key]
        policy = retry.written(RetryPolicy(Constant(1, self.dice.choice((0, 3)))))
        job = keyed(
            self.world,
            key,
            limit,
            concurrency_window_s=window_s,
            tag=self.dice.choice(TAGS),
            priority=self.dice.choice((0, 0, 5)),
            scheduled_for=self.world.now() + self.dice.choice((0, 0, 4)) * 1_000_000,
            retry=self.dice.choice((None, policy)),
            max_attempts=self.dice.choice((1, 3)),
        )
        await put(self.world, job)

    async def claim(self) -> None:
        worker = self.dice.choice(self.crew)
        ask = Ask(worker.id, worker.tags, self.dice.randint(1, 3))
        self._started(worker, await claim(self.world, ask))

    def _started(self, worker: Worker, found: list[Claim]) -> None:
        for each in found:
            self.running.append((worker, each))
            starts = self.starts.setdefault(str(each.job.concurrency_key), set())
            starts.add((self.world.now(), each.job.id))

    def _one(self) -> tuple[Worker, Claim] | None:
        if not self.running:
            return None
        return self.running.pop(self.dice.randrange(len(self.running)))

    async def finish(self) -> None:
        if (one := self._one()) is not None:
            worker, found = one
            ask = self.dice.choice((None, Ask(worker.id, worker.tags, 1)))
            outcome = self.dice.choice((DONE, DONE, FAILED))
            told = report(found.job.id, found.attempt, outcome)
            settled = await finish.finish(self.world, told, ask)
            self._started(worker, list(settled.next))

    async def hand_back(self) -> None:
        if (one := self._one()) is not None:
            worker, found = one
            await finish.hand_back(self.world, found.job.id, found.attempt, worker_id=worker.id)

    async def lose(self) -> None:
        if (one := self._one()) is not None:
            await rescue.lose(self.world, one[1], "its cell broke", worker="one")

    async def cancel(self) -> None:
        async with self.world.db.view() as view:
            rows = await view.all(Q["rows"])
        if rows:
            job_id = self.dice.choice(rows)["id"]
            await cancel.cancel(self.world, self.scope, job_id, reason=None, force=True)
            self.running = [one for one in self.running if one[1].job.id != job_id]

    async def jump(self) -> None:
        self.clock.jump(self.dice.choice((0.5, 1, 3)))

    async def wake(self) -> None:
        await wake(self.world)

    async def step(self) -> None:
        ways: list[Callable[[], Awaitable[None]]] = [
            *(self.push, self.push, self.claim, self.claim, self.finish, self.finish),
            *(self.hand_back, self.lose, self.cancel, self.jump, self.wake),
        ]
        await self.dice.choice(ways)()

    async def check(self) -> None:
        async with self.world.db.view() as view:
            await self._nobody_is_forgotten(view)
        for key, starts in self.starts.items():
            limit, window_s = KEYS[key]
            if window_s is not None:
                for start, _ in starts:
                    seen = [s for s, _ in starts if start - window_s * 1_000_000 < s <= start]
                    assert len(seen) <= limit, f"{key}: {len(seen)} starts in a window"

    async def _nobody_is_forgotten(self, view: View) -> None:
        rows = await view.all(Q["rows"])
        moments = {row["key"] for row in await view.all(Q["moments"])}
        running = Counter(r["concurrency_key"] for r in rows if r["state"] == "running")
        ready = {(r["concurrency_key"], r["tag"]) for r in rows if r["state"] == "queued"}
        for key, count in running.items():
            assert count <= KEYS[key][0], f"{count} of {key} run"
        for row in rows:
            if row["state"] == "blocked":
                key, tag = row["concurrency_key"], row["tag"]
                assert running[key] or (key, tag) in ready or key in moments, f"{row} is forgotten"

    async def drain(self) -> None:
        for _ in range(400):
            await wake(self.world)
            for worker in self.crew:
                self._started(worker, await claim(self.world, Ask(worker.id, worker.tags, 5)))
            if not self.running:
                self.clock.jump(1)
            while self.running:
                await self.finish()
            await self.check()
            async with self.world.db.view() as view:
                if not await view.all(Q["rows"]):
                    return
        raise AssertionError("the queue does not get empty")


@pytest.mark.parametrize("seed", range(6))
async def test_limits_hold_and_nobody_is_forgotten(
    world: World, admin: Scope, clock: JumpingClock, seed: int
) -> None:
    crew = [
        worker_named("one", now=world.now(), tags=TAGS[:1]),
        worker_named("two", now=world.now(), tags=TAGS),
    ]
    for worker in crew:
        await ping.register(world, worker)
    dice = random.Random(seed)  # noqa: S311  a fixed seed, on purpose
    walk = Walk(world, admin, clock, crew, dice)
    for _ in range(STEPS):
        await walk.step()
        await walk.check()
    await walk.drain()
