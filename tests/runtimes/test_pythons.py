"""Scripts that ask for another Python than the one that runs us."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests._pythons import OTHERS, another, asking
from tests._toolchains import built, needs, toolchains
from tests.runtimes.conftest import Scripts
from windmill_lite.base.errors import Invalid
from windmill_lite.core.dependencies.lock import Pin
from windmill_lite.runtimes import Call, Python, Step, pypi
from windmill_lite.runtimes.pythons import Interpreter, chosen, newest_first, others, own

THERE = [
    Interpreter("3.11.7"),
    Interpreter("3.14.1", "/usr/bin/python3.14"),
    Interpreter("3.12.4", "/usr/bin/python3.12"),
]
CALL = Call(job_id="job", code="def main(): ...", path="", args_json="{}", env={})


@pytest.mark.parametrize(
    ("asked", "lock", "version"),
    [
        ((">=3.11",), "", "3.11.7"),
        ((">=3.12",), "", "3.14.1"),
        ((">=3.12", "<3.14"), "", "3.12.4"),
        ((">=3.11",), "# py: 3.12\nsix==1.17.0\n", "3.12.4"),
        ((">=3.13",), "# py: 3.12\n", "3.14.1"),
        (("==3.12.*",), "six==1.17.0\n", "3.12.4"),
    ],
)
def test_a_script_gets_our_own_python_if_it_fits_else_its_locks_else_the_newest(
    asked: tuple[str, ...], lock: str, version: str
) -> None:
    assert chosen(asked, THERE, lock).version == version


def test_none_that_fits_is_told_with_those_there_are_and_the_remedy() -> None:
    with pytest.raises(Invalid, match=r"asks for Python >=3\.15, <4, and jobs can run on") as told:
        chosen([">=3.15", "<4"], THERE, "")
    assert "3.11.7, 3.14.1 (/usr/bin/python3.14)" in str(told.value)
    assert "windmill-lite runtime list" in str(told.value)


def python_in(home: Path, minor: int, version: str, *, shared: bool = False) -> Path:
    library = home / "lib" / f"python3.{minor}"
    library.mkdir(parents=True)
    (library / "ssl.py").touch()
    program = home / "bin" / f"python3.{minor}"
    program.parent.mkdir(exist_ok=True)
    text = f"x\0/opt/{version}\0{version}\x003.{minor}.x\x001.3.{minor}.9\0".encode()
    program.write_bytes(b"nothing" if shared else text)
    program.chmod(0o755)
    if shared:
        (home / "lib" / f"libpython3.{minor}.so.1.0").write_bytes(text)
    return program


def test_pythons_are_found_by_name_and_known_by_what_is_written_in_them(tmp_path: Path) -> None:
    usr = tmp_path / "usr"
    older = python_in(usr, 12, "3.12.4")
    newer = python_in(usr / "local", 14, "3.14.0+", shared=True)
    (usr / "bin" / "python3").symlink_to(older)
    (usr / "bin" / "python3.12-config").write_text("")
    found = others(f"{older.parent}:{older.parent}:bin:/nowhere", "", [str(newer.parent)], usr)
    expected = [Interpreter("3.14.0", str(newer)), Interpreter("3.12.4", str(older))]
    assert newest_first(found) == expected


def test_of_one_that_lies_elsewhere_cells_see_what_it_is_made_of(tmp_path: Path) -> None:
    home = tmp_path / ".pyenv" / "versions" / "3.13.1"
    program = python_in(home, 13, "3.13.1")
    (home / "secret").mkdir()
    [found] = others("", str(tmp_path), [], tmp_path / "usr")
    assert found == Interpreter("3.13.1", str(program), str(home))
    assert found.started == ".interpreter/bin/python3.13"
    assert [(each.source, each.target) for each in found.mounts] == [
        (f"{home}/bin", ".interpreter/bin"),
        (f"{home}/lib", ".interpreter/lib"),
    ]
    assert found.opens(apart=False)
    home.chmod(0o700)
    assert not found.opens(apart=True), "jobs that are other users do not get there"


def test_a_python_that_cells_could_not_run_is_not_offered(tmp_path: Path) -> None:
    usr = tmp_path / "usr"
    closed = python_in(usr / "a", 12, "3.12.4")
    closed.chmod(0o700)
    bare = python_in(usr / "b", 13, "3.13.0")
    (usr / "b" / "lib" / "python3.13" / "ssl.py").unlink()
    python_in(usr / "c", 10, "3.10.1")
    python_in(usr / "d", 12, "unheard of")
    python_in(usr / "e", 12, "3.12.4\x003.12.5")
    places = [str(usr / name / "bin") for name in "abcde"]
    assert others(f"{usr / 'bin'}:{bare.parent}", "", places, usr) == []


def test_what_is_installed_is_for_one_python() -> None:
    python = Interpreter("3.12.4", "/usr/bin/python3.12")
    pin = Pin("six", "six==1.17.0")
    assert pypi.part_key(pin) == pypi.part_key(pin, own()) != pypi.part_key(pin, python)
    assert pypi.set_key([pin]) == pypi.set_key([pin], own()) != pypi.set_key([pin], python)


def test_scripts_that_ask_for_nothing_stay_in_warm_children() -> None:
    runtime = Python(toolchains(), built())
    for code in ("def main(): ...", "# numpy: fast\n", "#py: >=3.11\n"):
        cell = runtime.command(replace(CALL, code=code, lock="# py: 3.99\n"))
        assert (cell.argv, cell.files) == (None, {})


@another
async def test_a_script_runs_on_the_python_it_asks_for(scripts: Scripts) -> None:
    code = asking("""
