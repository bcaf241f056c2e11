"""The executable as a Python interpreter, when it is called by the name `python...`.

Package installers, `subprocess.run([sys.executable, ...])` and multiprocessing call an
interpreter through its command line. They find this one under a link named `python3.x`
(`sandbox/imports.py`). What is understood is what those callers use: `-c`, `-m`,
a file, a folder or zip with `__main__`, `-` and standard input; the flags that change the
import path and the output; all other flags are accepted and ignored, as the interpreter is
already running.
"""

from __future__ import annotations

import builtins
import os
import runpy
import sys
import types
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

_TAKES_VALUE = frozenset("cmWX")
_NO_USER_PATH = frozenset("IE")  # flags under which PYTHONPATH does not count
_NO_SCRIPT_PATH = frozenset("IP")  # flags under which the program's own folder is not importable


@dataclass(frozen=True, slots=True)
class Call:
    """A Python command line, understood."""

    flags: frozenset[str] = frozenset()
    warn: tuple[str, ...] = ()  # the values of -W
    options: tuple[str, ...] = ()  # the values of -X
    how: str = "stdin"  # c, m, file, stdin or version
    what: str = ""  # the code, the module's name or the path
    rest: tuple[str, ...] = field(default=())  # the program's own arguments


def parse(argv: Sequence[str]) -> Call:
    """Read the arguments as CPython does: options end where the program begins."""
    flags: set[str] = set()
    values: dict[str, list[str]] = {"W": [], "X": []}
    words = list(argv)

    def call(how: str, what: str = "") -> Call:
        return Call(
            frozenset(flags), tuple(values["W"]), tuple(values["X"]), how, what, tuple(words)
        )

    while words:
        word = words.pop(0)
        if word in ("--version", "--help"):
            return call("version")
        if word == "-" or not word.startswith("-"):
            return call("stdin", word) if word == "-" else call("file", word)
        if word.startswith("--"):
            continue
        letter, value = _letters(word, words, flags)
        if letter in ("c", "m"):
            return call(letter, value)
        if letter:
            values[letter].append(value)
    return call("version" if "V" in flags else "stdin")


def _letters(word: str, words: list[str], flags: set[str]) -> tuple[str, str]:
    """Take the letters of one `-word`; one that takes a value comes back with it."""
    for at, letter in enumerate(word[1:], start=2):
        if letter in _TAKES_VALUE:
            return letter, word[at:] or (words.pop(0) if words else "")
        flags.add(letter)
    return "", ""


def as_python(me: str, argv: Sequence[str]) -> int:
    """Be `python argv...`, called by the link `me`; the exit code, as CPython's."""
    call = parse(argv)
    if call.how == "version":
        print(f"Python {sys.version.split()[0]}")
        return 0
    _become(me)
    _apply(call)
    return _run(call)


def _become(me: str) -> None:
    """Look like an ordinary interpreter to the code we run, and to what it starts."""
    sys.executable = me
    sys._base_executable = me  # type: ignore[attr-defined]  # noqa: SLF001  venv reads it
    if hasattr(sys, "frozen"):
        del sys.frozen
    import multiprocessing.spawn

    multiprocessing.spawn.set_executable(me)
    _enter_environment(Path(me).parent.parent)


def _enter_environment(home: Path) -> None:
    """Of a virtual environment whose `bin` has the link: its packages are importable, as they are
    where a package is built (uv makes one for what the build requires).
    """
    if not (home / "pyvenv.cfg").is_file():
        return
    import site

    sys.prefix = sys.exec_prefix = str(home)
    for packages in home.glob("lib/python*/site-packages"):
        site.addsitedir(str(packages))


def _apply(call: Call) -> None:
    if "u" in call.flags or os.environ.get("PYTHONUNBUFFERED"):
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(write_through=True)  # type: ignore[union-attr]
    for option in call.options:
        name, _, value = option.partition("=")
        sys._xoptions[name] = value or True  # noqa: SLF001  the documented place
    for action in call.warn:
        warnings.simplefilter(action.partition(":")[0])  # type: ignore[arg-type]
    if not call.flags & _NO_USER_PATH:
        added = [p for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
        sys.path[:0] = added


def _run(call: Call) -> int:
    """Run the program; what it does not catch is printed without our own frames, and is 1."""
    main = types.ModuleType("__main__")
    main.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = main
    importable = not call.flags & _NO_SCRIPT_PATH
    try:
        match call.how:
            case "c":
                _start(call, "-c", "" if importable else None)
                _execute(main, call.what, "<string>")
            case "m":
                _run_module(call, importable=importable)
            case "file":
                _run_file(main, call, importable=importable)
            case _:
                _start(call, call.what, "" if importable else None)
                _execute(main, sys.stdin.read(), "<stdin>")
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001  what the user's program did not catch
        _report(error)
    return 0


def _start(call: Call, name: str, folder: str | None) -> None:
    sys.argv = [name, *call.rest]
    if folder is not None:
        sys.path.insert(0, folder)


def _execute(main: types.ModuleType, code: str | bytes, file: str) -> None:
    exec(compile(code, file, "exec"), main.__dict__)  # noqa: S102  it is what an interpreter does


def _run_module(call: Call, *, importable: bool) -> None:
    _start(call, "-m", str(Path.cwd()) if importable else None)
    _run_as_main(call.what, alter_argv=True)


def _run_file(main: types.ModuleType, call: Call, *, importable: bool) -> None:
    path = Path(call.what)
    if path.is_dir() or path.suffix in (".zip", ".pyz", ".whl"):
        _start(call, call.what, call.what)
        _run_as_main("__main__", alter_argv=False)
        return
    try:
        code = path.read_bytes()
    except OSError as error:
        reason = f"[Errno {error.errno}] {error.strerror}"
        sys.stderr.write(f"{sys.executable}: can't open file {str(path.absolute())!r}: {reason}\n")
        raise SystemExit(2) from None
    main.__file__ = call.what
    _start(call, call.what, str(path.absolute().parent) if importable else None)
    _execute(main, code, call.what)


def _run_as_main(module: str, *, alter_argv: bool) -> None:
    """What `python -m` itself calls; `runpy.run_module` would take the globals away at the end."""
    runpy._run_module_as_main(module, alter_argv)  # type: ignore[attr-defined]  # noqa: SLF001


def _report(error: BaseException) -> NoReturn:
    trace, ours = error.__traceback__, _report.__code__.co_filename
    while trace is not None and trace.tb_frame.f_code.co_filename == ours:
        trace = trace.tb_next
    sys.excepthook(type(error), error.with_traceback(trace), trace)
    sys.stdout.flush()
    raise SystemExit(130 if isinstance(error, KeyboardInterrupt) else 1)
