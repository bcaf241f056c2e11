"""A process that is killed and started again goes on at once, and never beside what it was."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator

import pytest

from tests._postgres import PostgresServer
from tests.conftest import PostgresClones
from tests.roles._client import Client, admin_of
from tests.roles._process import Process, until
from tests.roles._witness import Witness
from tests.roles.conftest import Start

LEASE_S = 600  # nobody waits for it here


@pytest.fixture
def witness() -> Iterator[Witness]:
    found = Witness()
    yield found
    found.close()


@pytest.fixture
def other_witness() -> Iterator[Witness]:
    found = Witness()
    yield found
    found.close()


@pytest.fixture
def address(postgres_server: PostgresServer, postgres_clones: PostgresClones) -> Iterator[str]:
    name = postgres_clones.take()
    yield postgres_server.dsn(name)
    postgres_clones.give_back(name)


def runs_again_at_once(client: Client, job_id: str, witness: Witness) -> None:
    job = client.done(job_id)
    assert (job["success"], job["result"], job["attempt"]) == (True, 2, 2)
    assert witness.attempts_apart() == [1, 2]
    assert "ended before the job did; the job runs again" in client.log(job_id)


def killed(process: Process) -> None:
    """Without waiting for anything but itself."""
    process.tell(signal.SIGKILL)
    process.ends()


@pytest.mark.postgres
def test_a_worker_that_is_killed_and_started_again_takes_its_jobs_back_and_nobody_elses(
    address: str,
    start: Start,
    witness: Witness,
    other_witness: Witness,
    record_property: Callable[[str, object], None],
) -> None:
    shared = ("--database", address, "--lease", str(LEASE_S))
    server = start("--role", "api,scheduler", *shared, place="server")
    client = admin_of(server)
    flags = ("--role", "worker", "--workers", "1", "--worker-name", "one", *shared)
    where = ("--base-url", server.address)

    first = start(*flags, *where, place="first")
    job_id = client.push(witness.code, endless=1)
    witness.begun(1)
    namesake = start(*flags, *where, place="elsewhere")
    theirs = client.push(other_witness.code, endless=1)
    other_witness.begun(1)

    killed(first)
    began = time.monotonic()
    start(*flags, *where, place="first")
    witness.begun(2)
    record_property("restart_to_rerun_s", time.monotonic() - began)
    runs_again_at_once(client, job_id, witness)
    assert "attempt" not in client.job(theirs), "it is the first one still"

    namesake.kill()
    start(*flags, *where, place="elsewhere")
    runs_again_at_once(client, theirs, other_witness)


@pytest.mark.postgres
def test_what_a_stopped_worker_runs_is_not_taken_back_by_one_beside_it(
    address: str, start: Start, witness: Witness
) -> None:
    shared = ("--database", address, "--lease", str(LEASE_S))
    server = start("--role", "api,scheduler", *shared, place="server")
    client = admin_of(server)
    flags = ("--role", "worker", "--workers", "1", "--base-url", server.address, *shared)
    first = start(*flags, "--worker-name", "one", place="here")
    job_id = client.push(witness.code, endless=1)
    witness.begun(1)
    first.tell(signal.SIGSTOP)
    beside = start(*flags, "--worker-name", "one", place="here")
    assert client.done(client.push("def main(): return 'beside'"))["result"] == "beside"
    assert "attempt" not in client.job(job_id)
    first.tell(signal.SIGKILL)
    until(lambda: "were taken back" in beside.output, "who is left takes its job")
    runs_again_at_once(client, job_id, witness)


def test_alone_a_process_that_is_killed_and_started_again_runs_no_two_attempts_at_once(
    start: Start, witness: Witness
) -> None:
    process = start()
    client = admin_of(process)
    job_id = client.push(witness.code, endless=1)
    witness.begun(1)
    killed(process)
    again = start()
    runs_again_at_once(admin_of(again), job_id, witness)
    assert "something of the last process is still there" not in again.output
