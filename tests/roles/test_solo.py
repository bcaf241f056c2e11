"""One process on SQLite: it stops, it is killed, it comes back."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.roles._client import Door, admin_of
from tests.roles._process import Process, alive, until
from tests.roles.conftest import Start
from windmill_lite.cli.stopping import Stopping


def left_behind(process: Process, family: set[int], data: Path) -> list[object]:
    """What a process that has ended should have taken with it."""
    folders = [path for path in data.glob("jobs/*") if path.is_dir()]
    return [*filter(alive, family), *process.temporary.iterdir(), *folders]


def test_a_stop_ends_well_and_leaves_nothing(start: Start, tmp_path: Path) -> None:
    process = start()
    client = admin_of(process)
    client.done(client.push("def main(): return 1"))
    family = process.family()
    assert len(family) > 1, "the cells have a parent of their own"
    assert process.stop() == 0
    assert left_behind(process, family, tmp_path / "solo" / "data") == []
    process.says("SIGTERM: stopping")
    assert "Traceback" not in process.output
    assert "Exception ignored" not in process.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_waits_for_the_jobs_that_run(
    start: Start, door: Door, number: signal.Signals
) -> None:
    process = start("--drain", "60")
    client = admin_of(process)
    job_id, visit = client.push(door.code), door.visit()
    process.tell(number)
    process.says("waiting up to 60 s for 1 running jobs")
    late = client.push("def main(): return 'late'")
    visit.answer("in time")
    assert process.ends() == 0
    again = admin_of(start())
    job = again.job(job_id)
    assert (job["type"], job["success"], job["result"]) == ("CompletedJob", True, "in time")
    assert again.done(late)["result"] == "late", "what was asked meanwhile is not lost"


def test_a_job_that_outlasts_the_stop_runs_again_as_if_it_had_not_begun(
    start: Start, door: Door
) -> None:
    process = start("--drain", "0")
    client = admin_of(process)
    job_id, visit = client.push(door.code), door.visit()
    assert process.stop() == 0
    visit.gone()
    again = admin_of(start())
    visit = door.visit()
    assert visit.attempt == 1, "an interruption does not count"
    visit.answer("whole")
    job = again.done(job_id)
    assert (job["success"], job["result"]) == (True, "whole")
    assert "attempt 1 was interrupted: its worker is stopping" in again.log(job_id)


def test_a_second_request_to_stop_does_not_wait(start: Start, door: Door) -> None:
    process = start("--drain", "3600")
    client = admin_of(process)
    job_id, visit = client.push(door.code), door.visit()
    process.tell(signal.SIGTERM)
    process.says("waiting up to 3600 s")
    heard_at = time.monotonic()
    until(lambda: time.monotonic() - heard_at > Stopping.ECHO_S, "it is not taken for an echo")
    process.tell(signal.SIGTERM)
    process.says("SIGTERM again: running jobs are handed back at once")
    assert process.ends() == 0
    visit.gone()
    again = admin_of(start())
    door.visit().answer("later")
    assert again.done(job_id)["result"] == "later"


def test_a_job_whose_process_is_killed_runs_again_and_nothing_of_it_survives(
    start: Start, door: Door, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    process = start()
    client = admin_of(process)
    job_id, first = client.push(door.code), door.visit()
    assert first.attempt == 1
    family = process.family()
    process.kill()
    first.gone()
    assert left_behind(process, family, tmp_path / "solo" / "data") == []
    again = start()
    second = door.visit()
    record_property("restart_to_rerun_s", time.monotonic() - again.started_at)
    assert second.attempt == 2
    second.answer("right")
    job = admin_of(again).done(job_id)
    assert (job["success"], job["result"], job["attempt"]) == (True, "right", 2)
    assert "ended before the job did; the job runs again" in admin_of(again).log(job_id)
    again.says("1 jobs were running when the last process ended")


def test_a_kept_process_dies_with_its_server_and_its_run_runs_again(
    start: Start, door: Door, tmp_path: Path
) -> None:
    process = start()
    client = admin_of(process)
    script = {"path": "f/x/kept", "content": door.code, "language": "python3"}
    asked = {**script, "dedicated_worker": True, "lock": ""}
    assert client.post("/api/w/main/scripts/create", asked).status == 201
    job_id = client.post("/api/w/main/jobs/run/p/f/x/kept", {}).body
    first = door.visit()
    family = process.family()
    process.kill()
    first.gone()
    assert left_behind(process, family, tmp_path / "solo" / "data") == []
    again = start()
    second = door.visit()
    assert second.attempt == 2
    second.answer("right")
    assert admin_of(again).done(job_id)["result"] == "right"


def test_a_job_that_kills_its_server_every_time_is_given_up(start: Start, door: Door) -> None:
    job_id = ""
    for attempt in (1, 2, 3):
        process = start()
        if not job_id:
            job_id = admin_of(process).push(door.code)
        assert door.visit().attempt == attempt
        process.kill()
    job = admin_of(start()).done(job_id)
    assert not job["success"]
    assert job["result"]["error"]["name"] == "WorkerLost"


def test_jobs_are_kept_when_the_process_dies_right_after_it_took_them(start: Start) -> None:
    process = start()
    client = admin_of(process)
    pushed = [client.push(f"def main(): return {number}") for number in range(20)]
    process.kill()
    again = admin_of(start())
    for number, job_id in enumerate(pushed):
        assert again.done(job_id)["result"] == number
