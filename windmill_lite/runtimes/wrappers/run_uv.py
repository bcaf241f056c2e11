"""Packages of Python: uv resolves and installs them, in a cell that has nothing of any job.

The request has "program" (uv), "options" (which registries), for another Python than this one its
"python" (the program) and "version" ("3.12"), and "do":
  "lock"     the packages of requirements.in become a lock, which is the answer; versions that stand
             in lock.txt stay as long as they fit. What has no wheel at all is taken as source
  "install"  of "parts" ([name of a folder, line of a lock]) the first ones are installed, each into
             kept/<folder>; the answer is a tar archive of these, with a file .installed in each.
             Of one without a wheel there is kept/<folder>-source instead
  "build"    the only one of "parts" is built from its source and installed; the answer is the same
The exit code is 0, or else the output says why not. Code of packages runs only where the answer is
about one that is built, so that none can lay hands on another.
"""

from __future__ import annotations

import compileall
import gzip
import os
import py_compile
import re
import shutil
import subprocess
import sys
import tarfile
from collections import deque
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, Final

_QUIET: Final = ("--no-config", "--no-progress", "--color", "never", "--system-certs")
_AT_ONCE: Final = 4
_ENOUGH_BYTES: Final = 120 << 20  # that were installed: no more are begun
_MOST_BYTES: Final = 230 << 20  # of an answer, with room to its bound
_MARK: Final = ".installed"
_SOURCE: Final = "-source"
_WHEELLESS: Final = re.compile(r"Wheels are required for `([^`]+)` because building from source")
_FAILED: Final = re.compile(r"Failed to (?:download and )?build `([^`]+)`")
_MOST_SOURCES: Final = 20  # packages without a wheel that one resolution finds
_TOLD_LINES: Final = 20_000
_TOOL: Final = (
    r"([\w./+-]*\b(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+|gfortran|cargo|rustc|cmake|make|ninja|swig"
    r"|pkg-config|pg_config))"
)
_MISSING_TOOLS: Final = (
    re.compile(rf"No such file or directory: ['\"`]{_TOOL}['\"`]"),
    re.compile(rf"['\"`]?{_TOOL}['\"`]?:? (?:failed: No such file|(?:command )?not found)"),
)
_OF_COMPILERS: Final = re.compile(r"compiler|toolchain|autoconf|C program", re.IGNORECASE)
#: Pythons that were built elsewhere name the tools of that place.
_BUILDING: Final = {"CC": "cc", "CXX": "c++", "AR": "ar"}
#: A package's tests are not imported by scripts; their bytecode would take a third of the time.
_UNCOMPILED: Final = re.compile(r"[/\\](?:tests?|testing)[/\\]")


def answer(order: dict[str, Any], result_fd: int) -> int:
    """The exit code."""
    does = {"lock": _lock, "install": _install, "build": _build}
    failed = does[order["do"]](order, result_fd)
    sys.stdout.flush()
    return failed


def _lock(order: dict[str, Any], result_fd: int) -> int:
    if not _with_sources(order, "compile", "requirements.in", *_LOCKING):
        return 1
    text = f"# py: {_minor(order)}\n" + Path("lock.txt").read_text()
    with os.fdopen(result_fd, "w", closefd=False) as result:
        result.write(text)
    return 0


_LOCKING: Final = (
    *("--generate-hashes", "--no-header", "--no-annotate"),
    *("-o", "lock.txt", "--no-emit-index-url"),
)


def _minor(order: dict[str, Any]) -> str:
    return str(order.get("version", f"{sys.version_info.major}.{sys.version_info.minor}"))


def _with_sources(
    order: dict[str, Any], command: str, *words: str, sources: Collection[str] = ()
) -> bool:
    """Wheels, and the sources of what has none. Whether it worked, else uv has said why not.

    Each round finds out one more that has none.
    """
    building, said = list(sources), ""
    for _ in range(_MOST_SOURCES):
        said = _uv(order, command, *words, sources=building)
        found = _WHEELLESS.search(said)
        if not said:
            return True
        if found is None or found[1] in building:
            break
        building.append(found[1])
        _tell(f"{found[1]} has no wheel for Python {_minor(order)} here: its source is built\n")
    _tell(said[said.find("error:") :] if building else said)
    if (failed := _FAILED.search(said)) is not None:
        _tell(f"{failed[1]} has no wheel for Python {_minor(order)} here, and {_why(said)}\n")
    return False


def _build(order: dict[str, Any], result_fd: int) -> int:
    [[name, line]] = order["parts"]
    Path("kept").mkdir()
    Path(f"{name}.txt").write_text(f"{line}\n")
    package = re.split(r"[=\[; ]", line)[0]
    words = ("--no-deps", "--target", f"kept/{name}", "-r", f"{name}.txt")
    if not _with_sources(order, "install", *words, sources=[package]):
        return 1
    _compile(order.get("python"))
    _answer_with([name], result_fd)
    return 0


