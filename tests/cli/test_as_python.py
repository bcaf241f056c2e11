"""The executable as `python`: what it understands, and what programs see of it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from windmill_lite.base.frozen import resource_path
from windmill_lite.cli.as_python import Call, parse

ME = "/opt/bin/python3.11"


def python(
    *argv: str,
    stdin: str = "",
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    me: str = ME,
) -> subprocess.CompletedProcess[str]:
    """Run `as_python` in a process of its own, as the executable would."""
    root = str(resource_path(""))
    start = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); import builtins; sys.frozen = True; "
        "from windmill_lite.cli.as_python import as_python; sys.path.pop(0); "
        f"sys.exit(as_python({me!r}, sys.argv[1:]))"
    )
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", start, root, *argv],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=env,
        check=False,
    )


def test_in_a_virtual_environment_its_packages_are_importable(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "toy.py").write_text("there = True")
    (packages / "toy.pth").write_text("import sys; sys.heard = True\n")
    ask = "import sys; print(sys.prefix); import toy; print(toy.there, sys.heard)"
    assert python("-c", ask, me=f"{tmp_path}/bin/python").returncode == 1
    (tmp_path / "pyvenv.cfg").write_text("home = /opt/bin\n")
    done = python("-c", ask, me=f"{tmp_path}/bin/python")
    assert done.stdout == f"{tmp_path}\nTrue True\n", done.stderr


@pytest.mark.parametrize(
    ("argv", "call"),
    [
        (["-c", "x", "-c", "y"], Call(how="c", what="x", rest=("-c", "y"))),
        (["-Ic", "x", "a"], Call(frozenset("I"), how="c", what="x", rest=("a",))),
        (["-cx"], Call(how="c", what="x")),
        (["-I", "-B", "-m", "pip", "-V"], Call(frozenset("IB"), how="m", what="pip", rest=("-V",))),
        (["-mpip"], Call(how="m", what="pip")),
        (["-u", "f.py", "-u"], Call(frozenset("u"), how="file", what="f.py", rest=("-u",))),
        (
            ["-X", "utf8", "-Wignore", "f.py"],
            Call(warn=("ignore",), options=("utf8",), how="file", what="f.py"),
        ),
        (["-XX", "f.py"], Call(options=("X",), how="file", what="f.py")),
        (["-"], Call(how="stdin", what="-")),
        ([], Call()),
        (["-V"], Call(frozenset("V"), how="version")),
        (["--version", "x"], Call(how="version", rest=("x",))),
        (["--check-hash-based-pycs=never", "f.py"], Call(how="file", what="f.py")),
        (["-c"], Call(how="c", what="")),
    ],
)
def test_options_end_where_the_program_begins(argv: list[str], call: Call) -> None:
    assert parse(argv) == call


def test_it_says_its_version() -> None:
    assert python("-V").stdout == f"Python {sys.version.split()[0]}\n"


@pytest.mark.parametrize("how", ["c", "file", "stdin", "module", "folder", "zip"])
def test_a_program_sees_itself_as_main(how: str, tmp_path: Path) -> None:
    code = (
        "import sys; print(__name__, sys.modules['__main__'].__dict__ is globals(), sys.argv[1:], "
        "sys.executable, hasattr(sys, 'frozen'))\n"
    )
    (tmp_path / "mod.py").write_text(code)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "__main__.py").write_text(code)
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr("__main__.py", code)
    words = {
        "c": ["-c", code, "a", "b"],
        "file": [str(tmp_path / "mod.py"), "a", "b"],
        "stdin": ["-", "a", "b"],
        "module": ["-m", "mod", "a", "b"],
        "folder": [str(folder), "a", "b"],
        "zip": [str(tmp_path / "app.zip"), "a", "b"],
    }[how]
    done = python(*words, stdin=code, cwd=tmp_path)
    assert done.stdout == f"__main__ True ['a', 'b'] {ME} False\n", done.stderr


def test_a_programs_folder_is_importable_unless_it_is_isolated(tmp_path: Path) -> None:
    (tmp_path / "friend.py").write_text("print('hello')")
    (tmp_path / "app.py").write_text("import friend")
    assert python(str(tmp_path / "app.py")).stdout == "hello\n"
    assert "ModuleNotFoundError" in python("-I", str(tmp_path / "app.py")).stderr
    assert python("-c", "import friend", cwd=tmp_path).stdout == "hello\n"
    assert python("-Ic", "import friend", cwd=tmp_path).returncode == 1


def test_the_users_path_counts_unless_it_is_isolated(tmp_path: Path) -> None:
    (tmp_path / "friend.py").write_text("print('hello')")
    env = {"PYTHONPATH": str(tmp_path)}
    assert python("-c", "import friend", env=env).stdout == "hello\n"
    assert python("-E", "-c", "import friend", env=env).returncode == 1


def test_an_uncaught_error_is_printed_as_python_prints_it(tmp_path: Path) -> None:
    program = tmp_path / "app.py"
    program.write_text("def f():\n    1 / 0\n\nf()\n")
    done = python(str(program))
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert "as_python" not in done.stderr
    assert done.stderr.splitlines()[1] == f'  File "{program}", line 4, in <module>'


@pytest.mark.parametrize(("code", "exit_code"), [("raise SystemExit(7)", 7), ("pass", 0)])
def test_an_exit_code_is_passed_on(code: str, exit_code: int) -> None:
    assert python("-c", code).returncode == exit_code


def test_globals_live_until_the_very_end(tmp_path: Path) -> None:
    program = tmp_path / "app.py"
    program.write_text("import atexit\nword = 'still here'\natexit.register(lambda: print(word))\n")
    assert python(str(program)).stdout == "still here\n"


def test_a_missing_file_is_reported_as_python_reports_it(tmp_path: Path) -> None:
    done = python(str(tmp_path / "gone.py"))
    assert done.returncode == 2
    assert "can't open file" in done.stderr
    assert "[Errno 2] No such file or directory" in done.stderr


def test_warnings_and_options_reach_the_program() -> None:
    code = "import sys, warnings; warnings.warn('x'); print(sys._xoptions)"
    done = python("-W", "error", "-X", "dev=1", "-c", code)
    assert "UserWarning: x" in done.stderr
    assert done.returncode == 1
    assert (
        python("-W", "ignore", "-X", "a=1", "-X", "b", "-c", code).stdout
        == "{'a': '1', 'b': True}\n"
    )
