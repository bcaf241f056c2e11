"""Somebody who submits jobs and does not give up; and a witness of what is said about them."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.roles._client import EMAIL, PASSWORD, Answer
from tests.roles.kills.flows import document
from tests.roles.kills.plan import Trial, work_s
from tests.roles.kills.recorder import Recorder

SCRIPT = "f/kills/job"
NO_ANSWER = 0
_CALLERS = 8
_AHEAD = 100  # promised jobs that have not started yet; then the callers wait
_ANSWER_S = 15.0
_PAUSE_S = 0.05
_REPEATED = 0.02  # the share of the answers that are taken for lost


@dataclass
class Load:
    """What was promised: the number of each job and its id."""

    trial: Trial
    url: str
    recorder: Recorder
    promised: dict[int, str] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)  # by status
    broken: list[str] = field(default_factory=list)  # promises that were not kept
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)  # completed jobs by id
    _head: dict[str, str] = field(default_factory=dict)
    _chance: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self._flow = document(self.recorder.code)

    async def prepare(self) -> None:
        """Logs in and deploys the script."""
        script = {"path": SCRIPT, "content": self.recorder.code, "language": "python3"}
        async with aiohttp.ClientSession(self.url) as session:
            account = {"email": EMAIL, "password": PASSWORD}
            login = await session.post("/api/auth/login", json=account)
            self._head = {"Authorization": f"Bearer {await login.text()}"}
            made = await session.post("/api/w/main/scripts/create", json=script, headers=self._head)
            assert made.status == 201, await made.text()

    async def submit(self) -> None:
        """Returns when every job is promised."""
        numbers = iter(range(self.trial.jobs))
        async with self._session() as session, asyncio.TaskGroup() as callers:
            for _ in range(_CALLERS):
                callers.create_task(self._submit(session, numbers))

    async def _submit(self, session: aiohttp.ClientSession, numbers: Iterator[int]) -> None:
        for number in numbers:
            while len(self.promised) * self.trial.steps - len(self.recorder.started) > _AHEAD:
                await self.recorder.news()
            promised = self.promised[number] = await self._promise(session, number)
            if self._chance.random() < _REPEATED:
                again = await self._promise(session, number)
                if again != promised:
                    self.broken.append(f"number {number} was {promised} and is {again}")

    async def _promise(self, session: aiohttp.ClientSession, number: int) -> str:
        """The id of the job: asked for under the same key until there is an answer."""
        path, body = f"jobs/run/p/{SCRIPT}", self._args(number)
        if self.trial.flows:
            path, body = "jobs/run/preview_flow", {"value": self._flow, "args": body}
        more = {"json": body, "headers": {"Idempotency-Key": f"{self.trial.seed}-{number}"}}
        while True:
            answer = await self._ask(session, "POST", path, **more)
            if answer.status == 201:
                return answer.body
            await asyncio.sleep(_PAUSE_S)

    def _args(self, number: int) -> dict[str, Any]:
        return {"number": number, "work_s": work_s(self.trial, number)}

    async def witness(self) -> None:
        """Looks at promised jobs, for ever."""
        async with self._session() as session:
            while True:
                await asyncio.sleep(_PAUSE_S)
                if self.promised:
                    await self._look(session, self._chance.choice([*self.promised.values()]))

    async def _look(self, session: aiohttp.ClientSession, job_id: str) -> None:
        """It is there, and what it said when it was completed it says for ever."""
        answer = await self._ask(session, "GET", f"jobs_u/get/{job_id}")
        if answer.status == 404:
            self.broken.append(f"job {job_id} is not there")
        if answer.status != 200:
            return
        job = json.loads(answer.body)
        before = self.seen.get(job_id)
        if before is not None and before != job:
            self.broken.append(f"job {job_id} was {before} and is {job}")
        if job["type"] == "CompletedJob":
            self.seen[job_id] = job

    async def nothing_waits(self) -> bool:
        """Whether somebody says that every job is completed."""
        async with self._session() as session:
            answer = await self._ask(session, "GET", "jobs/queue/list?per_page=1")
            return answer.status == 200 and json.loads(answer.body) == []

    async def _ask(
        self, session: aiohttp.ClientSession, method: str, path: str, **more: Any
    ) -> Answer:
        """`NO_ANSWER` when the server went away or was not there."""
        try:
            async with session.request(method, f"/api/w/main/{path}", **more) as response:
                answer = Answer(response.status, await response.text())
        except (aiohttp.ClientError, TimeoutError):
            answer = Answer(NO_ANSWER, "")
        self.answers[answer.status] += 1
        return answer

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[aiohttp.ClientSession]:
        patience = aiohttp.ClientTimeout(total=_ANSWER_S)
        async with aiohttp.ClientSession(self.url, headers=self._head, timeout=patience) as found:
            yield found
