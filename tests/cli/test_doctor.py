"""`doctor` says what this machine offers, and changes nothing."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

import pytest

import sandbox
from tests.cli._command import Command
from tests.conftest import NewDatabase
from windmill_lite.model.script import LANGUAGES
from windmill_lite.runtimes.pythons import others
from windmill_lite.store.db.sqlite_file import OwnerLock


def findings(command: Command, *words: str) -> dict[str, dict[str, Any]]:
    """By name; the last of each."""
    done = command("doctor", "--json", *words)
    found = json.loads(done.out)
    assert done.code == (0 if all(each["good"] for each in found) else 6)
    return {each["name"]: each for each in found}


def test_it_looks_at_everything_a_server_needs(command: Command, tmp_path: Path) -> None:
    found = findings(command, "--data-dir", str(tmp_path / "new"))
    assert set(found) >= {"program", "database", "sandbox", "language", "disk", "ui"}
    assert "level " in json.dumps(found["sandbox"]) or "not stronger" in found["sandbox"]["text"]
    assert "GiB free" in found["disk"]["text"]
    assert all(not each["good"] or each["text"] for each in found.values())


def test_it_says_of_every_language_whether_it_runs(command: Command, tmp_path: Path) -> None:
    done = command("doctor", "--json", "--data-dir", str(tmp_path))
    told = [each for each in json.loads(done.out) if each["name"] == "language"]
    assert [each["text"].split()[0].rstrip(":") for each in told] == list(LANGUAGES)
    assert all(each["remedy"] for each in told if not each["good"])
    assert told[0]["text"].startswith("python3 3.")


def test_it_makes_neither_a_folder_nor_a_database(command: Command, tmp_path: Path) -> None:
    place = tmp_path / "new"
    found = findings(command, "--data-dir", str(place))
    assert found["database"]["good"]
    assert "is made by the first start" in found["database"]["text"]
    assert not place.exists()


def test_it_finds_a_database_of_either_kind(command: Command, db_url: str, tmp_path: Path) -> None:
    found = findings(command, "--database", db_url, "--data-dir", str(tmp_path))
    assert found["database"]["text"].endswith("reachable and up to date")


@pytest.mark.parametrize(
    "kind", ["sqlite empty", pytest.param("postgres empty", marks=pytest.mark.postgres)]
)
def test_it_leaves_the_schema_to_the_next_start(
    command: Command, new_database: NewDatabase, tmp_path: Path, kind: str
) -> None:
    url = new_database(kind)
    if kind.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).touch()
    words = ("--database", url, "--data-dir", str(tmp_path))
    for _ in range(2):
        assert "the next start makes" in findings(command, *words)["database"]["text"]


def test_a_running_server_is_no_fault(command: Command, tmp_path: Path) -> None:
    lock = OwnerLock(tmp_path / "windmill-lite.db")
    (tmp_path / "windmill-lite.db").touch()
    lock.take()
    try:
        found = findings(command, "--data-dir", str(tmp_path))
    finally:
        lock.release()
    assert found["database"]["good"]
    assert f"in use by process {os.getpid()}" in found["database"]["text"]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://me:secret@127.0.0.1:1/none", "nothing listens there"),
        ("mysql://h/d", "must be one of"),
    ],
)
def test_a_database_that_is_not_there_is_a_fault_and_its_password_stays_a_secret(
    command: Command, tmp_path: Path, *, url: str, says: str
) -> None:
    done = command("doctor", "--database", url, "--data-dir", str(tmp_path))
    assert done.code == 6
    assert "BAD  database" in done.out
    assert says in done.out
    assert "secret" not in done.out + done.err


def test_a_sandbox_weaker_than_wanted_is_a_fault_with_its_remedy(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def weak(*_: object) -> sandbox.Report:
        return sandbox.Report("process", ("this kernel has no Landlock",), {})

    monkeypatch.setattr(sandbox, "probe", weak)
    done = command("doctor", "--data-dir", str(tmp_path))
    assert done.code == 6
    assert "BAD  sandbox    level process" in done.out
    assert "remedy: mend what is said below, or name a weaker --min-sandbox" in done.out
    assert "not stronger because this kernel has no Landlock" in done.out
    trusting = findings(command, "--data-dir", str(tmp_path))
    assert trusting["sandbox"]["good"], "the reason is no fault of its own"
    done = command("--min-sandbox", "process", "doctor", "--data-dir", str(tmp_path))
    assert "BAD  sandbox" not in done.out


def test_the_pythons_on_which_scripts_can_run_are_named(command: Command, tmp_path: Path) -> None:
    done = command("doctor", "--data-dir", str(tmp_path))
    assert f"language   python3 {platform.python_version()}" in done.out
    for one in others(os.environ["PATH"]):
        assert f"{one.version} ({one.program})" in done.out
