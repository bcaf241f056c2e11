"""A worker whose steps are Python functions of the test, on a real database."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.engine.conftest import read
from windmill_lite.base.ids import new_id
from windmill_lite.core.flow import stored
from windmill_lite.core.flow.status import Status
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.finish import Report
from windmill_lite.engine.flows.turns import finish_step, take_turn
from windmill_lite.engine.world import World
from windmill_lite.expr import evaluators as expr
from windmill_lite.expr.names import Failed, Names
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


def fail(**args: Any) -> Any:
    raise RuntimeError("no")
