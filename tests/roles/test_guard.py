"""Never two attempts of a job alive: whatever a worker suffers, and whoever takes its jobs over."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests._postgres import PostgresServer
from tests.conftest import PostgresClones
from tests.roles._client import Client, admin_of
from tests.roles._process import Process, until
from tests.roles._relay import Relay
from tests.roles._witness import Witness
from tests.roles.conftest import Start, starting

pytestmark = pytest.mark.postgres

LEASE_S = 8


@dataclass
class Pair:
    """Two workers with one slot each, and whoever they need; each has its own way to Postgres."""

    start: Start
    address: str
    relays: dict[str, Relay] = field(default_factory=dict)
    workers: dict[str, Process] = field(default_factory=dict)
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        lease = ("--lease", str(LEASE_S))
        server = self.start(
            *("--role", "api,scheduler", "--database", self.address, *lease), place="server"
        )
        self.client = admin_of(server)
        for name in ("one", "two"):
            self.relays[name] = Relay(self.address)
            where = ("--database", self.relays[name].address, "--base-url", server.address)
            flags = ("--role", "worker", "--workers", "1", "--worker-name", name, *lease)
            self.workers[name] = self.start(*flags, *where, place=name)
        for worker in self.workers.values():
            worker.says("windmill-lite runs as worker")

    def holder(self, job_id: str) -> str:
        """Who runs it."""
        until(lambda: self.client.job(job_id).get("worker"), f"somebody runs {job_id}")
        name: str = self.client.job(job_id)["worker"]
        return name

    def both_work(self) -> bool:
        """Tried with as many jobs as there are slots."""
        pushed = [self.client.push("import time\ndef main(): time.sleep(0.5)") for _ in range(2)]
        return {self.client.done(job_id)["worker"] for job_id in pushed} == {"one", "two"}


@pytest.fixture(scope="module")
def pair(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: PostgresServer,
    postgres_clones: PostgresClones,
) -> Iterator[Pair]:
    name = postgres_clones.take()
    with starting(tmp_path_factory.mktemp("pair")) as start:
        found = Pair(start, postgres_server.dsn(name))
        yield found
        for relay in found.relays.values():
            relay.close()
    postgres_clones.give_back(name)


@pytest.fixture
def witness() -> Iterator[Witness]:
    found = Witness()
    yield found
    found.close()


def test_the_job_of_a_worker_that_is_stopped_for_long_ends_before_it_begins_elsewhere(
    pair: Pair, witness: Witness
) -> None:
    job_id = pair.client.push(witness.code, endless=1)
    witness.begun(1)
    frozen = pair.workers[pair.holder(job_id)]
    frozen.tell(signal.SIGSTOP)
    witness.begun(2)
    witness.gone(1)
    job = pair.client.done(job_id)
    frozen.tell(signal.SIGCONT)
    until(pair.both_work, "the one that was stopped works again")
    assert pair.client.job(job_id) == job, "what it found when it came back changed nothing"
    assert (job["success"], job["result"], job["attempt"]) == (True, 2, 2)
    assert witness.attempts_apart() == [1, 2]
    assert "fell silent; the job runs again" in pair.client.log(job_id)


def test_a_worker_that_wakes_before_its_lease_ends_gives_back_what_the_guard_has_ended(
    pair: Pair, witness: Witness
) -> None:
    job_id = pair.client.push(witness.code, endless=1)
    witness.begun(1)
    frozen = pair.workers[pair.holder(job_id)]
    frozen.tell(signal.SIGSTOP)
    witness.gone(1)
    frozen.tell(signal.SIGCONT)
    job = pair.client.done(job_id)
    assert (job["success"], job["result"], job["attempt"]) == (True, 2, 2)
    assert witness.attempts_apart() == [1, 2]
    told = "attempt 1 was lost: its worker was out of contact for too long; the job runs again"
    assert told in pair.client.log(job_id)
    until(pair.both_work, "the one that was stopped works again")


def test_a_job_does_not_notice_that_its_worker_is_stopped_for_a_moment(
    pair: Pair, witness: Witness
) -> None:
    job_id = pair.client.push(witness.code, endless=0)
    witness.begun(1)
    frozen = pair.workers[pair.holder(job_id)]
    frozen.tell(signal.SIGSTOP)
    witness.gone(1)
    frozen.tell(signal.SIGCONT)
    job = pair.client.done(job_id)
    assert (job["success"], job["result"], "attempt" in job) == (True, 1, False)
    assert pair.client.log(job_id) == ""


def test_the_job_of_a_worker_that_is_cut_off_ends_before_it_begins_elsewhere(
    pair: Pair, witness: Witness
) -> None:
    job_id = pair.client.push(witness.code, endless=1)
    witness.begun(1)
    lost = pair.holder(job_id)
    pair.relays[lost].cut()
    witness.begun(2)
    witness.gone(1)
    job = pair.client.done(job_id)
    assert job["worker"] != lost
    pair.relays[lost].heal()
    until(pair.both_work, "the one that was cut off works again")
    assert pair.client.job(job_id) == job
    assert (job["success"], job["result"], job["attempt"]) == (True, 2, 2)
    assert witness.attempts_apart() == [1, 2]
    assert pair.workers[lost].running
