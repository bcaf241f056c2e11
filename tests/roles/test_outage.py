"""Postgres goes away and comes back: the same processes go on, and no outcome is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from tests._postgres import PostgresServer
from tests.roles._client import Client, Door, admin_of
from tests.roles._process import Process, until
from tests.roles.conftest import Start, starting

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server of this module's own: others would mind that it is stopped."""
    found = PostgresServer()
    found.start()
    yield found
    found.close()


@pytest.fixture(scope="module")
def process(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """All roles in one, which outlives every outage of this module."""
    address = server.create_database("outage")
    with starting(tmp_path_factory.mktemp("outage")) as start:
        found = start("--database", address)
        assert found.address, "it serves before its database goes away for the first time"
        yield found


@pytest.fixture(autouse=True)
def everything_back(server: PostgresServer, process: Process) -> Iterator[None]:
    server.start()
    yield
    assert process.running, process.output


def answers(client: Client, status: int) -> bool:
    return client.get("/readyz").status == status


def test_an_outage_while_idle_is_told_to_callers_and_outlived(
    process: Process, server: PostgresServer, record_property: Callable[[str, object], None]
) -> None:
    client = admin_of(process)
    client.done(client.push("def main(): return 1"))
    server.stop(crash=True)
    until(lambda: answers(client, 503), "the outage is told")
    assert client.get("/healthz").status == 200
    refused = client.post("/api/w/main/jobs/run/preview", {"content": "x", "language": "python3"})
    assert refused.status == 503
    server.start()
    began = time.monotonic()
    until(lambda: answers(client, 200), "it is ready again")
    assert client.done(client.push("def main(): return 2"))["result"] == 2
    took_s = time.monotonic() - began
    record_property("return_to_result_s", took_s)
    assert took_s < 25
    assert process.running


@pytest.mark.parametrize("crash", [True, False], ids=["crash", "stop"])
def test_the_result_of_a_job_that_ends_during_an_outage_is_kept(
    process: Process, server: PostgresServer, door: Door, *, crash: bool
) -> None:
    client = admin_of(process)
    job_id, visit = client.push(door.code), door.visit()
    server.stop(crash=crash)
    until(lambda: answers(client, 503), "the outage is told")
    visit.answer("kept")
    process.says(f"job {job_id} waits for the database")
    server.start()
    job = client.done(job_id)
    assert (job["success"], job["result"], "attempt" in job) == (True, "kept", False)
    assert client.done(client.push("def main(): return 2"))["result"] == 2


def test_a_job_that_outlasts_an_outage_is_not_disturbed(
    process: Process, server: PostgresServer, door: Door
) -> None:
    client = admin_of(process)
    job_id, visit = client.push(door.code), door.visit()
    server.stop(crash=True)
    until(lambda: answers(client, 503), "the outage is told")
    server.start()
    until(lambda: answers(client, 200), "it is ready again")
    visit.answer("undisturbed")
    job = client.done(job_id)
    assert (job["result"], "attempt" in job) == ("undisturbed", False)


def test_a_cancellation_is_heard_after_an_outage(
    process: Process, server: PostgresServer, door: Door
) -> None:
    client = admin_of(process)
    job_id, visit = client.push(door.code), door.visit()
    server.stop(crash=True)
    until(lambda: answers(client, 503), "the outage is told")
    server.start()
    until(lambda: answers(client, 200), "it is ready again")
    client.cancel(job_id)
    visit.gone()
    assert client.done(job_id)["canceled"]


def test_a_process_is_refused_a_start_and_can_be_stopped_while_its_database_is_away(
    start: Start, server: PostgresServer
) -> None:
    address = server.create_database("away")
    process = start("--database", address)
    client = admin_of(process)
    client.done(client.push("def main(): return 1"))
    server.stop(crash=True)
    until(lambda: answers(client, 503), "the outage is told")
    late = start("--database", address, place="late")
    assert late.ends() == 6
    assert "cannot be reached" in late.output
    assert process.stop() == 0
    assert "Traceback" not in process.output + late.output
