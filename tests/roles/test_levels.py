"""Machines whose sandbox is weaker: what they find, what they say, what they run all the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.kernel.syscalls import landlock_abi
from tests._lesser import environment, open_place, program, python_for_others
from tests._toolchains import lend, needs
from tests.roles._client import ADMIN, Client, admin_of
from tests.roles._process import Process, until
from tests.roles.conftest import starting

PYTHON = python_for_others()
WITHOUT_LANDLOCK = "process"
pytestmark = pytest.mark.skipif(PYTHON is None, reason="no Python that other users can read")
LANDLOCK = pytest.mark.skipif(landlock_abi() == 0, reason="this kernel has no Landlock")
LEVELS = pytest.mark.parametrize(
    "level", [pytest.param("landlock", marks=LANDLOCK), WITHOUT_LANDLOCK]
)
READS = """
import os
def main(paths: list[str]):
    got = []
    for path in paths:
        try:
            got.append((path, len(open(path, "rb").read(10))))
        except OSError:
            pass
    return got
"""


@pytest.fixture(scope="module", params=["landlock", WITHOUT_LANDLOCK])
def machine(request: pytest.FixtureRequest) -> Iterator[tuple[str, Client, Process, Path]]:
    """The level it has, its admin, its process and its data directory."""
    level: str = request.param
    if level == "landlock" and landlock_abi() == 0:
        pytest.skip("this kernel has no Landlock")
    with open_place() as home, starting(home) as start:
        data = home / "solo" / "data"
        data.mkdir(parents=True)
        lend(data)
        process = start(
            *("--install-runtimes", "never", "--min-sandbox", level),
            env=ADMIN | environment(),
            program=program(level, PYTHON or ""),
        )
        yield level, admin_of(process), process, data


def test_a_worker_and_its_runs_tell_the_level_of_their_machine(
    machine: tuple[str, Client, Process, Path],
) -> None:
    level, client, process, _ = machine
    job = client.done(client.push("def main(): return 1"))
    assert (job["result"], job["sandbox"]) == (1, level)
    (worker,) = client.get("/api/workers/list").json
    assert worker["job_isolation"] == level
    assert f"jobs run in the weaker sandbox {level}: user namespaces:" in process.output


#: Go's is one that another test builds too: that takes half a minute, once.
SCRIPTS = [
    ("python3", "def main(x): return x"),
    ("bash", 'x="$1"\necho "$x" > result.json'),
    pytest.param("bun", "export const main = (x: any) => x", marks=needs("bun")),
    pytest.param("go", "package inner\n\nfunc main(x any) any { return x }", marks=needs("go")),
]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("language", "code"), SCRIPTS)
def test_languages_run_there(
    machine: tuple[str, Client, Process, Path], language: str, code: str
) -> None:
    level, client, _, _ = machine
    body = {"content": code, "language": language, "args": {"x": "3"}}
    job_id = client.post("/api/w/main/jobs/run/preview", body).body
    until(lambda: client.job(job_id)["type"] == "CompletedJob", "it ends", within_s=500)
    job = client.job(job_id)
    assert (job["success"], job["sandbox"]) == (True, level), job
    assert str(job["result"]) == "3"


def test_a_job_reads_neither_the_database_nor_the_key_there(
    machine: tuple[str, Client, Process, Path],
) -> None:
    level, client, process, data = machine
    secret = {"path": "u/ada/s", "value": "hush", "is_secret": True, "description": ""}
    assert client.post("/api/w/main/variables/create", secret).status == 201
    environ = Path(f"/proc/{process.pid}/environ")
    places = [data / "windmill-lite.db", data / "secret.key", environ]
    assert all(place.read_bytes() for place in places)
    job = client.done(client.push(READS, paths=list(map(str, places))))
    if level == WITHOUT_LANDLOCK and job["result"]:
        pytest.skip("a job is the worker's own user here")
    assert job["result"] == []


@LEVELS
def test_doctor_names_the_level_and_why_it_is_no_stronger(tmp_path: Path, level: str) -> None:
    with Process(
        tmp_path,
        *("doctor", "--json", "--data-dir", str(tmp_path / "data")),
        env=environment(),
        program=program(level, PYTHON or ""),
    ) as doctor:
        doctor.ends()
        found = [each for each in json.loads(doctor.output) if each["name"] == "sandbox"]
    assert (found[0]["text"], found[0]["good"]) == (f"level {level}", level == "landlock")
    why = [each["text"] for each in found[1:]]
    assert any("user namespaces:" in text for text in why)
    assert any("landlock:" in text for text in why) is (level == WITHOUT_LANDLOCK)


def test_a_machine_without_any_wall_runs_no_jobs_before_somebody_says_so() -> None:
    with (
        open_place() as place,
        Process(
            place,
            *("--listen", "127.0.0.1:0", "--data-dir", str(place / "data")),
            env=ADMIN | environment(),
            program=program(WITHOUT_LANDLOCK, PYTHON or ""),
        ) as process,
    ):
        assert process.ends() == 6
        assert "sandbox is process, weaker than landlock: user namespaces:" in process.output
        assert "give --min-sandbox process" in process.output
