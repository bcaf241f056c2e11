"""The disk is full for a while: callers are told, nothing is lost, and it recovers by itself."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests._postgres import PostgresServer
from tests.roles._client import Answer, Client, Door, admin_of
from tests.roles._process import Process, until
from tests.roles.conftest import Start

SIZE_MB = 32
POSTGRES_MB = 192  # with its programs, where others may not read them


@dataclass(frozen=True)
class Disk:
    """A small file system."""

    path: Path

    @property
    def _ballast(self) -> Path:
        return self.path / "ballast"

    def fill(self) -> None:
        """Not a byte is left."""
        with self._ballast.open("wb") as file:
            for size in (2**20, 2**12):
                with suppress(OSError):
                    while os.write(file.fileno(), bytes(size)) == size:
                        pass

    def make_room(self) -> None:
        self._ballast.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    path = tmp_path / "disk"
    path.mkdir()
    with mounted(path, SIZE_MB) as found:
        yield found


@contextmanager
def mounted(path: Path, size_mb: int) -> Iterator[Disk]:
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=755", "tmpfs", str(path)]
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("a small file system can only be mounted by root")
    done = subprocess.run(mount, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {done.stderr}")
    yield Disk(path)
    subprocess.run(["umount", "--lazy", str(path)], check=True)


@pytest.fixture
def process(start: Start, disk: Disk) -> Process:
    return start("--data-dir", str(disk.path / "data"))


def submitted(client: Client) -> Answer:
    body = {"content": "def main(): return 1", "language": "python3", "args": {}}
    return client.post("/api/w/main/jobs/run/preview", body)


def test_a_full_disk_is_told_to_callers_and_outlived(
    process: Process, disk: Disk, door: Door
) -> None:
    client = admin_of(process)
    job_id, visit = client.push(door.code), door.visit()
    disk.fill()
    answers: list[Answer] = []

    def refused() -> bool:
        answers.append(submitted(client))
        return answers[-1].status == 503

    until(refused, "the disk is so full that nothing is taken any more")
    assert "the disk is full" in answers[-1].body
    taken = [answer.body for answer in answers if answer.status == 201]
    assert {answer.status for answer in answers} <= {201, 503}
    assert client.job(job_id)["running"], "what is there can be read"
    visit.answer("kept")
    process.says(f"job {job_id} waits for the database")
    disk.make_room()
    until(lambda: submitted(client).status == 201, "there is room again")
    job = client.done(job_id)
    assert (job["success"], job["result"], "attempt" in job) == (True, "kept", False)
    assert [client.done(each)["result"] for each in taken] == [1] * len(taken)
    assert "Traceback" not in process.output
    assert process.stop() == 0
    with closing(sqlite3.connect(disk.path / "data" / "windmill-lite.db")) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)


def test_a_process_that_is_killed_while_the_disk_is_full_starts_again_when_it_is_not(
    process: Process, disk: Disk, start: Start
) -> None:
    client = admin_of(process)
    taken = client.push("def main(): return 1")
    disk.fill()
    until(lambda: submitted(client).status == 503, "nothing is taken any more")
    process.kill()
    disk.make_room()
    again = admin_of(start("--data-dir", str(disk.path / "data")))
    assert again.done(taken)["result"] == 1
    assert again.done(again.push("def main(): return 2"))["result"] == 2


@pytest.fixture
def server_disk() -> Iterator[Disk]:
    """With a path short enough for a socket."""
    place = tempfile.TemporaryDirectory(prefix="wl-d-", dir="/tmp")
    with place as name, mounted(Path(name), POSTGRES_MB) as found:
        yield found


@pytest.mark.postgres
def test_a_full_disk_of_postgres_is_told_to_callers_and_outlived(
    server_disk: Disk, start: Start, door: Door
) -> None:
    server = PostgresServer(home=server_disk.path)
    try:
        server.start()
        process = start("--database", server.create_database("full"))
        client = admin_of(process)
        job_id, visit = client.push(door.code), door.visit()
        server_disk.fill()
        answers: list[Answer] = []

        def refused() -> bool:
            answers.append(submitted(client))
            return answers[-1].status == 503

        until(refused, "the disk is so full that nothing is taken any more")
        taken = [answer.body for answer in answers if answer.status == 201]
        assert {answer.status for answer in answers} <= {201, 503}
        # Without room for its log, Postgres starts anew.
        assert re.search("its disk is full|connection to Postgres was lost", answers[-1].body)
        visit.answer("kept")
        server_disk.make_room()
        until(lambda: submitted(client).status == 201, "there is room again")
        assert client.done(job_id)["result"] == "kept"
        assert [client.done(each)["result"] for each in taken] == [1] * len(taken)
        assert "Traceback" not in process.output
        assert process.stop() == 0
    finally:
        server.close()
