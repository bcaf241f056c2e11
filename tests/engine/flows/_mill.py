"""A worker whose steps are Python functions of the test, on a real database."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.engine.conftest import read
from windmill_lite.base.ids import new_id
from windmill_lite.engine.claim import Ask, claim
from windmill_lite.engine.finish import Report, Settled
from windmill_lite.engine.flows.turns import report, take_turn
from windmill_lite.engine.rules import entry
from windmill_lite.engine.values import references
from windmill_lite.engine.world import World
from windmill_lite.expr.evaluators import Evaluators
from windmill_lite.model.job import FLOW_KINDS, Claim, Finished, JobKind, JobRecord, NewJob, Outcome
from windmill_lite.model.worker import Worker
from windmill_lite.store.people.scope import Scope

TAGS = ("flow", "python3")


@dataclass
class Mill:
    """A worker whose steps are Python functions of ours."""

    world: World
    scope: Scope
    worker: Worker
    code: dict[str, Callable[..., Any]]
    seen: list[str]

    @property
    def evaluators(self) -> Evaluators:
        return self.world.expressions

    async def push(self, document: Any, args: Any, *, path: str | None = None) -> UUID:
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
            path=path,
            args=json.dumps(args),
            raw_code=json.dumps(document),
        )

        await self.world.db.write(lambda tx: entry.place(tx, job))
        return id

    async def work(self, claimed: Claim, ask: Ask | None = None) -> Settled:
        if claimed.job.kind in FLOW_KINDS:
            return await take_turn(self.world, claimed, ask=ask)
        step = claimed.job.step_id or ""
        self.seen.append(step)
        try:
            code: Callable[..., Any] = self.code.get(step, _echo)
            job, _ = await references.filled_args(self.world, claimed.job, context={})
            value = code(**json.loads(job.args))
            ended = Finished(Outcome.SUCCESS, json.dumps(value))
        except RuntimeError as error:
            error_of = {"error": {"name": "Error", "message": str(error)}}
            ended = Finished(Outcome.FAILURE, json.dumps(error_of))
        told = Report(claimed.job.id, claimed.attempt, self.worker.name, ended)
        return await report(self.world, claimed.job, told, ask=ask)

    async def play(self) -> None:
        ask = Ask(self.worker.id, TAGS, 1)
        while found := await claim(self.world, ask):
            while found:
                settled = await self.work(found[0], ask)
                assert settled.accepted
                found = list(settled.next)

    async def record(self, id: UUID) -> JobRecord:
        return await read(self.world, self.scope, id)


def _echo(**args: Any) -> Any:
    return args


def fail(**args: Any) -> Any:
    raise RuntimeError("no")
