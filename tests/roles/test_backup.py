"""A copy of the database that is made while jobs come and run."""

from __future__ import annotations

import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from tests.roles._client import Client, Door, admin_of
from tests.roles._process import run, until
from tests.roles.conftest import Start


def test_a_copy_made_under_load_has_all_that_was_answered_and_runs_on(
    start: Start, door: Door, tmp_path: Path
) -> None:
    process, told, enough = start(), list[str](), Event()
    client = admin_of(process)
    held = client.push(door.code)
    assert door.visit().attempt == 1

    def push() -> None:
        while not enough.is_set():
            told.append(client.push("def main(): return 1"))

    with ThreadPoolExecutor(1) as pushing:
        pushed = pushing.submit(push)
        try:
            until(lambda: len(told) >= 5, "jobs have come")
            known, file = list(told), tmp_path / "copy.db"
            done = run(tmp_path, "backup", str(file), "--data-dir", str(tmp_path / "solo" / "data"))
            until(lambda: len(told) >= len(known) + 5, "jobs have come meanwhile")
        finally:
            enough.set()
        pushed.result()
    assert (done.returncode, done.stderr) == (0, ""), done
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    process.kill()
    check(start, file, [held, *known], door)


def check(start: Start, file: Path, known: list[str], door: Door) -> None:
    """A new server on the copy ends every job, those that ran when it was made once more."""
    data = file.parent / "again" / "data"
    data.mkdir(parents=True)
    shutil.copy(file, data / "windmill-lite.db")
    client: Client = admin_of(start(place="again"))
    visit = door.visit()
    assert visit.attempt == 2
    visit.answer("back")
    ended = [client.done(job_id) for job_id in known]
    assert all(job["success"] for job in ended)
    assert ended[0]["result"] == "back"
