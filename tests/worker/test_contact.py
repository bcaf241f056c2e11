"""A worker of whom nobody has heard lately, and answers that were on the way for long."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from tests.worker._stage import Shaky, Stage, eventually
from tests.worker.conftest import Crew, Hiring, Office
from windmill_lite.base.clock import SystemClock
from windmill_lite.engine import ping
from windmill_lite.model.identity import Login, TokenKind
from windmill_lite.model.job import Outcome
from windmill_lite.model.page import Page
from windmill_lite.model.worker import Stop, Worker
from windmill_lite.store.people import workers
from windmill_lite.worker.roster import Roster

cluster = pytest.mark.parametrize("dialect", [pytest.param("postgres", marks=pytest.mark.postgres)])
GIVEN_UP = Stop("the job is no longer this worker's", canceled_by=None)


class FrozenClock(SystemClock):
    """Says how much later it is when a frozen process goes on."""

    frozen_s = 0.0

    def monotonic_s(self) -> float:
        return super().monotonic_s() + self.frozen_s


class Attempt:
    """A running job, for a roster."""

    def __init__(self, attempt: int) -> None:
        self.attempt = attempt
        self.left = asyncio.Event()
        self.order: Stop | None = None

    def stop(self, order: Stop) -> None:
        self.order = order


@cluster
async def test_a_job_whose_claim_was_on_the_way_for_long_is_returned_and_not_begun(
    hire: Hiring, office: Office, stage: Stage, shaky: Shaky
) -> None:
    clock = FrozenClock()
    job_id = await office.push()
    crew = Crew(replace(office.world, clock=clock), stage)
    await crew.heartbeat.start()
    shaky.answering.clear()
    await crew.loop.start()
    await eventually(lambda: _holds(office, crew, job_id))
    clock.frozen_s = office.world.lease_s
    shaky.answering.set()
    try:
        act = await stage.next()
        assert (act.id, act.claim.attempt) == (job_id, 1)
        assert "lost contact" in await office.log(job_id)
        act.succeed()
        assert (await office.done(job_id)).outcome is Outcome.SUCCESS
    finally:
        stage.end_all()
        await crew.loop.stop()
        await crew.heartbeat.stop()


async def _holds(office: Office, crew: Crew, job_id: UUID) -> bool:
    return job_id in await ping.held(office.world, crew.roster.worker.id)


async def test_a_job_that_was_stopped_and_not_canceled_is_returned(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    crew = await hire(slots=1)
    job_id = await office.push()
    await stage.next()
    crew.roster.running[job_id].stop(GIVEN_UP)  # though it still is
    again = await stage.next()
    again.succeed()
    record = await office.done(job_id)
    assert (record.outcome, record.canceled_by) == (Outcome.SUCCESS, None)


async def test_a_job_that_was_returned_twice_and_claimed_between_runs_once(
    hire: Hiring, office: Office, stage: Stage, shaky: Shaky
) -> None:
    crew = await hire(slots=2)
    job_id = await office.push()
    await stage.next()
    shaky.answers_to_lose = 1
    crew.roster.running[job_id].stop(GIVEN_UP)
    again = await stage.next()
    assert await _holds(office, crew, job_id)
    again.succeed()
    assert (await office.done(job_id)).outcome is Outcome.SUCCESS
    assert stage.empty()


def test_an_attempt_that_comes_late_gives_way_to_the_newer_one() -> None:
    roster = Roster(Worker(UUID(int=1), "one", "here", (), 1, "0", "none", 0, 0))
    newer, older = Attempt(3), Attempt(2)
    job_id = UUID(int=7)
    assert roster.enter(job_id, newer) is None
    assert roster.enter(job_id, older) is None
    assert newer.order is None
    assert older.order is not None
    roster.leave(job_id, older)
    assert roster.attempts() == {job_id: 3}


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_alone_a_worker_writes_how_much_it_has_done_only_when_that_is_news(
    hire: Hiring, office: Office
) -> None:
    crew = await hire()
    await crew.heartbeat.stop()  # from here on the test makes it tick
    await ping.register(office.world, crew.roster.worker)
    crew.roster.jobs_done = 3
    await crew.heartbeat.tick()
    assert [worker.jobs_done for worker in await _workers(office)] == [3]

    await ping.leave(office.world, crew.roster.worker.id)
    await crew.heartbeat.tick()
    assert await _workers(office) == []


async def _workers(office: Office) -> list[Worker]:
    login = Login("ada@here.test", TokenKind.SESSION, "")
    async with office.world.db.view() as view:
        return await workers.list_workers(view, login, Page())