import datetime, os, platform, sys
import wmill

def main(day: datetime.date, n: int = 2):
    print("heard")
    return {
        "version": platform.python_version(),
        "program": sys.executable,
        "day": day.year + n,
        "wmill": hasattr(wmill, "get_variable"),
        "input": sys.stdin.read(),
        "ours": [name for name in sys.modules if name.startswith("wrappers")],
        "packages": [place for place in sys.path if place.endswith("-packages")],
        "arguments": sys.argv,
        "open": sorted(map(int, os.listdir("/proc/self/fd")))[:4],
    }
""")
    found = await scripts.result(code, day="2024-02-29")
    assert found.pop("open") == [0, 1, 2, 3]
    assert found.pop("program").endswith(OTHERS[0].started)
    assert found == {
        "version": OTHERS[0].version,
        "day": 2026,
        "wmill": True,
        "input": "",
        "ours": [],
        "packages": [],
        "arguments": ["script"],
    }
    assert scripts.text == "heard\n"


@another
async def test_its_failure_is_told_as_on_our_own(scripts: Scripts) -> None:
    error = await scripts.error(asking("\ndef main():\n    raise ValueError('no')\n"))
    own_error = await scripts.error("# as it is\n\ndef main():\n    raise ValueError('no')\n")
    assert (error["name"], error["message"]) == ("ValueError", "no")
    assert error["stack"] == own_error["stack"]


@another
async def test_it_streams_what_it_yields(scripts: Scripts) -> None:
    code = asking("def main():\n    yield 'a'\n    yield {'b': 1}\n    return 'end'\n")
    assert await scripts.result(code) == "end"
    assert scripts.text == 'WM_STREAM: a\nWM_STREAM: {"b":1}\n'


@another
@needs("uv")
@pytest.mark.timeout(300)
async def test_its_packages_are_locked_and_installed_for_it(scripts: Scripts) -> None:
    code = asking("""
#requirements:
#six==1.17.0

import six

def main():
    return [six.__version__, six.__cached__.rpartition("/")[2]]
""")
    minor = OTHERS[0].minor.replace(".", "")
    assert await scripts.result(code) == ["1.17.0", f"six.cpython-{minor}.pyc"]


@pytest.mark.parametrize("python", OTHERS, ids=lambda one: one.version)
@needs("uv")
@pytest.mark.timeout(300)
async def test_compiled_wheels_are_those_of_its_own_kind(
    scripts: Scripts, python: Interpreter
) -> None:
    code = f"""
#py: =={python.version}
#requirements:
#pydantic-core==2.33.2

import sys
from pydantic_core import SchemaValidator, _pydantic_core

def main():
    valid = SchemaValidator({{"type": "int"}}).validate_python("4")
    return [valid, _pydantic_core.__file__.split(".")[-2].split("-")[1], sys.version.split()[0]]
"""
    tag = python.minor.replace(".", "")
    assert await scripts.result(code) == [4, tag, python.version]


@another
@needs("uv")
def test_what_resolves_for_it_and_what_runs_it_are_told_its_program() -> None:
    runtime, python = Python(toolchains(), built()), OTHERS[0]
    step = runtime.lock(replace(CALL, code=asking("import six\n")))
    assert isinstance(step, Step)
    assert step.cell is not None
    order = json.loads(step.cell.request)
    assert (order["python"], order["version"]) == (python.started, python.minor)
    cell = runtime.command(replace(CALL, code=asking("")))
    assert cell.argv is not None
    assert cell.argv[0] == python.started
    assert python.shown in runtime.probe().version
