"""The jobs of a worker that is out of contact are ended before anybody else may run them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.worker._shop import DAEMON, Sleeper
from tests.worker._stage import Shaky, Stage, eventually
from tests.worker.conftest import Crew, Hiring, Office
from windmill_lite.model import limits
from windmill_lite.worker.cells import CellRunner

cluster = pytest.mark.parametrize("dialect", [pytest.param("postgres", marks=pytest.mark.postgres)])
solo = pytest.mark.parametrize("dialect", ["sqlite"])

WAITS = (
    DAEMON
    + """
def main():
    if os.environ["WM_ATTEMPT"] == "2":
        return "second"
    daemon()
    time.sleep(600)
"""
)


@cluster
async def test_a_sign_of_life_counts_from_when_it_was_sent(
    office: Office, stage: Stage, shaky: Shaky
) -> None:
    world = office.world
    crew, writes = Crew(world, stage), shaky.writes
    before_s = world.clock.monotonic_s()
    shaky.answering.clear()
    starting = asyncio.create_task(crew.heartbeat.start())
    await eventually(lambda: _written(shaky, writes + 1))
    written_s = world.clock.monotonic_s()
    assert not stage.trusted, "nobody has answered yet"
    shaky.answering.set()
    await starting
    await crew.heartbeat.stop()
    guard_s = limits.WORKER_GUARD * world.lease_s
    assert before_s <= stage.trusted[0] - guard_s <= written_s


@cluster
async def test_only_signs_of_life_that_arrive_prolong_the_lives_of_jobs(
    hire: Hiring, office: Office, stage: Stage, shaky: Shaky, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WORKER_PINGS", 10_000)
    await hire()
    await office.push()
    await stage.next()

    async def trusted_after(moment_s: float) -> bool:
        return stage.trusted[-1] > moment_s

    first_s = stage.trusted[-1]
    await eventually(lambda: trusted_after(first_s))
    shaky.away, refused = True, shaky.refused
    await eventually(lambda: _refused(shaky, refused + 1))
    last_s = stage.trusted[-1]
    await eventually(lambda: _refused(shaky, refused + 3))
    assert stage.trusted[-1] == last_s
    shaky.away = False
    await eventually(lambda: trusted_after(last_s))


@solo
async def test_where_nobody_else_can_run_them_jobs_need_no_signs_of_life(
    hire: Hiring, office: Office, stage: Stage
) -> None:
    await hire()
    await office.push()
    await stage.next()
    assert not stage.trusted


def test_a_job_is_ended_after_its_worker_begins_no_more_and_before_others_may_run_it() -> None:
    assert limits.WORKER_CONTACT < limits.WORKER_GUARD < 1


@cluster
async def test_a_job_outlives_a_short_outage_and_is_not_failed_by_a_long_one(
    hire: Hiring, office: Office, shaky: Shaky, tmp_path: Path
) -> None:
    sleeper, runner = Sleeper.new(), CellRunner("process", data_dir=tmp_path)
    await runner.start()
    try:
        await hire(runner, world=replace(office.world, lease_s=2.0))
        job_id = await office.push(WAITS.replace("{seconds}", sleeper.seconds))
        await sleeper.until(count=1)
        shaky.away, refused = True, shaky.refused
        await eventually(lambda: _refused(shaky, refused + 1))
        shaky.away, writes = False, shaky.writes
        await eventually(lambda: _written(shaky, writes + 5))
        assert sleeper.count == 1
        shaky.away = True
        await sleeper.until(count=0)
        shaky.away = False
        record = await office.done(job_id)
        assert (record.result, record.attempt) == ('"second"', 2)
        why = "its worker was out of contact for too long; the job runs again"
        assert why in await office.log(job_id)
    finally:
        await runner.stop()


async def _written(shaky: Shaky, count: int) -> bool:
    return shaky.writes >= count


async def _refused(shaky: Shaky, count: int) -> bool:
    return shaky.refused >= count
