"""People and programs at the API: they push, cancel, wait, and ask again when not answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar
from uuid import UUID

from tests.sim.cluster.flows import ARGS, document
from tests.sim.cluster.judge import Judge
from tests.sim.cluster.loop import Process, SimLoop
from tests.sim.cluster.network import Link, Network
from tests.sim.cluster.node import NodeClock, world_of
from tests.sim.cluster.plan import Plan
from tests.sim.ledger import Ledger
from windmill_lite.base.codec import Json
from windmill_lite.base.errors import AlreadyExists, Unavailable
from windmill_lite.engine import (
    accounts,
    cancel,
    deploy,
    push,
    schedule_edit,
    watch,
    workspaces,
)
from windmill_lite.engine.flows.push import run_preview
from windmill_lite.model import schedule as schedules
from windmill_lite.model.identity import Identity
from windmill_lite.model.job import FlowPreview, Preview, RunOptions
from windmill_lite.model.retry import Constant, RetryPolicy
from windmill_lite.model.script import NewScript
from windmill_lite.store.db.port import OutcomeUnknown
from windmill_lite.store.people.scope import Scope

ADA = Scope(Identity("main", "ada", "ada@here.test", is_admin=True))
PREVIEW = Preview("def main(): pass", "python3")
#: Scripts by name, with what their versions say about the queue.
RULES: Final[Mapping[str, Mapping[str, Json]]] = {
    "plain": {},
    "limited": {"concurrent_limit": 2},
    "cached": {"cache_ttl": 30},
    "once": {"on_worker_loss": "fail"},
    "windowed": {"concurrent_limit": 1, "concurrency_time_window_s": 5},
    "debounced": {"debounce_delay_s": 3},
}
RULES_WITHOUT_TIME: Final = ("plain", "limited", "cached", "once")
TRIES = 4
PAUSE_S = 1.0
TWICE = RetryPolicy(constant=Constant(attempts=2, seconds=3))
ON_TIME_S = 1.0  # nothing is asked for a time that machines disagree about by more
NEWEST = 5  # of which somebody may want to get rid

T = TypeVar("T")


class Clients:
    """All of them, in one process that nothing happens to: what breaks is on the way."""

    def __init__(self, network: Network, ledger: Ledger, judge: Judge, plan: Plan) -> None:
        self._loop: SimLoop = network.loop
        self._ledger = ledger
        self._judge = judge
        self._process = Process("clients")
        self.link = Link(network, self._process, solo=plan.solo)
        clock = NodeClock(self._loop)
        self._world = world_of(self.link, clock, plan.lease_s)
        self.flows: dict[UUID, int] = {}  # which each one is
        self._on_time = plan.skew_s <= ON_TIME_S
        self._jobs: list[UUID] = []

    def prepare(self, every_s: int) -> None:
        """A schedule, and all that it needs."""
        self._loop.spawn(self._process, self._prepare(every_s))

    def pause(self) -> None:
        """The schedule ticks no more."""
        self._loop.spawn(self._process, self._pause())

    def broken(self) -> list[str]:
        """What went wrong with what they wanted, and is no answer of the product."""
        ended = (task for task in self._process.tasks if task.done() and not task.cancelled())
        return [repr(error) for task in ended if (error := task.exception()) is not None]

    def at_rest(self) -> bool:
        """Nobody waits for an answer."""
        return all(task.done() for task in self._process.tasks)

    def push(self, which: int, *, delay_s: float, alone: bool = False) -> None:
        """A new job, of a script or of none, ready after the delay; unless it is `alone`, perhaps
        below another one, with which it may be canceled.
        """
        job_id = UUID(int=len(self._jobs) + 1)
        self._jobs.append(job_id)
        self._ledger.asked.add(job_id)
        work = self._push(job_id, self._path(which), delay_s, alone=alone)
        self._loop.spawn(self._process, work)

    def push_flow(self, which: int) -> None:
        job_id = UUID(int=len(self._jobs) + 1)
        self._jobs.append(job_id)
        self._ledger.asked.add(job_id)
        self.flows[job_id] = which
        options = RunOptions(job_id=job_id, idempotency_key=f"key {job_id.int}")
        preview = FlowPreview(document(which))

        async def once() -> None:
            await run_preview(self._world, ADA, preview, args=ARGS, options=options)

        self._loop.spawn(self._process, self._promised(job_id, once))

    async def _promised(self, job_id: UUID, once: Callable[[], Awaitable[None]]) -> None:
        if await self._insist(once):
            self._ledger.pushed.add(job_id)
            self._judge.tell("client", f"job {job_id.int} is acknowledged")

    def cancel(self, which: int, *, force: bool) -> None:
        if self._jobs:
            job_id = self._pick(which)
            self._loop.spawn(self._process, self._cancel(job_id, force=force))

    def wait(self, which: int) -> None:
        if self._jobs:
            self._loop.spawn(self._process, self._wait(self._pick(which)))

    def _pick(self, which: int) -> UUID:
        """Mostly one of the newest: about the others less can happen."""
        among = self._jobs if which % 4 == 0 else self._jobs[-NEWEST:]
        return among[which % len(among)]

    def _path(self, which: int) -> str | None:
        """Every other job is of a script with rules. None: a preview."""
        names = tuple(RULES if self._on_time else RULES_WITHOUT_TIME)
        return f"f/sim/{names[which // 2 % len(names)]}" if which % 2 else None

    async def _prepare(self, every_s: int) -> None:
        world, email = self._world, ADA.identity.email
        await accounts.make_account(world, email=email, password=None, name=None, super_admin=True)
        await workspaces.make(world, id="main", name="Main", owner=email, username="ada")
        for name, options in RULES.items():
            # With a schema, lest it be inferred, in a thread.
            script = NewScript(
                f"f/sim/{name}",
                PREVIEW.content,
                "python3",
                schema={"type": "object"},
                options=dict(options),
            )
            await deploy.create_script(world, ADA, script)
        if not every_s:
            return
        plan = schedules.Plan(cron=f"*/{every_s} * * * * *", timezone="UTC")
        new = schedules.NewSchedule("f/ops/often", "f/sim/plain", plan, enabled=True)
        await schedule_edit.create(world, ADA, new)

    async def _pause(self) -> None:
        async def once() -> None:
            await schedule_edit.set_enabled(self._world, ADA, "f/ops/often", enabled=False)

        if not await self._insist(once):
            self._judge.fault("the schedule could not be paused")

    async def _push(self, job_id: UUID, path: str | None, delay_s: float, *, alone: bool) -> None:
        later = delay_s > 0 and self._on_time
        due = self._world.now() + int(delay_s * 1_000_000) if later else None
        number = job_id.int
        parent = UUID(int=max(1, number - 2))
        hangs = number % 4 == 3 and not alone and parent in self._ledger.pushed
        options = RunOptions(
            job_id=job_id,
            scheduled_for=due,
            parent_id=parent if hangs else None,
            retry=TWICE if number % 3 == 0 and self._on_time else None,
            idempotency_key=f"key {number}" if number % 2 == 0 else None,
        )
        in_doubt = False

        async def once() -> None:
            nonlocal in_doubt
            try:
                if path is None:
                    await push.run_preview(self._world, ADA, PREVIEW, args={}, options=options)
                else:
                    await push.run_path(self._world, ADA, path, args={}, options=options)
            except OutcomeUnknown:
                in_doubt = True
                raise
            except AlreadyExists:
                if not in_doubt:
                    self._judge.fault(f"the first push of job {job_id.int} was refused")

        await self._promised(job_id, once)

    async def _cancel(self, job_id: UUID, *, force: bool) -> None:
        if job_id not in self._ledger.pushed:
            return
        done = False

        async def once() -> None:
            nonlocal done
            done = await cancel.cancel(self._world, ADA, job_id, reason="enough", force=force)

        if await self._insist(once):
            (self._ledger.canceled if done else self._ledger.ended).add(job_id)
            self._judge.tell("client", f"job {job_id.int} canceled: {done}, force {force}")

    async def _wait(self, job_id: UUID) -> None:
        if job_id not in self._ledger.pushed:
            return

        async def once() -> None:
            record = await watch.wait(self._world, ADA, job_id, 30.0)
            if record is not None:
                self._ledger.ended.add(job_id)

        await self._insist(once)

    async def _insist(self, verb: Callable[[], Awaitable[None]]) -> bool:
        """False: given up without an answer."""
        for _ in range(TRIES):
            try:
                await verb()
            except Unavailable:
                await asyncio.sleep(PAUSE_S)
            else:
                return True
        return False
