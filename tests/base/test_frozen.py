"""What the executable knows about being one, tried without being one."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from windmill_lite.base import frozen


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """We are the executable, unpacked here by a process that is not our parent."""
    home = tmp_path / "_MEI7fffffffXyZ123"
    home.mkdir()
    monkeypatch.setattr(sys, "_MEIPASS", str(home), raising=False)
    monkeypatch.setenv("_PYI_ARCHIVE_FILE", "/opt/windmill-lite")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(home))
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    return home


def other_extraction(beside: Path) -> Path:
    other = beside.with_name("_MEI7ffffffeAbC987")
    (other / "windmill_lite").mkdir(parents=True)
    (other / frozen.LOCK_NAME).touch()
    return other


def test_a_checkout_finds_its_files_beside_the_package() -> None:
    assert not frozen.is_frozen()
    assert frozen.resource_path("windmill_lite/base/frozen.py") == Path(frozen.__file__)


def test_the_executable_finds_its_files_where_it_unpacked_them(home: Path) -> None:
    assert frozen.is_frozen()
    assert frozen.resource_path("bundled_ui/dist") == home / "bundled_ui" / "dist"


def test_a_child_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    monkeypatch.setenv("PATH", "/opt/bin")
    assert "DATABASE_URL" not in frozen.child_env()
    assert "HTTPS_PROXY" not in frozen.child_env()
    assert frozen.child_env(keep=["HTTPS_PROXY"])["HTTPS_PROXY"] == "http://proxy"
    assert frozen.child_env()["PATH"] == "/opt/bin"


def test_a_child_speaks_utf8_and_finds_programs_even_if_we_were_told_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in frozen.INHERITED:
        monkeypatch.delenv(name, raising=False)
    assert frozen.child_env()["LANG"] == "C.UTF-8"
    assert frozen.child_env()["PATH"] == frozen.DEFAULT_PATH


@pytest.mark.usefixtures("home")
def test_only_our_own_child_may_use_our_unpacked_files() -> None:
    assert "_PYI_ARCHIVE_FILE" not in frozen.child_env()
    assert frozen.child_env(reuse_extraction=True)["_PYI_ARCHIVE_FILE"] == "/opt/windmill-lite"


@pytest.mark.usefixtures("home")
def test_a_child_does_not_load_our_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "LD_LIBRARY_PATH" not in frozen.child_env()
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/opt/lib")
    assert frozen.child_env()["LD_LIBRARY_PATH"] == "/opt/lib"


def test_settling_gives_the_library_path_back(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frozen.settle()
    assert "LD_LIBRARY_PATH" not in os.environ
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{home}:/opt/lib")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/opt/lib")
    frozen.settle()
    assert os.environ["LD_LIBRARY_PATH"] == "/opt/lib"
    assert "LD_LIBRARY_PATH_ORIG" not in os.environ


def test_who_has_settled_keeps_the_files_from_being_swept(home: Path) -> None:
    frozen.settle()
    with (home / frozen.LOCK_NAME).open() as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_second_process_may_settle_too(home: Path) -> None:
    frozen.settle()
    frozen.settle()
    assert [p.name for p in home.iterdir()] == [frozen.LOCK_NAME]


def test_what_nobody_uses_is_swept_and_what_is_used_stays(home: Path) -> None:
    other = other_extraction(home)
    with (other / frozen.LOCK_NAME).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        assert frozen.sweep_extractions() == 0
    assert frozen.sweep_extractions() == 1
    assert not other.exists()
    assert home.exists()


def test_files_of_other_programs_are_left_alone(home: Path) -> None:
    stranger = home.with_name("_MEI0000beefStrang")
    stranger.mkdir()
    assert frozen.sweep_extractions() == 0
    assert stranger.exists()


def test_a_checkout_has_nothing_to_sweep_or_settle() -> None:
    before = dict(os.environ)
    frozen.settle()
    assert frozen.sweep_extractions() == 0
    assert dict(os.environ) == before


@pytest.mark.usefixtures("home")
def test_the_executable_starts_its_children_by_name() -> None:
    assert frozen.launcher("forkserver") == [sys.executable, "reenter", "forkserver"]


def test_a_checkout_starts_its_children_without_our_packages() -> None:
    start = [*frozen.launcher("nobody", site=False), "x"]
    ended = subprocess.run(start, capture_output=True, text=True, cwd="/", env={}, check=False)
    assert ended.returncode == 2
    assert "no child is called 'nobody'" in ended.stderr
    assert frozen.launcher("nobody", site=False)[1:3] == ["-I", "-S"]
    assert "-S" not in frozen.launcher("nobody")
