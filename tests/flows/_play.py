"""Plays flows of the corpus on a real database; the Python of their steps runs in this process."""

from __future__ import annotations

import asyncio
import json
import types
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from tests.engine.conftest import JumpingClock, worker_named
from tests.flows._case import Act, Case
from tests.flows._rows import Rows
from windmill_lite.base.ids import new_id
from windmill_lite.core.flow import stored
from windmill_lite.core.flow.events import Resumed
from windmill_lite.core.flow.refs import child_id
from windmill_lite.core.flow.status import Status
from windmill_lite.engine.cancel import cancel
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.finish import Report
from windmill_lite.engine.flows.happen import Cause, happen
from windmill_lite.engine.flows.turns import finish_step, take_turn
from windmill_lite.engine.ping import register
from windmill_lite.engine.world import World
from windmill_lite.expr import evaluators as expr
from windmill_lite.expr.names import Failed, Names
from windmill_lite.model.flow_run import FlowRun
from windmill_lite.model.job import Claim, Finished, JobKind, JobState, NewJob, Outcome
from windmill_lite.model.worker import Worker
from windmill_lite.store.db.port import Tx
from windmill_lite.store.machine import flows, queue
from windmill_lite.store.machine.places import Spot
from windmill_lite.store.people.scope import Scope

TAGS = ("flow", "python3")


@dataclass
class Played:
    """A flow of the corpus that runs, or has run."""

    id: UUID
    case: Case
    acts: deque[Act]
    ran: list[str] = field(default_factory=list)  # steps, in the order in which they began
    args: dict[str, set[str]] = field(default_factory=dict)  # of each step, all it was given
    earlier: Counter[str] = field(default_factory=Counter)
    pauses: list[float] = field(default_factory=list)
    in_hand: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)  # of each step, at a time


@dataclass
class Player:
    world: World
    scope: Scope
    clock: JumpingClock
    evaluators: expr.Evaluators
    workers: list[Worker] = field(default_factory=list)
    played: dict[UUID, Played] = field(default_factory=dict)
    code: dict[str, types.CodeType] = field(default_factory=dict)

    @property
    def rows(self) -> Rows:
        return Rows(self.world.db)

    async def hire(self, count: int) -> None:
        for n in range(count):
            made = replace(worker_named(f"worker {n}", now=self.world.now()), tags=TAGS)
            await register(self.world, made)
            self.workers.append(made)

    async def begin(self, case: Case) -> Played:
        id = await self._push(case)
        self.played[id] = Played(id, case, deque(case.acts))
        for act in case.early:
            await self._act(self.played[id], act)
        return self.played[id]

    async def to_the_end(self, runs: Sequence[Played]) -> None:
        """Until all have ended, or nothing can happen any more. Whenever there is nothing to do,
        people act, and when they have, the clock jumps to the next time that something is due.
        """
        while True:
            await asyncio.gather(*map(self._work_off, self.workers))
            alive = await self.rows.alive([run.id for run in runs])
            waiting = [run for run in runs if run.id in alive]
            if not waiting:
                return
            if await self._acted(waiting, alone=len(runs) == 1):
                continue
            due_at = await self.rows.next_due()
            if due_at is None:
                return
            self._jump(waiting, due_at)

    def _jump(self, waiting: Sequence[Played], due_at: int) -> None:
        pause = (due_at - self.world.now()) / 1_000_000
        for run in waiting:
            run.pauses.append(pause)
        self.clock.jump(pause)

    async def _acted(self, waiting: Sequence[Played], *, alone: bool) -> bool:
        acting = [run for run in waiting if run.acts]
        for run in acting:
            act = run.acts.popleft()
            if act.kind != "wait":
                await self._act(run, act)
            elif alone:
                self.clock.jump(act.seconds)
        return bool(acting)

    # work

    async def _work_off(self, worker: Worker) -> None:
        ask = Ask(worker.id, TAGS, 1)
        while found := deque(await claim(self.world, ask)):
            while found:
                found += await self._work(worker, found.popleft(), ask)

    async def _work(self, worker: Worker, held: Claim, ask: Ask) -> Sequence[Claim]:
        if held.job.kind in (JobKind.FLOW, JobKind.FLOW_PREVIEW):
            assert await take_turn(self.world, self._evaluate, held), "nobody else holds it"
            return ()
        run, step = self.played[held.job.root_id or held.job.id], held.job.step_id or ""
        run.in_hand[step] += 1
        run.most[step] = max(run.most[step], run.in_hand[step])
        await asyncio.sleep(0)
        report = Report(held.job.id, held.attempt, worker.name, self._run(run, held))
        settled = await finish_step(self.world, self._evaluate, held.job, report, ask=ask)
        run.in_hand[step] -= 1
        assert settled.accepted, "nobody else holds it"
        return settled.next

    def _run(self, run: Played, held: Claim) -> Finished:
        """A step in this process, with how often it ran before with these arguments as EARLIER."""
        step, args = held.job.step_id or "", held.job.args
        run.ran.append(step)
        run.args.setdefault(step, set()).add(args)
        key = f"{step}{json.dumps(json.loads(args), sort_keys=True)}"
        names: dict[str, Any] = {"EARLIER": run.earlier[key]}
        run.earlier[key] += 1
        text = held.code
        if text not in self.code:
            self.code[text] = compile(text, step, "exec")
        exec(self.code[text], names)  # noqa: S102 - a step of the corpus
        try:
            result, outcome = names["main"](**json.loads(args)), Outcome.SUCCESS
        except Exception as error:  # noqa: BLE001 - a step may fail in any way
            told = {"name": type(error).__name__, "message": str(error)}
            result, outcome = {"error": told}, Outcome.FAILURE
        return Finished(outcome, json.dumps(result))

    async def _evaluate(self, source: str, names: Names, *, truth: bool) -> Any | Failed:
        return await self.evaluators.evaluate("main", expr.Ask(source, truth), names)

    # people

    async def _act(self, run: Played, act: Act) -> None:
        if act.kind == "cancel":
            await cancel(self.world, self.scope, run.id, reason="enough", force=False)
            return
        kind = "yes" if act.kind == "approve" else "no"
        gate = child_id(run.id, f"{act.step}/0")

        async def said(tx: Tx) -> None:
            text, now = json.dumps(act.payload), self.world.now()
            await flows.say(tx, gate, kind, text, by=act.by, now=now)

        await self.world.db.write(said)
        await happen(self.world, self._evaluate, Cause(run.id, (Resumed(),)), _nothing)

    async def _push(self, case: Case) -> UUID:
        now, who = self.world.now(), self.scope.identity
        id = new_id(now)
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
            args=json.dumps(dict(case.args)),
            raw_code=json.dumps(case.flow),
        )

        async def body(tx: Tx) -> None:
            await queue.insert(tx, job, Spot(JobState.QUEUED))
            status = stored.written(Status(id))
            await flows.begin(tx, FlowRun(id, 0, status, id, None, id))

        await self.world.db.write(body)
        return id


async def _nothing(_: Tx) -> None:
    return None
