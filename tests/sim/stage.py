"""Where a scenario plays: one process with a client and a worker in it, and what comes after its
end.

A scenario prepares what it needs, says `arm`, and does what is to be broken. Then `settle` lets
everything come to rest as the roles of the product would: the process starts again, or the worker
gives back what it never heard of; silent workers' jobs are rescued; somebody runs what is queued.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from tests.sim.clock import JumpingClock
from tests.sim.facts import Facts, read_facts
from tests.sim.faulty import Fault, FaultyDb
from tests.sim.invariants import Watcher
from tests.sim.ledger import Ledger
from windmill_lite.base.errors import AlreadyExists, Refusal, Unavailable
from windmill_lite.engine import cancel, finish, logbook, ping, push, rescue
from windmill_lite.engine.claim import Ask, claim, next_due_s
from windmill_lite.engine.finish import Report, Settled
from windmill_lite.engine.rules import wake
from windmill_lite.engine.rules.sweep import end_trees
from windmill_lite.engine.world import World
from windmill_lite.model.identity import Identity
from windmill_lite.model.job import Claim, Finished, Outcome, Preview, RunOptions
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.port import Db, OutcomeUnknown
from windmill_lite.store.people.scope import Scope

ADA = Scope(Identity("main", "ada", "ada@here.test", is_admin=True))
TAGS = ("python3",)
LEASE_S = 60.0
TRIES = 3  # a fault strikes once
ROUNDS = 30  # of looking for work: far more than any scenario has

T = TypeVar("T")
Pushing = Callable[[World, RunOptions], Awaitable[UUID]]


async def preview(world: World, options: RunOptions) -> UUID:
    """The smallest job there is."""
    code = Preview("def main(): pass", "python3")
    return await push.run_preview(world, ADA, code, args={"x": 1}, options=options)


class Stage:
    """One performance of one scenario over an empty database."""

    def __init__(self, db: Db, fault: Fault, *, twice: bool = False) -> None:
        self.db = db  # without faults
        self.fault = fault
        self.clock = JumpingClock()
        self.ledger = Ledger()
        self.watcher = Watcher(self.ledger)
        self.worker = self.new_worker(1)
        self.hands: dict[UUID, Claim] = {}  # what the worker knows that it runs
        self._behind = Fault()  # before `arm` and after the act nothing goes wrong
        self._twice = twice
        self._ids = 0
        self.world = self._world(self._behind, twice=False)

    def arm(self) -> None:
        """From here on every point counts."""
        self.world = self._world(self.fault, twice=self._twice)

    async def insist(self, verb: Callable[[], Awaitable[T]]) -> T:
        """What the product's own roles do while the database is away: ask again."""
        for _ in range(TRIES):
            try:
                return await verb()
            except Unavailable:
                continue
        raise AssertionError("a fault strikes once")

    # ---- a client ------------------------------------------------------------------------------

    async def push(self, how: Pushing = preview, **options: object) -> UUID:
        """A job under an id of the client's own, so that it can ask again."""
        self._ids += 1
        return await self.push_as(UUID(int=self._ids), how, **options)  # type: ignore[arg-type]

    async def push_as(
        self, job_id: UUID, how: Pushing = preview, *, in_doubt: bool = False, **options: object
    ) -> UUID:
        """`in_doubt`: whether it exists already is not known."""
        self.ledger.asked.add(job_id)
        wanted = RunOptions(job_id=job_id, **options)  # type: ignore[arg-type]

        async def once() -> None:
            nonlocal in_doubt
            try:
                await how(self.world, wanted)
            except OutcomeUnknown:
                in_doubt = True
                raise
            except AlreadyExists:
                if not in_doubt and job_id not in self.ledger.pushed:
                    raise

        try:
            await self.insist(once)
        except Refusal:
            self.ledger.refused.add(job_id)
            raise
        self.ledger.pushed.add(job_id)
        return job_id

    async def cancel(self, job_id: UUID, *, force: bool = False) -> bool:
        done = await self.insist(
            lambda: cancel.cancel(self.world, ADA, job_id, reason="enough", force=force)
        )
        (self.ledger.canceled if done else self.ledger.ended).add(job_id)
        return done

    # ---- a worker ------------------------------------------------------------------------------

    def new_worker(self, number: int) -> Worker:
        now = 0
        name = f"worker {number}"
        return Worker(UUID(int=number << 64), name, "here", TAGS, 9, "0", "none", now, now)

    async def appear(self) -> None:
        """The worker says that it lives."""
        worker = self.worker
        await self.insist(lambda: ping.ping(self.world, worker, jobs_done=0, memory_kb=None))

    async def claim(self, wanted: int = 1) -> list[Claim]:
        """When the answer gets lost, what was given is given back before more is asked for."""
        ask = Ask(self.worker.id, self.worker.tags, wanted)
        try:
            found = await claim(self.world, ask)
        except Unavailable:
            await self._return_unknown()
            found = await claim(self.world, ask)
        self.hands.update((one.job.id, one) for one in found)
        return found

    async def _return_unknown(self) -> None:
        held = await ping.held(self.world, self.worker.id)
        for job_id, attempt in held.items():
            one = self.hands.get(job_id)
            if one is None or one.attempt != attempt:
                await finish.hand_back(self.world, job_id, attempt, worker_id=self.worker.id)

    async def claimed(self, **options: object) -> Claim:
        """A job of its own in the hands of a worker that lives."""
        await self.appear()
        job_id = await self.push(**options)  # type: ignore[arg-type]
        await self.claim()
        return self.hands[job_id]

    async def say(self, one: Claim, text: str, *, start: int | None = None) -> bool:
        at = one.log_length if start is None else start
        return await self.insist(
            lambda: logbook.append(self.world, one.job.id, one.attempt, start=at, chunk=text)
        )

    async def finish(
        self,
        one: Claim,
        *,
        log: str = "",
        take: int = 0,
        log_start: int | None = None,
        fails: bool = False,
    ) -> Settled:
        result = f'{{"error": {{"message": "{one.job.id} {one.attempt}"}}}}'
        self.ledger.reported(one.job.id, one.attempt, result)
        report = Report(
            one.job.id,
            one.attempt,
            self.worker.name,
            Finished(Outcome.FAILURE if fails else Outcome.SUCCESS, result),
            log=log,
            log_start=one.log_length if log_start is None else log_start,
        )
        ask = Ask(self.worker.id, self.worker.tags, take) if take else None
        settled = await self.insist(lambda: finish.finish(self.world, report, ask))
        self.hands.pop(one.job.id, None)
        self.hands.update((each.job.id, each) for each in settled.next)
        return settled

    async def hand_back(self, one: Claim) -> bool:
        done = await self.insist(
            lambda: finish.hand_back(
                self.world,
                one.job.id,
                one.attempt,
                worker_id=self.worker.id,
                started_at=one.started_at,
            )
        )
        if self.hands.get(one.job.id) is one:
            del self.hands[one.job.id]
        return done

    async def lose(self, one: Claim) -> None:
        await self.insist(lambda: rescue.lose(self.world, one, "its cell broke", worker="worker"))
        self.hands.pop(one.job.id, None)

    # ---- afterwards ----------------------------------------------------------------------------

    async def settle(self, *, crashed: bool) -> None:
        """To an empty queue; looks at every invariant on the way."""
        self.world = self._world(self._behind, twice=False)
        await self._look()
        if crashed:
            await self._start_again()
        else:
            await self._put_in_order()
        while await end_trees(self.world):
            await self._look()
        await self._look()
        await self._ask_again()
        await self._rescue()
        await self._run_all()
        self.watcher.at_rest(await self.facts())

    async def _start_again(self) -> None:
        """Memory is gone; another worker is there."""
        self.hands.clear()
        self.worker = self.new_worker(2)
        if self.world.solo:
            await rescue.rescue_after_restart(self.world)

    async def _put_in_order(self) -> None:
        """What the worker's heartbeat and slots do."""
        await self._return_unknown()
        for one in list(self.hands.values()):
            await self.finish(one)

    async def _ask_again(self) -> None:
        """A client that was never answered."""
        for job_id in sorted(self.ledger.asked - self.ledger.pushed - self.ledger.refused):
            await self.push_as(job_id, in_doubt=True)

    async def _rescue(self) -> None:
        if self.world.solo:
            return  # there is nobody else whose silence would mean anything
        self.clock.jump(LEASE_S + 1)
        while await rescue.rescue(self.world):
            await self._look()

    async def _run_all(self) -> None:
        await self.appear()
        for _ in range(ROUNDS):
            await wake.wake(self.world)
            for one in await self.claim(wanted=5):
                await self._look()
                await self.finish(one, log="done\n")
                await self._look()
            if not (await self.facts()).live:
                return
            self.clock.jump(await next_due_s(self.world, at_most=1.0))

    async def facts(self) -> Facts:
        async with self.db.view() as view:
            return await read_facts(view)

    async def _look(self) -> None:
        self.watcher.look(await self.facts())

    def _world(self, fault: Fault, *, twice: bool) -> World:
        db = FaultyDb(self.db, fault, twice=twice)
        return World(db, self.clock, b"key", "http://here.test", LEASE_S)


async def silence(stage: Stage) -> None:
    """The worker is not heard of for longer than a lease, though it goes on."""
    stage.clock.jump(LEASE_S + 1)
    stage.hands.clear()
