"""One process on SQLite while it runs: what it does at once, what it refuses, what it costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests._promised import TRIES
from tests.roles._client import Door, admin_of
from tests.roles._process import Process, until
from tests.roles.conftest import Start, starting


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with starting(tmp_path_factory.mktemp("solo")) as start:
        first = start()
        assert first.address, "it serves, and so holds its data, before anybody else comes"
        yield first


def test_a_cancellation_ends_the_job_at_once(process: Process, door: Door) -> None:
    client = admin_of(process)
    took_s = []
    for _ in range(TRIES):
        job_id, visit = client.push(door.code), door.visit()
        client.cancel(job_id)
        took_s.append(visit.gone())
        assert client.done(job_id)["canceled_by"] == "ada"
        if took_s[-1] < 2:
            break
    assert took_s[-1] < 2, took_s


def test_a_second_process_on_the_same_data_is_refused_and_the_first_works_on(
    process: Process, start: Start
) -> None:
    data = process.temporary.parent / "data"
    second = start("--data-dir", str(data))
    assert second.ends() == 6
    assert f"in use by another process ({process.pid})" in second.output
    assert "use Postgres for several processes" in second.output
    assert "Traceback" not in second.output
    client = admin_of(process)
    assert client.done(client.push("def main(): return 1"))["result"] == 1


def test_a_port_that_is_taken_is_refused_and_the_data_is_free_again(
    process: Process, start: Start
) -> None:
    listen = process.address.removeprefix("http://")
    second = start("--listen", listen)
    assert second.ends() == 6
    assert "another program does already; choose another port" in second.output
    assert process.running
    start().says("windmill-lite serves")


def test_an_idle_process_does_almost_nothing(process: Process) -> None:
    client = admin_of(process)
    client.done(client.push("def main(): return 1"))
    data = process.temporary.parent / "data"
    log = data / "windmill-lite.db-wal"
    until(lambda: log.stat().st_size == 0, "the database's log was copied into it")
    seen: list[tuple[int, bool]] = []
    while len(seen) < TRIES and not any(spent <= 2 and not wrote for spent, wrote in seen):
        seen.append(_two_seconds(process, data / "windmill-lite.db"))
    assert any(spent <= 2 and not wrote for spent, wrote in seen), seen


def _two_seconds(process: Process, file: Path) -> tuple[int, bool]:
    """Hundredths of a second of processor time that were spent, and whether the file changed."""
    before, stamp, began = _ticks(process), file.stat().st_mtime_ns, time.monotonic()
    until(lambda: time.monotonic() - began > 2, "two seconds have passed")
    return _ticks(process) - before, file.stat().st_mtime_ns != stamp


def _ticks(process: Process) -> int:
    found = 0
    for pid in process.family():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        found += int(fields[11]) + int(fields[12])
    return found
