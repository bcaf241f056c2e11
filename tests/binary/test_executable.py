"""The one file: how it starts, what it leaves behind, and that it is a Python.

Built by `make dist`; without it these tests are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests._expressions import evaluated
from tests.arch._tree import REPO

BUILT = REPO / "dist" / "windmill-lite"

pytestmark = [
    pytest.mark.binary,
    pytest.mark.skipif(not BUILT.exists(), reason="needs dist/windmill-lite: run `make dist`"),
]


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


@pytest.fixture
def env(tmp_path: Path, temporary: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "TMPDIR": str(temporary), "PATH": "/nonexistent"}


@pytest.fixture
def executable(tmp_path: Path) -> Path:
    return Path(shutil.copy2(BUILT, tmp_path))


@pytest.fixture
def python(executable: Path) -> Path:
    link = executable.with_name(f"python3.{sys.version_info.minor}")
    link.symlink_to(executable)
    return link


def run(env: dict[str, str], *command: str | Path) -> str:
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_command_leaves_nothing_behind(
    executable: Path, env: dict[str, str], temporary: Path
) -> None:
    assert "0." in run(env, executable, "--version")
    assert list(temporary.iterdir()) == []


def test_a_warm_child_reuses_the_unpacked_files(python: Path, env: dict[str, str]) -> None:
    code = (
        "import subprocess, sys; say = [sys.executable, '-c', 'import sys; print(sys._MEIPASS)']\n"
        "print(sys._MEIPASS, subprocess.check_output(say, text=True), end='')"
    )
    mine, theirs = run(env, python, "-c", code).split()
    assert mine == theirs


def test_expressions_are_evaluated_from_the_file(executable: Path, env: dict[str, str]) -> None:
    command = [str(executable), "reenter", "expressions"]
    ready, answer = evaluated(command, env, "[6 * 7].map(x => x)")
    assert ready == {"ready": True, "why": ""}
    assert answer == {"value": [42]}


def test_a_strangers_program_does_not_load_our_libraries(python: Path, env: dict[str, str]) -> None:
    code = "import subprocess; print(subprocess.check_output(['/usr/bin/env'], text=True))"
    assert "LD_LIBRARY_PATH" not in run(env, python, "-c", code)


def test_the_whole_standard_library_is_there(python: Path, env: dict[str, str]) -> None:
    """Whatever this interpreter can import, the executable can, but for desktops and installers."""
    left_out = {
        *("_tkinter", "antigravity", "distutils", "ensurepip", "idlelib", "lib2to3", "nis"),
        *("pydoc_data", "this", "tkinter", "turtle", "turtledemo", "test"),
    }
    code = (
        "import importlib, sys, warnings; warnings.simplefilter('ignore')\n"
        "for name in sorted(sys.stdlib_module_names - set(sys.argv[1:])):\n"
        "    try: importlib.import_module(name)\n"
        "    except ImportError: print(name)\n"
    )
    ours = run(env, python, "-c", code, *left_out)
    assert ours == run(dict(os.environ), sys.executable, "-I", "-c", code, *left_out)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_of_a_pool_start(
    python: Path, env: dict[str, str], tmp_path: Path, method: str
) -> None:
    program = tmp_path / "pool.py"
    program.write_text(
        "import multiprocessing, sys\n"
        "def double(n): return 2 * n\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:\n"
        "        print(pool.map(double, [1, 2, 3]))\n"
    )
    assert run(env, python, program, method) == "[2, 4, 6]\n"


def test_time_zones_are_there_without_the_systems(python: Path, env: dict[str, str]) -> None:
    code = (
        "import zoneinfo, datetime; zoneinfo.reset_tzpath([])\n"
        "summer = datetime.datetime(2024, 7, 1, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin'))\n"
        "print(summer.utcoffset())"
    )
    assert run(env, python, "-c", code) == "2:00:00\n"


@pytest.fixture
def paused(python: Path, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A program that waits for a line, and then imports what it never imported before."""
    code = "print('up', flush=True); input(); import wave, mailbox; print('imported', flush=True)"
    program = subprocess.Popen(
        [python, "-c", code],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "up\n"
    yield program
    program.kill()
    program.communicate()


@pytest.mark.parametrize("fate", ["replaced", "removed"])
def test_imports_go_on_when_the_file_is_gone(
    paused: subprocess.Popen[str], executable: Path, fate: str
) -> None:
    if fate == "replaced":
        other = executable.with_name("other")
        other.write_bytes(b"\x7fELF of another version")
        other.replace(executable)
    else:
        executable.unlink()
    said, _ = paused.communicate("\n", timeout=60)
    assert said == "imported\n"


def test_a_killed_executable_takes_its_child_along(paused: subprocess.Popen[str]) -> None:
    assert paused.stdout is not None
    paused.kill()  # the bootloader; its child holds the other end of the pipe
    assert paused.stdout.read() == ""
