"""Schedules and the processes that keep their time: each tick is one job, whoever dies."""

from __future__ import annotations

import signal
from datetime import datetime

import pytest

from tests.conftest import NewDatabase
from tests.roles._client import Client, admin_of
from tests.roles._process import until
from tests.roles.conftest import Start

S = "/api/w/main/schedules"
SCRIPT = {"path": "f/ops/tick", "content": "def main(): return 1", "language": "python3"}
EVERY_SECOND = {
    "path": "f/ops/tick",
    "schedule": "* * * * * *",
    "timezone": "UTC",
    "script_path": "f/ops/tick",
    "is_flow": False,
    "args": {},
    "enabled": True,
}


def begin(client: Client) -> None:
    """A script that starts every second."""
    assert client.post("/api/w/main/scripts/create", SCRIPT | {"summary": ""}).status == 201
    assert client.post(f"{S}/create", EVERY_SECOND).status == 201


def ticks(client: Client) -> list[tuple[int, str]]:
    """The second and the job of each tick, the oldest first."""
    found = client.get(f"{S}/ticks/f/ops/tick?per_page=500").json[::-1]
    assert all("job_id" in tick for tick in found), "a tick was skipped"
    return [(int(datetime.fromisoformat(t["at"]).timestamp()), t["job_id"]) for t in found]


def fires(client: Client, count: int) -> None:
    """Returns when so many more ticks had their turn."""
    seen = len(ticks(client))
    until(lambda: len(ticks(client)) >= seen + count, f"{count} more ticks")


def check(client: Client) -> None:
    """Every second had one job, and every job has ended well."""
    assert client.post(f"{S}/setenabled/f/ops/tick", {"enabled": False}).status == 200
    found = ticks(client)
    first = found[0][0]
    assert [second for second, _ in found] == list(range(first, first + len(found)))
    for _, job_id in found:
        assert client.done(job_id)["success"]
    listed = client.get("/api/w/main/jobs/list?schedule_path=f/ops/tick&per_page=1000").json
    assert sorted(job["id"] for job in listed) == sorted(job_id for _, job_id in found)


def test_a_schedule_survives_the_death_of_the_appliance(start: Start) -> None:
    process = start()
    client = admin_of(process)
    begin(client)
    for _ in range(2):
        fires(client, 1)
        process.kill()
        process = start()
        client = admin_of(process)
    fires(client, 1)
    check(client)


@pytest.mark.postgres
def test_schedulers_may_die_freeze_and_come_back(start: Start, new_database: NewDatabase) -> None:
    shared = ("--database", new_database("postgres"))
    api = start("--role", "api", *shared, place="api")
    first = start("--role", "scheduler", *shared, place="first")
    second = start("--role", "scheduler", *shared, place="second")
    start("--role", "worker", "--base-url", api.address, *shared, place="worker")
    client = admin_of(api)
    begin(client)
    fires(client, 1)
    first.tell(signal.SIGSTOP)
    fires(client, 1)
    second.kill()
    first.tell(signal.SIGCONT)
    fires(client, 1)
    start("--role", "scheduler", *shared, place="third")
    fires(client, 1)
    check(client)
