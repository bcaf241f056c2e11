"""Never two attempts of a job alive: the same of the one file, which is more than one process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests._postgres import PostgresServer
from tests.binary.test_executable import BUILT
from tests.conftest import PostgresClones
from tests.roles._client import admin_of
from tests.roles._process import Process, children
from tests.roles._witness import Witness
from tests.roles.conftest import Start, starting

pytestmark = [
    pytest.mark.binary,
    pytest.mark.postgres,
    pytest.mark.skipif(not BUILT.exists(), reason="needs dist/windmill-lite: run `make dist`"),
]

ONE_FILE = {"program": (str(BUILT),), "env": {"PYTHONPATH": ""}}


@pytest.fixture
def address(postgres_server: PostgresServer, postgres_clones: PostgresClones) -> Iterator[str]:
    name = postgres_clones.take()
    yield postgres_server.dsn(name)
    postgres_clones.give_back(name)


@pytest.fixture
def start(tmp_path: Path, address: str) -> Iterator[Start]:
    with starting(tmp_path) as found:
        yield found


@pytest.fixture
def witness() -> Iterator[Witness]:
    found = Witness()
    yield found
    found.close()


def itself(process: Process) -> int:
    """The program: below the one that has unpacked it and waits."""
    (found,) = children(process.pid)
    return found


def test_the_guard_ends_the_jobs_of_an_executable_that_is_stopped(
    address: str, start: Start, witness: Witness
) -> None:
    shared = ("--database", address, "--lease", "8")
    server = start("--role", "api,scheduler", *shared, place="server")
    client = admin_of(server)
    flags = ("--role", "worker", "--workers", "1", "--base-url", server.address, *shared)
    worker = start(*flags, place="worker", **ONE_FILE)
    job_id = client.push(witness.code, endless=1)
    witness.begun(1)
    os.kill(itself(worker), signal.SIGSTOP)
    witness.gone(1)
    os.kill(itself(worker), signal.SIGCONT)
    assert client.done(job_id)["result"] == 2
    assert witness.attempts_apart() == [1, 2]
    assert "its worker was out of contact for too long" in client.log(job_id)


def test_an_executable_that_is_killed_and_started_again_takes_its_jobs_back_at_once(
    address: str, start: Start, witness: Witness
) -> None:
    shared = ("--database", address, "--lease", "600")
    server = start("--role", "api,scheduler", *shared, place="server")
    client = admin_of(server)
    flags = ("--role", "worker", "--workers", "1", "--base-url", server.address, *shared)
    worker = start(*flags, place="worker", **ONE_FILE)
    job_id = client.push(witness.code, endless=1)
    witness.begun(1)
    os.kill(itself(worker), signal.SIGKILL)
    worker.ends()
    start(*flags, place="worker", **ONE_FILE)
    assert client.done(job_id)["result"] == 2
    assert witness.attempts_apart() == [1, 2]
    assert "ended before the job did; the job runs again" in client.log(job_id)
