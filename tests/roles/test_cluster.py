"""Several processes on one Postgres: each does its part, and each may be lost."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tests._postgres import PostgresServer
from tests._promised import TRIES
from tests.conftest import PostgresClones
from tests.roles._client import Client, Door, admin_of
from tests.roles._process import Process, until
from tests.roles.conftest import Start, starting

pytestmark = pytest.mark.postgres

LEASE_S = 2


@dataclass
class Cluster:
    """One API, one scheduler, two workers with one slot each."""

    start: Start
    shared: tuple[str, ...]
    api: Process = field(init=False)
    workers: dict[str, Process] = field(default_factory=dict)
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.api = self.start("--role", "api", *self.shared, place="api")
        scheduler = self.start("--role", "scheduler", *self.shared, place="scheduler")
        self.api.says("windmill-lite serves")
        self.hire()
        scheduler.says("windmill-lite runs as scheduler")
        self.client = admin_of(self.api)

    def hire(self) -> None:
        """As many workers as there should be, all of them at work."""
        for name in ("one", "two"):
            if name not in self.workers or not self.workers[name].running:
                flags = ("--workers", "1", "--worker-name", name, "--drain", "0")
                where = ("--base-url", self.api.address, *self.shared)
                self.workers[name] = self.start("--role", "worker", *flags, *where, place=name)
        for worker in self.workers.values():
            worker.says("windmill-lite runs as worker")

    def worker_of(self, job_id: str) -> Process:
        """Who runs it."""
        until(lambda: self.client.job(job_id).get("worker"), f"somebody runs {job_id}")
        return self.workers[self.client.job(job_id)["worker"]]


@pytest.fixture(scope="module")
def formed(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: PostgresServer,
    postgres_clones: PostgresClones,
) -> Iterator[Cluster]:
    name = postgres_clones.take()
    with starting(tmp_path_factory.mktemp("cluster")) as start:
        address = postgres_server.dsn(name)
        yield Cluster(start, ("--database", address, "--lease", str(LEASE_S)))
    postgres_clones.give_back(name)


@pytest.fixture
def cluster(formed: Cluster) -> Cluster:
    """Complete again, whatever the test before did to it."""
    formed.hire()
    return formed


def test_jobs_are_spread_over_the_workers(cluster: Cluster, door: Door) -> None:
    client = cluster.client
    pushed = [client.push(door.code) for _ in range(3)]
    visits = [door.visit(), door.visit()]
    running = [client.job(job_id).get("worker") for job_id in pushed]
    assert sorted(filter(None, running)) == ["one", "two"]
    assert running[2] is None, "there are only two slots"
    for visit in visits:
        visit.answer("done")
    door.visit().answer("done")
    assert [client.done(job_id)["result"] for job_id in pushed] == ["done"] * 3


def test_the_job_of_a_killed_worker_is_taken_over_by_the_other(
    cluster: Cluster, door: Door, record_property: Callable[[str, object], None]
) -> None:
    client = cluster.client
    job_id, first = client.push(door.code), door.visit()
    worker = cluster.worker_of(job_id)
    began = time.monotonic()
    worker.kill()
    first.gone()
    second = door.visit()
    took_s = time.monotonic() - began
    record_property("takeover_s", took_s)
    assert second.attempt == 2
    assert took_s < LEASE_S + 25
    second.answer("right")
    job = client.done(job_id)
    assert (job["success"], job["result"], job["attempt"]) == (True, "right", 2)
    assert cluster.workers[job["worker"]] is not worker
    assert "fell silent; the job runs again" in client.log(job_id)


def test_a_worker_that_stops_hands_its_job_to_the_other_and_the_attempt_does_not_count(
    cluster: Cluster, door: Door
) -> None:
    client = cluster.client
    job_id, first = client.push(door.code), door.visit()
    worker = cluster.worker_of(job_id)
    began = time.monotonic()
    assert worker.stop() == 0
    first.gone()
    second = door.visit()
    assert second.attempt == 1
    assert time.monotonic() - began < LEASE_S + 25
    second.answer("right")
    job = client.done(job_id)
    assert (job["success"], job["result"]) == (True, "right")
    assert cluster.workers[job["worker"]] is not worker
    listed = [each["worker"] for each in client.get("/api/workers/list?ping_since=1").json]
    assert listed == [job["worker"]], "who stops says good-bye"


def test_a_job_is_canceled_through_one_process_and_ended_by_another(
    cluster: Cluster, door: Door
) -> None:
    took_s = []
    for _ in range(TRIES):
        job_id, visit = cluster.client.push(door.code), door.visit()
        cluster.client.cancel(job_id)
        took_s.append(visit.gone())
        job = cluster.client.done(job_id)
        assert (job["canceled"], job["success"]) == (True, False)
        if took_s[-1] < 2:
            break
    assert took_s[-1] < 2, took_s


def test_a_job_reaches_the_api_with_its_token_from_a_worker_that_serves_none(
    cluster: Cluster,
) -> None:
    code = """
import json, os, urllib.request
def main():
    url = os.environ["BASE_INTERNAL_URL"] + "/api/w/main/users/whoami"
    head = {"Authorization": "Bearer " + os.environ["WM_TOKEN"]}
    return json.load(urllib.request.urlopen(urllib.request.Request(url, headers=head)))["username"]
"""
    assert cluster.client.done(cluster.client.push(code))["result"] == "ada"


def test_a_frozen_worker_comes_back_and_does_not_disturb_its_successor(
    cluster: Cluster, door: Door
) -> None:
    client = cluster.client
    job_id, first = client.push(door.code), door.visit()
    worker = cluster.worker_of(job_id)
    worker.tell(signal.SIGSTOP)
    second = door.visit()
    assert second.attempt == 2
    worker.tell(signal.SIGCONT)
    first.gone()
    second.answer("right")
    job = client.done(job_id)
    assert (job["success"], job["result"], job["attempt"]) == (True, "right", 2)
    following = [client.push(door.code) for _ in range(2)]
    for visit in (door.visit(), door.visit()):
        visit.answer("both work")
    assert {client.done(each)["worker"] for each in following} == {"one", "two"}