def _why(said: str) -> str:
    """A sentence about a failed build, which goes on after "and"."""
    tool = next(filter(None, (pattern.search(said) for pattern in _MISSING_TOOLS)), None)
    compiler = shutil.which("cc") is None and _OF_COMPILERS.search(said) is not None
    if tool is not None or compiler:
        return (
            f"its source cannot be built without {tool[1] if tool else 'a C compiler'}, which is "
            "not on this machine: install it (Debian has compilers in the package "
            "build-essential), or ask for a version that has a wheel"
        )
    if "Python.h: No such file" in said:
        return (
            "its source cannot be built without Python's headers, which this Python has not: ask "
            "for a version of it that has a wheel, or for a Python with headers (`#py:`), such as "
            "a runtime pack"
        )
    return (
        "its source could not be built, as told above: ask for a version that has a wheel, or for "
        "a Python (`#py:`) that it is made for"
    )


def _tell(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def _install(order: dict[str, Any], result_fd: int) -> int:
    """As many of the parts as make an answer of some size; the rest is asked for again."""
    Path("kept").mkdir()
    lines = dict(order["parts"])
    for name, line in lines.items():
        Path(f"{name}.txt").write_text(f"{line}\n")
    left, done = list(lines), list[str]()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        # The first one alone: it finds out what the others need to know about this Python.
        while left and _bytes_of(done) < _ENOUGH_BYTES:
            wave = left[: _AT_ONCE if done else 1]
            found = list(threads.map(lambda name: _one(order, name), wave))
            if "" in found:
                return 1
            done += found
            del left[: len(wave)]
    _compile(order.get("python"))
    _answer_with(_fitting(done), result_fd)
    return 0


def _fitting(names: list[str]) -> list[str]:
    """The first ones that are small enough together; at least one."""
    fitting = [names[0]]
    for name in names[1:]:
        if _bytes_of([*fitting, name]) > _MOST_BYTES:
            break
        fitting.append(name)
    return fitting


def _compile(python: str | None) -> None:
    if python is not None:  # bytecode is for one Python
        line = [
            python,
            "-I",
            "-S",
            "-W",
            "ignore",
            "-m",
            "compileall",
            "-qq",
            "-r",
            "100",
            "-x",
            _UNCOMPILED.pattern,
        ]
        line += ["--invalidation-mode", "unchecked-hash", "kept"]
        subprocess.run(line, stdin=subprocess.DEVNULL, check=False)
        return
    compileall.compile_dir(
        "kept",
        maxlevels=100,
        quiet=2,
        rx=_UNCOMPILED,
        # Nothing changes in what is kept, and its times are not.
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def _answer_with(names: list[str], result_fd: int) -> None:
    with os.fdopen(result_fd, "wb", closefd=False) as result:
        if _bytes_of(names) <= _MOST_BYTES:
            _write(names, result)
            return
        # One that is too large for an answer by itself.
        with gzip.GzipFile(fileobj=result, mode="wb", compresslevel=1) as smaller:
            _write(names, smaller)


def _write(names: list[str], result: IO[bytes] | gzip.GzipFile) -> None:
    with tarfile.open(fileobj=result, mode="w|") as archive:
        for name in names:
            Path(f"kept/{name}/{_MARK}").touch()
            archive.add(f"kept/{name}", filter=_plain)


def _bytes_of(names: list[str]) -> int:
    files = (path for name in names for path in Path(f"kept/{name}").rglob("*"))
    return sum(path.stat().st_size for path in files if path.is_file())


def _one(order: dict[str, Any], name: str) -> str:
    """What is in kept then; "" when it failed."""
    into = f"kept/{name}"
    Path(into).mkdir()
    said = _uv(order, "install", "--quiet", "--no-deps", "--target", into, "-r", f"{name}.txt")
    if _WHEELLESS.search(said) is None:
        _tell(said)
        return "" if said else name
    Path(into).rename(into + _SOURCE)
    return name + _SOURCE


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """What uv notes for itself does not go along."""
    return None if member.name.endswith("/.lock") else member


def _uv(order: dict[str, Any], command: str, *words: str, sources: Collection[str] = ()) -> str:
    """What uv said if it failed, else "". Where it builds `sources`, it is told as it comes, except
    for the error in the end.
    """
    place = os.environ["TMPDIR"]
    line = [order["program"], "pip", command, *words, *order["options"], *_QUIET]
    line += [
        "--only-binary",
        ":all:",
        *(word for name in sources for word in ("--no-binary", name)),
    ]
    line += ["--cache-dir", f"{place}/cache", "--python", order.get("python", sys.executable)]
    said, failed = deque[str](maxlen=_TOLD_LINES), False
    with subprocess.Popen(
        line,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=os.environ | (_BUILDING if sources else {}),
    ) as process:
        for row in process.stderr or ():
            said.append(row)
            failed = failed or row.startswith("error:")
            if sources and not failed:
                _tell(row)
    return "".join(said) or f"uv ended with {process.returncode}\n" if process.returncode else ""
