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

import pytest

from tests.engine.conftest import JumpingClock, deploy_script, worker_named
from tests.flows._case import Act, Case
from tests.flows._rows import Rows
from tests.flows.corpus import callees
from windmill_lite.base.errors import Conflict, NotFound
from windmill_lite.core.flow.refs import child_id
from windmill_lite.engine.cancel import cancel
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.finish import Report
from windmill_lite.engine.flows import deploy
from windmill_lite.engine.flows.deployed import run_path
from windmill_lite.engine.flows.people.asking import Asking, asking_of
from windmill_lite.engine.flows.people.speak import Word, speak
from windmill_lite.engine.flows.push import run_preview
from windmill_lite.engine.flows.turns import report, take_turn
from windmill_lite.engine.ping import register
from windmill_lite.engine.world import World
from windmill_lite.model.flow import NewFlow
from windmill_lite.model.job import (
    FLOW_KINDS,
    Claim,
    Finished,
    FlowPreview,
    NewJob,
    Outcome,
    RunOptions,
)
from windmill_lite.model.worker import Worker
from windmill_lite.store.people.scope import Scope

TAGS = ("flow", "python3", "special")


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
    jobs: dict[str, NewJob] = field(default_factory=dict)  # of each step, the first
    said: int = 0  # by people
    in_hand: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)  # of each step, at a time


@dataclass
class Player:
    world: World
    scope: Scope
    clock: JumpingClock
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

    async def stock(self) -> None:
        """Deploys what cases run by path."""
        for path, content in callees.SCRIPTS.items():
            await deploy_script(self.world, self.scope, path, content)
        for path, document in callees.FLOWS.items():
            await deploy.create(self.world, self.scope, NewFlow(path, document))

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
        if held.job.kind in FLOW_KINDS:
            turn = await take_turn(self.world, held, ask=ask)
            assert turn.accepted, "nobody else holds it"
            return turn.next
        run, step = self.played[held.job.root_id or held.job.id], held.job.step_id or ""
        run.in_hand[step] += 1
        run.most[step] = max(run.most[step], run.in_hand[step])
        await asyncio.sleep(0)
        told = Report(held.job.id, held.attempt, worker.name, self._run(run, held))
        settled = await report(self.world, held.job, told, ask=ask)
        run.in_hand[step] -= 1
        assert settled.accepted, "nobody else holds it"
        return settled.next

    def _run(self, run: Played, held: Claim) -> Finished:
        """A step in this process, with how often it ran before with these arguments as EARLIER."""
        step, args = held.job.step_id or "", held.job.args
        run.ran.append(step)
        run.jobs[step] = held.job
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

    # people

    async def _act(self, run: Played, act: Act) -> None:
        if act.kind == "cancel":
            await cancel(self.world, self.scope, run.id, reason="enough", force=False)
            return
        run.said += 1
        word = Word(act.kind == "approve", act.payload, act.by, resume_id=run.said)
        if act.refused:
            with pytest.raises(Conflict):
                await speak(self.world, await self._asking(run, act.step), word)
        else:
            await speak(self.world, await self._asking(run, act.step), word)

    async def _asking(self, run: Played, step: str) -> Asking:
        """The step, or the flow where the step is no job, or none yet."""
        try:
            return await asking_of(self.world, "main", child_id(run.id, f"{step}/0"))
        except NotFound:
            return await asking_of(self.world, "main", run.id)

    async def _push(self, case: Case) -> UUID:
        world, scope, args = self.world, self.scope, case.args
        if not case.triggered:
            asked = FlowPreview(case.flow)
            return await run_preview(world, scope, asked, args=args, options=RunOptions())
        path = f"f/case/n{len(self.played)}"
        await deploy.create(world, scope, NewFlow(path, case.flow))
        return await run_path(world, scope, path, args=args, options=RunOptions(prepares=True))
