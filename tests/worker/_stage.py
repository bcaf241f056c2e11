"""Stand-ins: a runner that runs nothing, and a database that can be taken away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from windmill_lite.base.bell import Bell
from windmill_lite.base.errors import Unavailable
from windmill_lite.model.job import Claim, Finished, Outcome
from windmill_lite.store.db.port import Body, Db, Dialect, OutcomeUnknown, View

PATIENCE_S = 40.0

T = TypeVar("T")


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Asks again and again until the answer is yes."""
    async with asyncio.timeout(PATIENCE_S):
        while not await condition():  # noqa: ASYNC110  (nobody announces it)
            await asyncio.sleep(0.01)


@dataclass
class Act:
    """One attempt on the stage: the test says what it does."""

    claim: Claim
    env: dict[str, str]
    say: Callable[[bytes], None]
    end: asyncio.Future[Finished]
    canceled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def id(self) -> UUID:
        return self.claim.job.id

    def succeed(self, value: object = None) -> None:
        self.finish(Finished(Outcome.SUCCESS, json.dumps(value), sandbox="none"))

    def finish(self, finished: Finished) -> None:
        if not self.end.done():
            self.end.set_result(finished)

    def fail(self, error: Exception) -> None:
        self.end.set_exception(error)


class Stage:
    """A `Runner` whose jobs end when the test says so. `obedient` False: not even when canceled."""

    def __init__(self) -> None:
        self.obedient = True
        self.playing: dict[UUID, Act] = {}
        self.trusted: list[float] = []  # the moments until when it was
        self._begun: asyncio.Queue[Act] = asyncio.Queue()

    async def run(
        self, claim: Claim, env: dict[str, str], on_output: Callable[[bytes], None]
    ) -> Finished:
        act = Act(claim, env, on_output, asyncio.get_running_loop().create_future())
        self.playing[act.id] = act
        self._begun.put_nowait(act)
        try:
            return await act.end
        finally:
            del self.playing[act.id]

    def cancel(self, job_id: UUID) -> None:
        act = self.playing.get(job_id)
        if act is not None:
            act.canceled.set()
            if self.obedient:
                act.finish(Finished(Outcome.CANCELED, '{"error": {"name": "Canceled"}}'))

    def trust_until(self, at_s: float) -> None:
        self.trusted.append(at_s)

    async def next(self) -> Act:
        """The next attempt that begins."""
        async with asyncio.timeout(PATIENCE_S):
            return await self._begun.get()

    def empty(self) -> bool:
        """Whether nothing has begun that the test has not seen."""
        return self._begun.empty()

    def end_all(self) -> None:
        """So that whoever runs them can stop."""
        for act in list(self.playing.values()):
            act.succeed()


class Shaky:
    """A database that is there, or `away`; or that does what it is told and loses its answers: the
    next `answers_to_lose` writes happen and say that nobody knows. While `answering` is not set,
    writes happen and their answers are still on the way.
    """

    def __init__(self, db: Db) -> None:
        self._db = db
        self.away = False
        self.answers_to_lose = 0
        self.refused = 0  # how often somebody came while it was away
        self.writes = 0
        self.answering = asyncio.Event()
        self.answering.set()

    @property
    def dialect(self) -> Dialect:
        return self._db.dialect

    @property
    def changes(self) -> int | None:
        return self._db.changes

    @property
    def bell(self) -> Bell:
        return self._db.bell

    async def write(self, body: Body[T]) -> T:
        self._complain()
        result = await self._db.write(body)
        self.writes += 1
        await self.answering.wait()
        if self.answers_to_lose:
            self.answers_to_lose -= 1
            raise OutcomeUnknown("the answer got lost")
        return result

    @asynccontextmanager
    async def view(self, *, snapshot: bool = False) -> AsyncIterator[View]:
        self._complain()
        async with self._db.view(snapshot=snapshot) as view:
            yield view

    def _complain(self) -> None:
        if self.away:
            self.refused += 1
            raise Unavailable("the database is away")

    async def open(self) -> None:
        await self._db.open()

    async def migrate(self) -> Sequence[str]:
        return await self._db.migrate()

    async def close(self) -> None:
        await self._db.close()
